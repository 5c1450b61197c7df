package dev.millrace.cli;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsReport;
import dev.millrace.metrics.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics report}: a run as one HTML file. */
@Command(
        name = "report",
        description =
                "Write a run as one HTML file that needs nothing beside it: curves, resources, stages, values, events.",
        footer = {"", "Example:", "  millrace metrics report runs/demo/run --out report.html"})
final class MetricsReportCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(names = "--out", required = true, paramLabel = "R.html", description = "The report.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--run", paramLabel = "RUN", description = "Number or name of the run (default: the latest).")
    private @Nullable String runName;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path file = MetricsInput.file(named);
        MetricsInput.output(out, file);
        RunInfo run;
        try (MetricsReader reader = MetricsReader.open(file)) {
            run = MetricsInput.run(reader, runName);
        }
        MetricsReport.writeHtml(file, run.id(), out);
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("out", out.toString());
            fields.put("run", run.id());
            fields.put("bytes", Files.size(out));
            console.printJson(fields);
        } else {
            console.print(out.toString());
        }
        return ExitCode.DONE.code();
    }
}
