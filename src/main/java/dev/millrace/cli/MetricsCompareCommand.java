package dev.millrace.cli;

import dev.millrace.chart.PlainText;
import dev.millrace.chart.TextRenderer;
import dev.millrace.chart.TextStyle;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics compare}: several runs beside each other. */
@Command(
        name = "compare",
        description = "Compare runs: last and best values with their differences from the first run, the settings that"
                + " differ, and the curves over each other.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics compare runs/a runs/b",
            "  millrace metrics compare metrics.db#1 metrics.db#3 --metric val/loss",
            "  millrace metrics compare metrics.db --json",
            "A file without # stands for its latest run; a single file for all of its runs."
        })
final class MetricsCompareCommand implements Callable<Integer> {
    private static final int MOST_RUNS = 26;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final Terminal terminal = new Terminal();

    @Parameters(arity = "1..*", paramLabel = "RUN.db[#RUN]", description = "Metrics files or folders of runs.")
    private List<String> named = new ArrayList<>();

    @Option(
            names = "--metric",
            paramLabel = "NAME",
            description = "Compare this metric only, such as loss or val/loss; may be repeated.")
    private List<String> metrics = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Map<Path, MetricsReader> readers = new HashMap<>();
        try {
            List<RunComparison.Compared> runs = runs(readers);
            RunComparison comparison = RunComparison.of(runs, metrics);
            if (json) {
                console.printJson(comparison.json());
            } else {
                print(comparison);
            }
        } finally {
            readers.values().forEach(MetricsReader::close);
        }
        return ExitCode.DONE.code();
    }

    private List<RunComparison.Compared> runs(Map<Path, MetricsReader> readers) {
        List<RunComparison.Compared> runs = new ArrayList<>();
        for (String argument : named) {
            int hash = argument.lastIndexOf('#');
            // A file may have such a name itself.
            boolean whole = hash < 0 || Files.exists(Path.of(argument));
            Path file = MetricsInput.file(Path.of(whole ? argument : argument.substring(0, hash)));
            MetricsReader reader = readers.computeIfAbsent(file, MetricsReader::open);
            if (whole && named.size() == 1) {
                reader.runs().forEach(run -> runs.add(new RunComparison.Compared(file, reader, run)));
            } else {
                RunInfo run = MetricsInput.run(reader, whole ? null : argument.substring(hash + 1));
                runs.add(new RunComparison.Compared(file, reader, run));
            }
        }
        if (runs.isEmpty()) {
            throw new UsageException("No run in this file yet.");
        }
        if (runs.size() > MOST_RUNS) {
            throw new UsageException("Expected at most " + MOST_RUNS + " runs to compare, found " + runs.size()
                    + ". Name some of them, as in metrics.db#3.");
        }
        return runs;
    }

    private void print(RunComparison comparison) {
        TextStyle style = terminal.style(MetricsShowCommand.ROWS);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < comparison.runs().size(); i++) {
            RunComparison.Compared one = comparison.runs().get(i);
            lines.add(
                    RunComparison.letter(i) + "  " + PlainText.visible(one.run().name(), 60) + "  ("
                            + MetricsFacts.status(one.run()) + ", " + MetricsFacts.path(one.file()) + "#"
                            + one.run().id() + ")");
        }
        List<List<String>> values = comparison.valueRows();
        if (!values.isEmpty()) {
            lines.add("");
            lines.addAll(new TextTable(RunComparison.VALUE_HEAD, values).lines());
        }
        lines.add("");
        List<List<String>> params = comparison.paramRows();
        if (params.isEmpty()) {
            lines.add("no setting differs");
        } else {
            List<String> head = new ArrayList<>(List.of("setting"));
            for (int i = 0; i < comparison.runs().size(); i++) {
                head.add(RunComparison.letter(i));
            }
            lines.addAll(new TextTable(head, params).lines());
        }
        comparison.picture().ifPresent(picture -> {
            lines.add("");
            lines.addAll(TextRenderer.lines(picture, style));
        });
        lines.forEach(line -> console.print(Terminal.line(line, style)));
    }
}
