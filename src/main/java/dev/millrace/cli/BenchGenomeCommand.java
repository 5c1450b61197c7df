package dev.millrace.cli;

import dev.millrace.bench.Figure;
import dev.millrace.bench.GenomeBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench genome}: windows of genomes against their goals and the original's way. */
@Command(
        name = "genome",
        description =
                "Measure windows of genomes: a store against the original's way over its files, as a Markdown table."
                        + " All sequences are synthetic. Takes some minutes.",
        footer = {"", "Example: millrace bench genome --part latency,loader --json"})
final class BenchGenomeCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "P",
            description = "What to measure: latency, loader, index or scale (default all).")
    private List<String> parts = GenomeBench.parts();

    @Option(
            names = "--size",
            paramLabel = "MB",
            description = "Megabases of each store that is made (default ${DEFAULT-VALUE}).")
    private int megabases = 100;

    @Option(
            names = "--gigabases",
            paramLabel = "N",
            description =
                    "Gigabases of the largest store of the part scale (default ${DEFAULT-VALUE}); 0 leaves it out.")
    private double gigabases = 1;

    @Option(
            names = "--temp",
            paramLabel = "DIR",
            description = "Whose disk to measure (default the folder for temporary files).")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Inputs.folder(folder);
        if (megabases < 1 || megabases > 100_000) {
            throw new UsageException("--size: expected 1 to 100000 megabases, found " + megabases + ".");
        }
        if (!(gigabases >= 0 && gigabases <= 1_000)) {
            throw new UsageException("--gigabases: expected 0 to 1000, found " + gigabases + ".");
        }
        for (String part : parts) {
            if (!GenomeBench.parts().contains(part)) {
                throw new UsageException(
                        "--part: expected one of " + String.join(", ", GenomeBench.parts()) + ", found " + part + ".");
            }
        }
        List<Figure> figures = GenomeBench.run(parts, folder, new GenomeBench.Options(megabases, gigabases));
        if (json) {
            console.printJson(Figure.json(figures));
        } else {
            console.print(Figure.markdown(figures).stripTrailing());
        }
        return ExitCode.DONE.code();
    }
}
