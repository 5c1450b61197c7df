package dev.millrace.chart;

import java.util.Objects;

/**
 * A stretch of the horizontal axis that is shaded and named, such as a stage of a run. Immutable.
 *
 * @param from where it begins
 * @param to where it ends
 * @param label its name; each dot in it puts it one row lower, below the whole that it is part of
 * @param failed whether it is shown as gone wrong
 */
public record Span(double from, double to, String label, boolean failed) {
    /** More rows than that are drawn in the last. */
    private static final int ROWS = 3;

    public Span {
        Objects.requireNonNull(label, "label");
        if (!Double.isFinite(from) || !Double.isFinite(to) || to < from) {
            throw new IllegalArgumentException("Expected a span from low to high, found " + from + " to " + to + ".");
        }
    }

    int row() {
        return (int)
                Math.min(ROWS - 1, label.chars().filter(letter -> letter == '.').count());
    }
}
