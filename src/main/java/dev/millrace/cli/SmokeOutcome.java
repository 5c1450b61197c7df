package dev.millrace.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one domain of {@code millrace smoke} went. Immutable; NaN where nothing was measured.
 *
 * @param steps optimizer steps; 0 for what trains nothing
 * @param firstLoss mean over the first steps
 * @param lastLoss mean over as many last steps
 * @param samplesPerSecond of the training, loading included
 * @param loader samples per second of the loader alone
 * @param perRecord the same, record by record
 * @param floor what their ratio must reach
 * @param message what failed, null if nothing did
 * @param seconds everything took
 */
record SmokeOutcome(
        String name,
        ExitCode code,
        Verdict verdict,
        long steps,
        double firstLoss,
        double lastLoss,
        double samplesPerSecond,
        double loader,
        double perRecord,
        double floor,
        @Nullable String message,
        double seconds) {
    /** The one word for it. */
    enum Verdict {
        OK,
        DIVERGED,
        TOO_SLOW,
        FAILED;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    static final List<String> HEAD = List.of(
            "domain",
            "steps",
            "first loss",
            "last loss",
            "samples/s",
            "loader/s",
            "per record/s",
            "ratio",
            "floor",
            "verdict");

    double ratio() {
        return loader / perRecord;
    }

    /** Under {@link #HEAD}. */
    List<String> row() {
        return List.of(
                name,
                steps == 0 ? "-" : Long.toString(steps),
                EpochTable.significant(firstLoss),
                EpochTable.significant(lastLoss),
                rate(samplesPerSecond),
                rate(loader),
                rate(perRecord),
                times(ratio()),
                times(floor),
                verdict.word());
    }

    /** For a program; null for what was not measured. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("domain", name);
        fields.put("verdict", verdict.name().toLowerCase(Locale.ROOT));
        fields.put("exit_code", code.code());
        fields.put("message", message);
        fields.put("steps", steps);
        fields.put("first_loss", known(firstLoss));
        fields.put("last_loss", known(lastLoss));
        fields.put("samples_per_second", known(samplesPerSecond));
        fields.put("loader_samples_per_second", known(loader));
        fields.put("per_record_samples_per_second", known(perRecord));
        fields.put("loader_ratio", known(ratio()));
        fields.put("min_loader_ratio", known(floor));
        fields.put("seconds", seconds);
        return fields;
    }

    private static @Nullable Double known(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static String rate(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.0f", value);
    }

    private static String times(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, value < 1000 ? "%.2f" : "%.3g", value);
    }
}
