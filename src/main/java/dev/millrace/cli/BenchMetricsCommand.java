package dev.millrace.cli;

import dev.millrace.bench.Figure;
import dev.millrace.bench.MetricsBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench metrics}: the metrics store against its goals. */
@Command(
        name = "metrics",
        description =
                "Measure the metrics store: recording, reading, room and ending, as a Markdown table. Takes minutes.",
        footer = {"", "Example: millrace bench metrics --part latency,throughput --json"})
final class BenchMetricsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "P",
            description = "What to measure: latency, throughput, room, aggregate, chart, report, drain, import or"
                    + " training (default all).")
    private List<String> parts = MetricsBench.parts();

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Whose disk to measure (default the folder for temporary files).")
    private Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Inputs.folder(folder);
        for (String part : parts) {
            if (!MetricsBench.parts().contains(part)) {
                throw new UsageException(
                        "--part: expected one of " + String.join(", ", MetricsBench.parts()) + ", found " + part + ".");
            }
        }
        List<Figure> figures = MetricsBench.run(parts, folder);
        if (json) {
            console.printJson(Figure.json(figures));
        } else {
            console.print(Figure.markdown(figures).stripTrailing());
        }
        return ExitCode.DONE.code();
    }
}
