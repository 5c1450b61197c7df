package dev.millrace.metrics;

import java.util.Locale;
import java.util.Map;

/**
 * A name such as {@code val/loss} taken apart, so that training and validation share a chart.
 *
 * @param phase {@code training}, {@code validation}, {@code test} or empty
 * @param metric the rest
 */
record MetricName(String phase, String metric) {
    private static final Map<String, String> PHASES = Map.of(
            "train", "training",
            "training", "training",
            "val", "validation",
            "valid", "validation",
            "validate", "validation",
            "validation", "validation",
            "test", "test");

    static MetricName of(String name) {
        int cut = 0;
        while (cut < name.length() && Character.isLetter(name.charAt(cut))) {
            cut++;
        }
        String phase = PHASES.get(name.substring(0, cut).toLowerCase(Locale.ROOT));
        boolean separated = cut < name.length() - 1 && "_/.-".indexOf(name.charAt(cut)) >= 0;
        return phase == null || !separated ? new MetricName("", name) : new MetricName(phase, name.substring(cut + 1));
    }

    /** What a series is called in the chart of its metric. */
    static String label(SeriesInfo series) {
        MetricName split = of(series.name());
        return switch (series.kind()) {
            case STEP -> split.phase.isEmpty() ? "each step" : split.phase + ", each step";
            case EPOCH -> {
                String phase = PHASES.getOrDefault(series.scope().toLowerCase(Locale.ROOT), series.scope());
                String named = phase.isEmpty() ? split.phase : phase;
                yield named.isEmpty() ? "each epoch" : named;
            }
            case RESOURCE, GENERATION -> series.name();
        };
    }

    /** The order of charts: losses first, then what tells how good the model is, then the rest. */
    static int rank(String metric) {
        String lower = metric.toLowerCase(Locale.ROOT);
        if (lower.equals("loss")) {
            return 0;
        }
        if (MetricGoal.of(lower) == MetricGoal.HIGHEST) {
            return 1;
        }
        return lower.contains("loss") ? 2 : lower.contains("learning") || lower.equals("lr") ? 3 : 4;
    }
}
