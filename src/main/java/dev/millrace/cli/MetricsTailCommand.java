package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.RunTail;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.metrics.TailRecord;
import dev.millrace.metrics.TailRecord.Kind;
import dev.millrace.sqlite.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace metrics tail}: the last records of a run, and those that come. */
@Command(
        name = "tail",
        description =
                "Print the last records of a run in the order of time; with -f also those that come, until it ends.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics tail runs/demo/run -n 20",
            "  millrace metrics tail -f --wait metrics.db --metric loss",
            "  millrace metrics tail -f metrics.db --kind epoch,event --json",
            "With -f the exit code tells how the run ended: 0 finished, 1 failed or",
            "crashed, 130 interrupted (or this command was). --json prints one object",
            "a line; NaN and infinities are strings in it."
        })
final class MetricsTailCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 250;
    private static final int MOST_AT_ONCE = 10_000;
    /** A file that is just being made is no metrics file yet. */
    private static final long PATIENCE_MILLIS = 10_000;

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
            names = {"-f", "--follow"},
            description = "Go on with what the run records, until it ends.")
    private boolean follow;

    @Option(names = "--wait", description = "Wait for the file, and for a run in it.")
    private boolean wait;

    @Option(names = "-n", paramLabel = "N", defaultValue = "10", description = "Records to begin with (default 10).")
    private int count;

    @Option(names = "--metric", paramLabel = "NAME", description = "Only this metric; may be repeated.")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description = "Only step, epoch, resource, generation or event, several with commas.")
    private Set<Kind> kinds = EnumSet.noneOf(Kind.class);

    @Option(names = "--json", description = "Print JSON, one object a line.")
    private boolean json;

    @Override
    public Integer call() {
        Inputs.range("-n", count, 0, 1_000_000);
        Interruption interruption = Interruption.watch();
        try (MetricsReader reader = open()) {
            RunInfo run = run(reader);
            RunTail tail = tail(reader, run);
            List<TailRecord> last = tail.last(Math.max(1, count));
            print(count == 0 ? List.of() : last);
            return follow ? follow(reader, tail, run) : ExitCode.DONE.code();
        } catch (InterruptedException e) {
            return ExitCode.INTERRUPTED.code();
        } finally {
            interruption.end();
        }
    }

    private MetricsReader open() throws InterruptedException {
        while (wait && !Files.exists(MetricsInput.expected(named))) {
            Thread.sleep(POLL_MILLIS);
        }
        Path file = MetricsInput.file(named);
        for (long waited = 0; ; waited += POLL_MILLIS) {
            try {
                return MetricsReader.open(file);
            } catch (DatabaseException e) {
                if (!wait || waited >= PATIENCE_MILLIS) {
                    throw e;
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private RunInfo run(MetricsReader reader) throws InterruptedException {
        while ((wait || follow) && reader.runs().isEmpty()) {
            Thread.sleep(POLL_MILLIS);
        }
        return MetricsInput.run(reader, runName);
    }

    private RunTail tail(MetricsReader reader, RunInfo run) {
        RunTail tail = reader.tail(run.id());
        if (!kinds.isEmpty()) {
            tail.only(kinds);
        }
        if (!metrics.isEmpty()) {
            tail.only(this::isWanted);
            if (kinds.isEmpty()) {
                // Who asks for a metric does not ask for events.
                tail.only(EnumSet.complementOf(EnumSet.of(Kind.EVENT)));
            }
        }
        return tail;
    }

    private boolean isWanted(SeriesInfo series) {
        return metrics.contains(series.name()) || metrics.contains(series.scope() + "/" + series.name());
    }

    private int follow(MetricsReader reader, RunTail tail, RunInfo first) throws InterruptedException {
        RunInfo run = first;
        while (true) {
            // Before the records: what a run writes before it ends is there when it has.
            run = reader.run(run.id());
            List<TailRecord> added = tail.next(MOST_AT_ONCE);
            print(added);
            if (run.status() != RunStatus.RUNNING && added.isEmpty()) {
                end(run);
                return code(run.status());
            }
            if (added.isEmpty() || run.status() == RunStatus.RUNNING) {
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private static int code(RunStatus status) {
        return switch (status) {
            case FAILED, CRASHED -> ExitCode.FAILED.code();
            case INTERRUPTED -> ExitCode.INTERRUPTED.code();
            case FINISHED, RUNNING -> ExitCode.DONE.code();
        };
    }

    private void end(RunInfo run) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", "end");
            fields.put("run", run.id());
            fields.put("status", MetricsFacts.status(run));
            fields.put("duration_seconds", MetricsFacts.seconds(run));
            console.print(JsonMapper.shared().writeValueAsString(fields));
        } else {
            console.print("run " + run.id() + " (" + MetricsFacts.name(run.name()) + ") " + MetricsFacts.status(run)
                    + " after " + Notation.duration(MetricsFacts.seconds(run)));
        }
    }

    private void print(List<TailRecord> records) {
        if (json) {
            for (TailRecord record : records) {
                console.print(JsonMapper.shared().writeValueAsString(TailLines.json(record)));
            }
            return;
        }
        var style = terminal.style(MetricsShowCommand.ROWS);
        for (String line : TailLines.of(records, style.columns())) {
            console.print(Terminal.line(line, style));
        }
    }
}
