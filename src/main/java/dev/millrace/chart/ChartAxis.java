package dev.millrace.chart;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an axis shows. Immutable.
 *
 * @param label words beside it, unit included; may be empty
 * @param kind how numbers are placed and written
 * @param low where it begins; null for the lowest value drawn
 * @param high where it ends; null for the highest value drawn
 */
public record ChartAxis(
        String label,
        Kind kind,
        @Nullable Double low,
        @Nullable Double high) {
    /** How numbers are placed and written. */
    public enum Kind {
        /** Evenly, with round numbers. */
        NUMBER,
        /** Evenly, without numbers: for bars that the legend names. */
        BLANK,
        /** By the decimal logarithm; what is not positive has no place. */
        LOGARITHM,
        /** Seconds, written as seconds, minutes, hours or days. */
        DURATION,
        /** UTC milliseconds since 1970, written as a time of day, or a day. */
        CLOCK
    }

    public ChartAxis {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(kind, "kind");
        if ((low != null && !Double.isFinite(low)) || (high != null && !Double.isFinite(high))) {
            throw new IllegalArgumentException("Expected finite ends of an axis, found " + low + " and " + high + ".");
        }
        if (low != null && high != null && !(low < high)) {
            throw new IllegalArgumentException("Expected an axis from low to high, found " + low + " to " + high + ".");
        }
    }

    /** Plain numbers, over what is drawn. */
    public static ChartAxis number(String label) {
        return new ChartAxis(label, Kind.NUMBER, null, null);
    }

    /** A place for each thing rather than numbers, over what is drawn. */
    public static ChartAxis blank(String label) {
        return new ChartAxis(label, Kind.BLANK, null, null);
    }

    /** Powers of ten, over what is drawn. */
    public static ChartAxis logarithm(String label) {
        return new ChartAxis(label, Kind.LOGARITHM, null, null);
    }

    /** Seconds since some start, over what is drawn. */
    public static ChartAxis duration(String label) {
        return new ChartAxis(label, Kind.DURATION, null, null);
    }

    /** Times of day in UTC, over what is drawn. */
    public static ChartAxis clock(String label) {
        return new ChartAxis(label, Kind.CLOCK, null, null);
    }

    /** The same with fixed ends; null leaves one free. */
    public ChartAxis from(@Nullable Double newLow, @Nullable Double newHigh) {
        return new ChartAxis(label, kind, newLow, newHigh);
    }
}
