package dev.millrace.cli;

import dev.millrace.bench.Figure;
import dev.millrace.bench.KvBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench kv}: the key-value store against the goals and one transaction per put. */
@Command(
        name = "kv",
        description =
                "Measure the key-value store against one transaction per put, as a Markdown table. All entries are"
                        + " synthetic. Takes about two minutes.",
        footer = {"", "Example: millrace bench kv --part through,threads --json"})
final class BenchKvCommand implements Callable<Integer> {
    private static final int MOST_ENTRIES = 10_000_000;
    private static final int MOST_REPEATS = 100;

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "P",
            description = "What to measure (default all): put, async1000, through, threads, behind,"
                    + " get, cached, encrypted, transform.")
    private List<String> parts = KvBench.parts();

    @Option(
            names = "--entries",
            paramLabel = "N",
            description = "Entries of 100 bytes to put (default ${DEFAULT-VALUE}).")
    private int entries = 200_000;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            description = "How often each way is measured; the best counts (default ${DEFAULT-VALUE}).")
    private int repeats = 5;

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
        Inputs.range("--entries", entries, 1_000, MOST_ENTRIES);
        Inputs.range("--repeats", repeats, 1, MOST_REPEATS);
        for (String part : parts) {
            if (!KvBench.parts().contains(part)) {
                throw new UsageException(
                        "--part: expected one of " + String.join(", ", KvBench.parts()) + ", found " + part + ".");
            }
        }
        List<Figure> figures = KvBench.run(parts, folder, new KvBench.Options(entries, repeats));
        if (json) {
            console.printJson(Figure.json(figures));
        } else {
            console.print(Figure.markdown(figures).stripTrailing());
        }
        return ExitCode.DONE.code();
    }
}
