package dev.millrace.chart;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A curve: points in drawing order. A value that is NaN or infinite interrupts it and is marked. Immutable, unless somebody
 * writes into the arrays it was made of; they are not copied.
 */
public final class Line {
    private final String label;
    private final double[] x;
    private final double[] y;
    private final Extras extras;

    /** What a plain line does not have. */
    private record Extras(
            double @Nullable [] low,
            double @Nullable [] high,
            boolean dots,
            boolean dashed,
            boolean second,
            @Nullable Colour colour) {
        static final Extras NONE = new Extras(null, null, false, false, false, null);
    }

    private Line(String label, double[] x, double[] y, Extras extras) {
        this.label = Objects.requireNonNull(label, "label");
        this.x = x;
        this.y = y;
        this.extras = extras;
        requireLength(y);
    }

    /** A plain line through points. */
    public static Line of(String label, double[] x, double[] y) {
        return new Line(label, x, y, Extras.NONE);
    }

    /** The same line with the lowest and highest value around each point as a band; NaN where there is none. */
    public Line withEnvelope(double[] low, double[] high) {
        requireLength(low);
        requireLength(high);
        return with(new Extras(low, high, extras.dots, extras.dashed, extras.second, extras.colour));
    }

    /** The same line with a dot at each point, as long as they are few. */
    public Line withDots() {
        return with(new Extras(extras.low, extras.high, true, extras.dashed, extras.second, extras.colour));
    }

    /** The same line, dashed. */
    public Line dashed() {
        return with(new Extras(extras.low, extras.high, extras.dots, true, extras.second, extras.colour));
    }

    /** The same line, measured by the axis on the right. */
    Line onSecondAxis() {
        return with(new Extras(extras.low, extras.high, extras.dots, extras.dashed, true, extras.colour));
    }

    /** The same line in a colour of its own choice; else its place among the lines of the panel decides. */
    public Line in(Colour colour) {
        return with(new Extras(extras.low, extras.high, extras.dots, extras.dashed, extras.second, colour));
    }

    /** Its name in the legend. */
    public String label() {
        return label;
    }

    /** Number of points. */
    public int size() {
        return x.length;
    }

    boolean isEmpty() {
        return x.length == 0;
    }

    boolean hasDots() {
        return extras.dots;
    }

    boolean isDashed() {
        return extras.dashed;
    }

    boolean isOnSecondAxis() {
        return extras.second;
    }

    boolean hasEnvelope() {
        return extras.low != null;
    }

    Colour colour(int place) {
        return extras.colour == null ? Colour.ofLine(place) : extras.colour;
    }

    double x(int point) {
        return x[point];
    }

    double y(int point) {
        return y[point];
    }

    /** The lowest value around a point; the value itself without an envelope, or where that has no lowest. */
    double low(int point) {
        return extras.low == null || Double.isNaN(extras.low[point]) ? y[point] : extras.low[point];
    }

    /** The highest value around a point; see {@link #low}. */
    double high(int point) {
        return extras.high == null || Double.isNaN(extras.high[point]) ? y[point] : extras.high[point];
    }

    /** The value of the last point that has one; NaN without. */
    double lastValue() {
        for (int point = y.length - 1; point >= 0; point--) {
            if (Double.isFinite(y[point])) {
                return y[point];
            }
        }
        return Double.NaN;
    }

    private Line with(Extras other) {
        return new Line(label, x, y, other);
    }

    private void requireLength(double[] column) {
        if (column.length != x.length) {
            throw new IllegalArgumentException("Line '" + PlainText.visible(label) + "': expected " + x.length
                    + " values, one for each place, found " + column.length + ".");
        }
    }
}
