package dev.millrace.metrics;

import java.util.Arrays;

/**
 * A series drawn together into buckets, in the order of the axis, such that no spike is lost: the lowest and the highest
 * value of each bucket are there. A bucket of one point is that point. Columns of equal length; immutable, unless somebody
 * writes into the arrays it hands out.
 */
public final class Envelope {
    private final double[][] columns;
    private final long[] counts;
    private final long[] notFinite;

    private Envelope(double[][] columns, long[] counts, long[] notFinite) {
        this.columns = columns;
        this.counts = counts;
        this.notFinite = notFinite;
    }

    /** Number of buckets. */
    public int size() {
        return counts.length;
    }

    /** Where each bucket begins on the axis: a step, UTC milliseconds, an epoch. */
    public double[] from() {
        return columns[0];
    }

    /** Where each bucket ends on the axis, inclusive. */
    public double[] to() {
        return columns[1];
    }

    /** The first value of each bucket; NaN if it is not finite. */
    public double[] first() {
        return columns[2];
    }

    /** The lowest finite value of each bucket; NaN if there is none. */
    public double[] min() {
        return columns[3];
    }

    /** The highest finite value of each bucket; NaN if there is none. */
    public double[] max() {
        return columns[4];
    }

    /** The last value of each bucket; NaN if it is not finite. */
    public double[] last() {
        return columns[5];
    }

    /** The mean of the finite values of each bucket; NaN if there are none. */
    public double[] mean() {
        return columns[6];
    }

    /** How many points are in each bucket. */
    public long[] counts() {
        return counts;
    }

    /** How many points of each bucket are NaN or infinite. */
    public long[] notFinite() {
        return notFinite;
    }

    /** Collects buckets without boxing them. */
    static final class Builder {
        private static final int COLUMNS = 7;

        private final double[][] columns = new double[COLUMNS][256];
        private long[] counts = new long[256];
        private long[] notFinite = new long[256];
        private int size;

        /** Adds a point as a bucket of its own. */
        void addPoint(double at, double value) {
            boolean finite = Double.isFinite(value);
            double shown = finite ? value : Double.NaN;
            add(at, at, shown, shown, shown, shown, shown, 1, finite ? 0 : 1);
        }

        void add(
                double from,
                double to,
                double first,
                double min,
                double max,
                double last,
                double mean,
                long count,
                long withoutValue) {
            if (size == counts.length) {
                int larger = size * 2;
                for (int column = 0; column < COLUMNS; column++) {
                    columns[column] = Arrays.copyOf(columns[column], larger);
                }
                counts = Arrays.copyOf(counts, larger);
                notFinite = Arrays.copyOf(notFinite, larger);
            }
            double[] bucket = {from, to, first, min, max, last, mean};
            for (int column = 0; column < COLUMNS; column++) {
                columns[column][size] = bucket[column];
            }
            counts[size] = count;
            notFinite[size++] = withoutValue;
        }

        Envelope build() {
            double[][] cut = new double[COLUMNS][];
            for (int column = 0; column < COLUMNS; column++) {
                cut[column] = Arrays.copyOf(columns[column], size);
            }
            return new Envelope(cut, Arrays.copyOf(counts, size), Arrays.copyOf(notFinite, size));
        }
    }
}
