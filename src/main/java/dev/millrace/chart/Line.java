package dev.millrace.chart;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Points and how they are drawn: joined as a curve, alone, as sticks or as bars. A value that is NaN or infinite interrupts a
 * curve and is marked. Immutable, unless somebody writes into the arrays it was made of; they are not copied.
 */
public final class Line {
    private final String label;
    private final double[] x;
    private final double[] y;
    private final Extras extras;

    /** How points are drawn. */
    enum Shape {
        CURVE,
        POINTS,
        STICKS,
        BARS
    }

    /** What a plain line does not have; {@code width} of a bar in units of the horizontal axis. */
    private record Extras(
            Shape shape,
            double width,
            double @Nullable [] low,
            double @Nullable [] high,
            boolean dots,
            boolean dashed,
            boolean second,
            @Nullable Colour colour) {
        static final Extras NONE = of(Shape.CURVE, 0);

        static Extras of(Shape shape, double width) {
            return new Extras(shape, width, null, null, false, false, false, null);
        }
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

    /** Points that nothing joins: a scatter plot. However many there are, each is drawn. */
    public static Line points(String label, double[] x, double[] y) {
        return new Line(label, x, y, Extras.of(Shape.POINTS, 0));
    }

    /** A thin stick from zero to each value: the peaks of a spectrum, upwards or, negative, downwards. */
    public static Line sticks(String label, double[] x, double[] y) {
        return new Line(label, x, y, Extras.of(Shape.STICKS, 0));
    }

    /**
     * A bar from zero to each value, around its place: a histogram, or a comparison.
     *
     * @param width of a bar in units of the horizontal axis, above 0
     * @throws IllegalArgumentException if the width is none
     */
    public static Line bars(String label, double[] x, double[] y, double width) {
        if (!(width > 0 && Double.isFinite(width))) {
            throw new IllegalArgumentException(
                    "Line '" + PlainText.visible(label) + "': expected bars of a width above 0, found " + width + ".");
        }
        return new Line(label, x, y, Extras.of(Shape.BARS, width));
    }

    /** The same line with the lowest and highest value around each point as a band; NaN where there is none. */
    public Line withEnvelope(double[] low, double[] high) {
        requireLength(low);
        requireLength(high);
        return with(new Extras(
                extras.shape, extras.width, low, high, extras.dots, extras.dashed, extras.second, extras.colour));
    }

    /** The same line with a dot at each point, as long as they are few. */
    public Line withDots() {
        return with(new Extras(
                extras.shape,
                extras.width,
                extras.low,
                extras.high,
                true,
                extras.dashed,
                extras.second,
                extras.colour));
    }

    /** The same line, dashed. */
    public Line dashed() {
        return with(new Extras(
                extras.shape, extras.width, extras.low, extras.high, extras.dots, true, extras.second, extras.colour));
    }

    /** The same line, measured by the axis on the right. */
    Line onSecondAxis() {
        return with(new Extras(
                extras.shape, extras.width, extras.low, extras.high, extras.dots, extras.dashed, true, extras.colour));
    }

    /** The same line in a colour of its own choice; else its place among the lines of the panel decides. */
    public Line in(Colour colour) {
        return with(new Extras(
                extras.shape,
                extras.width,
                extras.low,
                extras.high,
                extras.dots,
                extras.dashed,
                extras.second,
                colour));
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

    Shape shape() {
        return extras.shape;
    }

    /** Half the width of a bar, in units of the horizontal axis; 0 for other shapes. */
    double halfWidth() {
        return extras.width / 2;
    }

    /** Whether it is drawn from zero on, so that zero belongs to what is shown. */
    boolean standsOnZero() {
        return extras.shape == Shape.STICKS || extras.shape == Shape.BARS;
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
