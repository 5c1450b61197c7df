package dev.millrace.metrics;

import org.jspecify.annotations.Nullable;

/**
 * A series in a few numbers. Values are NaN where no recorded one is finite. Immutable.
 *
 * @param series which one
 * @param axis what its places count: steps, epochs, or UTC milliseconds for what has neither
 * @param points how many values there are, superseded ones not counted
 * @param notFinite how many of them are NaN or infinite
 * @param first the first value
 * @param last the last value; NaN if it is not finite
 * @param lastAt its place
 * @param lowest the lowest value
 * @param lowestAt its place, the first one if there are several
 * @param highest the highest value
 * @param highestAt its place, the first one if there are several
 */
public record SeriesFigures(
        SeriesInfo series,
        Axis axis,
        long points,
        long notFinite,
        double first,
        double last,
        double lastAt,
        double lowest,
        double lowestAt,
        double highest,
        double highestAt) {
    private static final int BUCKETS = 700;
    /** Each look is 700 times as close as the one before. */
    private static final int LOOKS = 4;

    /** A value and where it was reached. */
    public record Best(double value, double at) {}

    /** The figures of a series. Costs what one chart of it costs. */
    public static SeriesFigures of(MetricsReader reader, SeriesInfo series) {
        Axis axis = axisOf(series);
        return of(reader, series, axis, envelope(reader, series, axis, -Double.MAX_VALUE, Double.MAX_VALUE));
    }

    static SeriesFigures of(MetricsReader reader, SeriesInfo series, Axis axis, Envelope envelope) {
        long points = 0;
        long notFinite = 0;
        int low = -1;
        int high = -1;
        for (int i = 0; i < envelope.size(); i++) {
            points += envelope.counts()[i];
            notFinite += envelope.notFinite()[i];
            if (!Double.isNaN(envelope.min()[i])) {
                low = low < 0 || envelope.min()[i] < envelope.min()[low] ? i : low;
                high = high < 0 || envelope.max()[i] > envelope.max()[high] ? i : high;
            }
        }
        int end = envelope.size() - 1;
        return new SeriesFigures(
                series,
                axis,
                points,
                notFinite,
                end < 0 ? Double.NaN : envelope.first()[0],
                end < 0 ? Double.NaN : envelope.last()[end],
                end < 0 ? Double.NaN : envelope.to()[end],
                low < 0 ? Double.NaN : envelope.min()[low],
                low < 0 ? Double.NaN : find(reader, series, axis, envelope, low, true),
                high < 0 ? Double.NaN : envelope.max()[high],
                high < 0 ? Double.NaN : find(reader, series, axis, envelope, high, false));
    }

    /** The best value and its place; null where the name of the metric does not tell what is good, or nothing is finite. */
    public @Nullable Best best() {
        return switch (MetricGoal.of(series.name())) {
            case LOWEST -> Double.isNaN(lowest) ? null : new Best(lowest, lowestAt);
            case HIGHEST -> Double.isNaN(highest) ? null : new Best(highest, highestAt);
            case UNKNOWN -> null;
        };
    }

    /** Its name with its phase or type: {@code val/loss}, {@code cpu/system_total}. */
    public String name() {
        return series.scope().isEmpty() ? series.name() : series.scope() + "/" + series.name();
    }

    static Axis axisOf(SeriesInfo series) {
        return switch (series.kind()) {
            case STEP -> Axis.STEP;
            case EPOCH -> Axis.EPOCH;
            case RESOURCE, GENERATION -> Axis.TIME;
        };
    }

    private static Envelope envelope(MetricsReader reader, SeriesInfo series, Axis axis, double from, double to) {
        return reader.envelope(series, axis, from, to, BUCKETS);
    }

    /** Looks into the bucket that holds an extreme, until it is one point. */
    private static double find(
            MetricsReader reader, SeriesInfo series, Axis axis, Envelope envelope, int bucket, boolean lowest) {
        Envelope seen = envelope;
        int at = bucket;
        for (int look = 0; look < LOOKS && seen.from()[at] < seen.to()[at]; look++) {
            double sought = lowest ? seen.min()[at] : seen.max()[at];
            Envelope closer = envelope(reader, series, axis, seen.from()[at], seen.to()[at]);
            int found = -1;
            for (int i = closer.size() - 1; i >= 0; i--) {
                if ((lowest ? closer.min()[i] : closer.max()[i]) == sought) {
                    found = i;
                }
            }
            if (found < 0) {
                break;
            }
            seen = closer;
            at = found;
        }
        return seen.from()[at];
    }
}
