package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics ls}: the runs of files and folders. */
@Command(
        name = "ls",
        description = "List the runs of metrics files, and of all metrics.db below folders.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics ls runs",
            "  millrace metrics ls runs/demo/run --json",
            "A run whose process is gone without a word is shown as crashed. loss and val loss are the last ones."
        })
final class MetricsLsCommand implements Callable<Integer> {
    private static final int DEEPEST = 8;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final Terminal terminal = new Terminal();

    @Parameters(arity = "1..*", paramLabel = "RUN.db|FOLDER", description = "Metrics files or folders.")
    private List<Path> named = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** A run and its last values. */
    private record Found(Path file, RunInfo run, MetricsFacts.Latest latest) {}

    @Override
    public Integer call() throws IOException {
        List<Found> found = new ArrayList<>();
        for (Path path : named) {
            if (Files.isDirectory(path)) {
                for (Path file : below(path)) {
                    try {
                        found.addAll(runs(file));
                    } catch (DatabaseException e) {
                        // One bad file must not hide the others.
                        console.warn(String.valueOf(e.getMessage()));
                    }
                }
            } else {
                found.addAll(runs(Inputs.file(path)));
            }
        }
        if (json) {
            console.printJson(found.stream().map(MetricsLsCommand::fields).toList());
        } else if (found.isEmpty()) {
            console.print("no run yet");
        } else {
            print(found);
        }
        return ExitCode.DONE.code();
    }

    private static List<Path> below(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
            return files.filter(file -> file.endsWith(RunFolder.METRICS) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }

    private static List<Found> runs(Path file) {
        try (MetricsReader reader = MetricsReader.open(file)) {
            return reader.runs().stream()
                    .map(run -> new Found(file, run, MetricsFacts.Latest.of(reader, run)))
                    .toList();
        }
    }

    private void print(List<Found> found) {
        Instant now = Instant.now();
        List<List<String>> rows = new ArrayList<>();
        for (Found one : found) {
            Long step = one.latest.step();
            rows.add(List.of(
                    String.valueOf(one.run.id()),
                    MetricsFacts.name(one.run.name()),
                    MetricsFacts.status(one.run),
                    MetricsFacts.age(one.run, now),
                    Notation.duration(MetricsFacts.seconds(one.run)),
                    step == null ? "-" : Notation.count(step),
                    MetricsFacts.text(one.latest.loss()),
                    MetricsFacts.text(one.latest.validationLoss()),
                    MetricsFacts.names(one.run.tags()),
                    MetricsFacts.name(one.run.host()),
                    MetricsFacts.path(one.file)));
        }
        List<String> head =
                List.of("run", "name", "status", "started", "took", "step", "loss", "val loss", "tags", "host", "file");
        new TextTable(head, rows)
                .lines()
                .forEach(line -> console.print(Terminal.line(line, terminal.style(MetricsShowCommand.ROWS))));
    }

    private static Map<String, Object> fields(Found found) {
        Map<String, Object> fields = new LinkedHashMap<>(MetricsFacts.json(found.file, found.run));
        fields.put("last_step", found.latest.step());
        fields.put("last_loss", MetricsFacts.number(found.latest.loss()));
        fields.put("last_validation_loss", MetricsFacts.number(found.latest.validationLoss()));
        return fields;
    }
}
