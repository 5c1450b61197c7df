package dev.millrace.metrics;

import java.util.Arrays;

/**
 * A metric over the steps of a run, in the order in which it was recorded. Three columns of equal length; immutable, unless
 * somebody writes into the arrays it hands out.
 */
public final class Series {
    private final long[] steps;
    private final double[] values;
    private final long[] timesMillis;

    Series(long[] steps, double[] values, long[] timesMillis) {
        this.steps = steps;
        this.values = values;
        this.timesMillis = timesMillis;
    }

    /** Number of points. */
    public int size() {
        return steps.length;
    }

    /** The step of each point. */
    public long[] steps() {
        return steps;
    }

    /** The value of each point, NaN and infinities as they were recorded. */
    public double[] values() {
        return values;
    }

    /** When each point was recorded, UTC milliseconds since 1970. */
    public long[] timesMillis() {
        return timesMillis;
    }

    /** Collects points without boxing them. */
    static final class Builder {
        private long[] steps = new long[256];
        private double[] values = new double[256];
        private long[] timesMillis = new long[256];
        private int size;

        void add(long step, double value, long timeMillis) {
            if (size == steps.length) {
                steps = Arrays.copyOf(steps, size * 2);
                values = Arrays.copyOf(values, size * 2);
                timesMillis = Arrays.copyOf(timesMillis, size * 2);
            }
            steps[size] = step;
            values[size] = value;
            timesMillis[size++] = timeMillis;
        }

        Series build() {
            return new Series(
                    Arrays.copyOf(steps, size), Arrays.copyOf(values, size), Arrays.copyOf(timesMillis, size));
        }
    }
}
