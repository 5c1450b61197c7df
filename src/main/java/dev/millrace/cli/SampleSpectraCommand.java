package dev.millrace.cli;

import dev.millrace.spectra.SpectraSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace sample spectra}: an MSP file and its MOL files. */
@Command(
        name = "spectra",
        description = "Write DIR/spectra.msp and DIR/mol/ID<n>.MOL: synthetic compounds, no measurements.")
final class SampleSpectraCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--count", required = true, paramLabel = "N", description = "Number of compounds.")
    private int count;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Seed (default 42).")
    private long seed;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder; made if absent.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        Inputs.range("--count", count, 1, 100_000_000);
        try (PhaseProgress progress = new PhaseProgress(console)) {
            SpectraSample.write(out, count, seed, progress);
        }
        console.print("Wrote " + count + " synthetic compounds to " + out.resolve("spectra.msp") + " and "
                + out.resolve("mol") + ". They describe no real substance.");
        return ExitCode.DONE.code();
    }
}
