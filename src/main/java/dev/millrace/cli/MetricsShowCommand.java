package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.chart.PlainText;
import dev.millrace.chart.TextRenderer;
import dev.millrace.chart.TextStyle;
import dev.millrace.metrics.MetricsPlot;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics show}: one run on the terminal. */
@Command(
        name = "show",
        description =
                "Show a run: how it stands, its last and best values, its curves, what the machine did, its events.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics show runs/demo/run",
            "  millrace metrics show metrics.db --run 2 --metric loss --metric cosine",
            "  millrace metrics show metrics.db --live",
            "  millrace metrics show metrics.db --plot resources.png",
            "Total samples counts the resource samples of the file, duration and size are those of the file."
        })
final class MetricsShowCommand implements Callable<Integer> {
    /** Lines of a chart. */
    static final int ROWS = 12;

    private static final long LIVE_INTERVAL_MILLIS = 1_000;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final Terminal terminal = new Terminal();

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(names = "--run", paramLabel = "RUN", description = "Number or name of the run (default: the latest).")
    private @Nullable String runName;

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "Draw the chart of this metric; may be repeated (default: the losses).")
    private List<String> metrics = new ArrayList<>();

    @Option(names = "--live", description = "Show it anew each second until the run ends.")
    private boolean live;

    @Option(names = "--once", description = "Show it once, which is the default.")
    private boolean once;

    @Option(
            names = "--plot",
            paramLabel = "P.png|P.svg",
            description = "Also draw the resources into a file, as 'metrics plot --kind resources' does.")
    private @Nullable Path plot;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (live && (once || json)) {
            throw new UsageException("--live: expected neither --once nor --json beside it.");
        }
        Path file = MetricsInput.file(named);
        if (plot != null) {
            Path out = MetricsInput.output(plot, file);
            Inputs.checked(() -> MetricsPlot.Format.of(out));
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            RunInfo run = MetricsInput.run(reader, runName);
            if (json) {
                console.printJson(RunOverview.of(file, reader, run).json());
            } else if (live) {
                watch(file, reader, run);
            } else {
                lines(file, reader, run).forEach(console::print);
            }
            Path out = plot;
            if (out != null) {
                MetricsPlot.write(MetricsPlot.resources(reader, run), out, MetricsPlotCommand.USUAL_SIZE);
                console.note("wrote " + out);
            }
        }
        return ExitCode.DONE.code();
    }

    private void watch(Path file, MetricsReader reader, RunInfo first) throws InterruptedException {
        Interruption interruption = Interruption.watch();
        try {
            RunInfo run = first;
            while (true) {
                List<String> lines = lines(file, reader, run);
                if (Terminal.isTerminal()) {
                    lines = lines.subList(0, Math.min(lines.size(), Terminal.rows() - 1));
                    // To the top left, then each line over the old one, then away with what is left below.
                    console.print("\u001b[H" + String.join("\u001b[K\n", lines) + "\u001b[K\n\u001b[J");
                } else {
                    lines.forEach(console::print);
                    console.print("");
                }
                if (run.status() != RunStatus.RUNNING) {
                    return;
                }
                Thread.sleep(LIVE_INTERVAL_MILLIS);
                run = reader.run(run.id());
            }
        } finally {
            interruption.end();
        }
    }

    private List<String> lines(Path file, MetricsReader reader, RunInfo run) {
        TextStyle style = terminal.style(ROWS);
        RunOverview overview = RunOverview.of(file, reader, run);
        List<String> lines = new ArrayList<>();
        head(lines, overview);
        overview.values(lines);
        List<String> chosen = metrics.isEmpty() ? overview.losses() : metrics;
        if (!chosen.isEmpty()) {
            lines.add("");
            lines.addAll(charts(reader, run, chosen, style));
        }
        overview.resources(lines, reader, style);
        overview.rest(lines);
        return lines.stream().map(line -> Terminal.line(line, style)).toList();
    }

    private static List<String> charts(MetricsReader reader, RunInfo run, List<String> metrics, TextStyle style) {
        var picture = Inputs.checked(() -> MetricsPlot.training(reader, run, metrics));
        return TextRenderer.lines(picture.untitled(), style);
    }

    private static void head(List<String> lines, RunOverview overview) {
        RunInfo run = overview.run();
        lines.add(PlainText.visible(run.name(), 70) + " (run " + run.id() + " of " + MetricsFacts.path(overview.file())
                + ")");
        lines.add(String.join(
                " · ",
                MetricsFacts.status(run),
                "started " + MetricsFacts.time(run.startedAt()) + ", " + MetricsFacts.age(run, Instant.now()),
                "took " + Notation.duration(overview.seconds()),
                MetricsFacts.name(run.host()) + ", process " + run.processId()));
        if (!run.tags().isEmpty()) {
            lines.add("Tags: " + PlainText.visible(String.join(", ", run.tags()), 200));
        }
        var file = overview.summary();
        lines.add(String.format(Locale.ROOT, "Total samples: %d", file.resourceMetricsCount()));
        lines.add(String.format(Locale.ROOT, "Duration: %.2f minutes", file.durationMinutes()));
        lines.add(String.format(Locale.ROOT, "DB size: %.2f MB", file.dbSizeMb()));
        if (file.droppedCount() > 0 || file.rejectedCount() > 0) {
            lines.add("Not kept: " + file.droppedCount() + " dropped, " + file.rejectedCount() + " refused");
        }
        for (Map.Entry<String, String> param : run.params().entrySet()) {
            lines.add("  " + MetricsFacts.name(param.getKey()) + " = " + PlainText.visible(param.getValue(), 120));
        }
    }
}
