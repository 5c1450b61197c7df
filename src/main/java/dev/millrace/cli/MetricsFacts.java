package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.chart.PlainText;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesFigures;
import dev.millrace.metrics.TailRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the commands on metrics say of a run, for people and for programs. */
final class MetricsFacts {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Set<String> TRAINING = Set.of("loss", "train/loss", "train_loss", "training/loss");
    private static final Set<String> VALIDATION = Set.of("val/loss", "val_loss", "valid/loss", "validation/loss");

    private MetricsFacts() {}

    /**
     * The last values of a run that a list shows.
     *
     * @param step the last step; null if it records none
     * @param loss the last training loss; NaN without
     * @param validationLoss the last validation loss; NaN without
     */
    record Latest(@Nullable Long step, double loss, double validationLoss) {
        static Latest of(MetricsReader reader, RunInfo run) {
            Long step = null;
            double loss = Double.NaN;
            double epochLoss = Double.NaN;
            double validation = Double.NaN;
            Set<TailRecord.Kind> kinds = Set.of(TailRecord.Kind.STEP, TailRecord.Kind.EPOCH);
            for (TailRecord last : reader.tail(run.id()).only(kinds).latest()) {
                Long at = last.step();
                if (at != null && (step == null || at > step)) {
                    step = at;
                }
                String name = (last.scope().isEmpty() ? last.name() : last.scope() + "/" + last.name())
                        .toLowerCase(Locale.ROOT);
                if (VALIDATION.contains(name)) {
                    validation = last.value();
                } else if (TRAINING.contains(name) && last.kind() == TailRecord.Kind.STEP) {
                    loss = last.value();
                } else if (TRAINING.contains(name)) {
                    epochLoss = last.value();
                }
            }
            return new Latest(step, Double.isNaN(loss) ? epochLoss : loss, validation);
        }
    }

    static String time(Instant instant) {
        return TIME.format(instant);
    }

    static String status(RunInfo run) {
        return run.status().name().toLowerCase(Locale.ROOT);
    }

    /** From the start to the end; of a run that did not end, to the moment it was last seen. */
    static double seconds(RunInfo run) {
        Instant ended = run.endedAt();
        return Duration.between(run.startedAt(), ended == null ? run.lastSeenAt() : ended)
                        .toMillis()
                / 1e3;
    }

    /** How long ago it started, against the clock of this machine. */
    static String age(RunInfo run, Instant now) {
        double seconds = Math.max(0, Duration.between(run.startedAt(), now).toMillis() / 1e3);
        return Notation.duration(seconds < 60 ? Math.floor(seconds) : seconds) + " ago";
    }

    /** A run as JSON. */
    static Map<String, Object> json(Path file, RunInfo run) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("run", run.id());
        fields.put("uuid", run.uuid().toString());
        fields.put("name", run.name());
        fields.put("status", status(run));
        fields.put("started", run.startedAt().toString());
        Instant ended = run.endedAt();
        fields.put("ended", ended == null ? null : ended.toString());
        fields.put("duration_seconds", seconds(run));
        fields.put("host", run.host());
        fields.put("process_id", run.processId());
        fields.put("tags", run.tags());
        fields.put("params", run.params());
        return fields;
    }

    /** The figures of a series as JSON. */
    static Map<String, Object> json(SeriesFigures figures) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", figures.name());
        fields.put("kind", figures.series().kind().name().toLowerCase(Locale.ROOT));
        fields.put("unit", figures.series().unit());
        fields.put("axis", figures.axis().name().toLowerCase(Locale.ROOT));
        fields.put("values", figures.points());
        fields.put("not_finite", figures.notFinite());
        fields.put("first", number(figures.first()));
        fields.put("last", number(figures.last()));
        fields.put("last_at", number(figures.lastAt()));
        SeriesFigures.Best best = figures.best();
        fields.put("best", best == null ? null : number(best.value()));
        fields.put("best_at", best == null ? null : number(best.at()));
        fields.put("lowest", number(figures.lowest()));
        fields.put("lowest_at", number(figures.lowestAt()));
        fields.put("highest", number(figures.highest()));
        fields.put("highest_at", number(figures.highestAt()));
        return fields;
    }

    /** JSON has no NaN and no infinity: they become the words of Java and Python. */
    static Object number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        // A step is no 12.0 to who reads it.
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : (Object) value;
    }

    /** A value or nothing. */
    static String text(double value) {
        return Double.isNaN(value) ? "-" : Notation.number(value);
    }

    /** A name on a terminal. */
    static String name(String name) {
        return PlainText.visible(name, 40);
    }

    /** A path on a terminal: whole, but harmless. */
    static String path(Path path) {
        return PlainText.visible(path.toString());
    }

    /** Several names on a terminal. */
    static String names(List<String> names) {
        return PlainText.visible(String.join(", ", names), 40);
    }
}
