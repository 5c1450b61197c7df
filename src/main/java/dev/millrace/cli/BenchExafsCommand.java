package dev.millrace.cli;

import dev.millrace.bench.ExafsBench;
import dev.millrace.bench.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench exafs}: χ of scattering paths against the goals and the way over the files. */
@Command(
        name = "exafs",
        description =
                "Measure χ of scattering paths: a database against the path files, as a Markdown table. All paths are"
                        + " synthetic. Takes some minutes.",
        footer = {"", "Example: millrace bench exafs --part average --json"})
final class BenchExafsCommand implements Callable<Integer> {
    private static final int MOST_PATHS = 100_000_000;

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "P",
            description = "What to measure (default all): build, size, scale, average, loader.")
    private List<String> parts = ExafsBench.parts();

    @Option(names = "--files", paramLabel = "N", description = "Path files of the tree (default ${DEFAULT-VALUE}).")
    private int files = 24_000;

    @Option(
            names = "--paths",
            paramLabel = "N",
            description = "Paths of the large database that is streamed (default ${DEFAULT-VALUE}); 0 leaves it out.")
    private int paths = 500_000;

    @Option(
            names = "--scale",
            paramLabel = "N",
            description = "Path files of the large tree of the part scale (default ${DEFAULT-VALUE}); 0 leaves it out.")
    private int scale = 200_000;

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
        Inputs.range("--files", files, 1, MOST_PATHS);
        Inputs.range("--paths", paths, 0, MOST_PATHS);
        Inputs.range("--scale", scale, 0, MOST_PATHS);
        for (String part : parts) {
            if (!ExafsBench.parts().contains(part)) {
                throw new UsageException(
                        "--part: expected one of " + String.join(", ", ExafsBench.parts()) + ", found " + part + ".");
            }
        }
        List<Figure> figures = ExafsBench.run(parts, folder, new ExafsBench.Options(files, paths, scale));
        if (json) {
            console.printJson(Figure.json(figures));
        } else {
            console.print(Figure.markdown(figures).stripTrailing());
        }
        return ExitCode.DONE.code();
    }
}
