package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace sample table}: an SQLite file as a user might bring it. */
@Command(
        name = "table",
        description = {
            "Write FILE, an SQLite database as you might bring one: houses, their districts and prices, and pictures of digits.",
            "It is synthetic. configs/own-tabular.yaml and configs/own-images.yaml train on it."
        })
final class SampleTableCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--houses", defaultValue = "4000", paramLabel = "N", description = "Houses (default 4000).")
    private int houses;

    @Option(names = "--digits", defaultValue = "4000", paramLabel = "N", description = "Pictures (default 4000).")
    private int digits;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Seed (default 42).")
    private long seed;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Database to write; a new name.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        Inputs.range("--houses", houses, 1, 100_000_000);
        Inputs.range("--digits", digits, 1, 100_000_000);
        Inputs.inFolder(out);
        if (Files.exists(out)) {
            // It may be a database of the user's.
            throw new UsageException(
                    "--out: expected a new name, found a file: " + out + ". Remove it, or choose another.");
        }
        console.note("These rows are synthetic: no such house was sold, and nobody wrote these digits.");
        Path partial = out.resolveSibling(out.getFileName() + ".partial");
        try {
            Files.deleteIfExists(partial);
            new TableSample(houses, digits, seed).write(partial);
            Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
        console.print(String.format(
                Locale.ROOT,
                "Wrote %,d synthetic houses and %,d pictures of digits to %s. Noise in the prices: no model can err by less than"
                        + " %.1f on average.",
                houses,
                digits,
                out,
                TableSample.LEAST_ERROR));
        return ExitCode.DONE.code();
    }
}
