package dev.millrace.chart;

import dev.millrace.chart.Canvas.Box;
import dev.millrace.chart.Canvas.Stroke;

/** Draws one line into a plot: its envelope, the line or what stands for it, a cross for each value that cannot be drawn. */
final class LinePainter {
    /** More dots than that would be a carpet. */
    private static final int MOST_DOTS = 120;
    /** More crosses than that say nothing new. */
    private static final int MOST_CROSSES = 200;

    private static final double LEAST_STICK = 0.5;
    private static final int COLUMNS = 800;
    /** Places far outside of the plot are moved to this distance of it, which no drawing program finds too large. */
    private static final double FAR = 5_000;

    private final Canvas canvas;
    private final Line line;
    private final Colour colour;
    private final Box plot;
    private final Ruler x;
    private final Ruler y;
    private final ChartAxis xAxis;
    private int crosses;

    LinePainter(Canvas canvas, Line line, Colour colour, Box plot, Ruler x, Ruler y, ChartAxis xAxis) {
        this.canvas = canvas;
        this.line = line;
        this.colour = colour;
        this.plot = plot;
        this.x = x;
        this.y = y;
        this.xAxis = xAxis;
    }

    void paint() {
        switch (line.shape()) {
            case CURVE -> curve();
            case POINTS -> points();
            case STICKS -> sticks();
            case BARS -> bars();
        }
        for (int point = 0; point < line.size(); point++) {
            if (!isDrawn(point)) {
                cross(point);
            }
        }
    }

    private void points() {
        double radius = line.size() <= MOST_DOTS ? 3 : 2;
        for (int point = 0; point < line.size(); point++) {
            if (isDrawn(point)) {
                canvas.dot(atX(point), atY(line.y(point)), radius, colour, line.size() <= MOST_DOTS ? hint(point) : "");
            }
        }
    }

    private void sticks() {
        double zero = zero();
        Stroke stroke = new Stroke(colour, 1.6, 1, line.isDashed());
        for (int point = 0; point < line.size(); point++) {
            // Shorter than that, its round ends would make it look longer than it is.
            if (isDrawn(point) && Math.abs(atY(line.y(point)) - zero) >= LEAST_STICK) {
                canvas.line(atX(point), zero, atX(point), atY(line.y(point)), stroke);
            }
        }
    }

    private void bars() {
        double zero = zero();
        for (int point = 0; point < line.size(); point++) {
            if (isDrawn(point)) {
                double left = near(plot.left() + x.place(line.x(point) - line.halfWidth()) * plot.width());
                double right = near(plot.left() + x.place(line.x(point) + line.halfWidth()) * plot.width());
                double end = atY(line.y(point));
                Box bar = new Box(left, Math.min(zero, end), Math.max(right, left + 0.5), Math.max(zero, end));
                canvas.box(bar, colour, 0.8, hint(point));
            }
        }
    }

    /** Where sticks and bars begin: at zero, or at the lower edge where an axis has no zero. */
    private double zero() {
        double zero = atY(0);
        return Double.isNaN(zero) ? plot.bottom() : zero;
    }

    private void curve() {
        boolean dotted = line.hasDots() && line.size() <= MOST_DOTS;
        double width = line.hasDots() ? 2 : line.hasEnvelope() || line.size() < COLUMNS ? 1.6 : 1.2;
        if (line.hasEnvelope()) {
            envelope();
        }
        if (line.size() > 2 * COLUMNS && !line.hasEnvelope()) {
            thinned(width);
        } else {
            whole(width);
        }
        for (int point = 0; point < line.size(); point++) {
            if (isDrawn(point) && (dotted || isAlone(point))) {
                canvas.dot(atX(point), atY(line.y(point)), dotted ? 3 : 2, colour, hint(point));
            }
        }
    }

    private void whole(double width) {
        Trace trace = new Trace();
        for (int point = 0; point < line.size(); point++) {
            if (isDrawn(point)) {
                trace.add(atX(point), atY(line.y(point)));
            } else {
                trace.lift();
            }
        }
        canvas.trace(trace, new Stroke(colour, width, 1, line.isDashed()));
    }

    private void envelope() {
        Trace upper = new Trace();
        Trace lower = new Trace();
        boolean wide = false;
        for (int point = 0; point < line.size(); point++) {
            double low = atY(line.low(point));
            double high = atY(line.high(point));
            if (Double.isNaN(low) || Double.isNaN(high)) {
                upper.lift();
                lower.lift();
            } else {
                upper.add(atX(point), high);
                lower.add(atX(point), low);
                wide |= low - high > 0.5;
            }
        }
        if (wide) {
            canvas.band(upper, lower, colour, 0.22);
            // A spike of one point is a sliver without area: its edges show it.
            canvas.trace(upper, new Stroke(colour, 0.6, 0.5, false));
            canvas.trace(lower, new Stroke(colour, 0.6, 0.5, false));
        }
    }

    /** First and last point, lowest and highest of each column, a gap wherever a value cannot be drawn: no spike is lost. */
    private void thinned(double width) {
        Trace trace = new Trace();
        int size = line.size();
        for (int column = 0; column < COLUMNS; column++) {
            int from = (int) ((long) size * column / COLUMNS);
            int to = (int) ((long) size * (column + 1) / COLUMNS);
            int low = -1;
            int high = -1;
            for (int point = from; point <= to; point++) {
                if (point < to && isDrawn(point)) {
                    low = low < 0 || line.y(point) < line.y(low) ? point : low;
                    high = high < 0 || line.y(point) > line.y(high) ? point : high;
                } else {
                    add(trace, column == 0 && low >= 0 ? from : -1);
                    add(trace, Math.min(low, high));
                    add(trace, low == high ? -1 : Math.max(low, high));
                    if (point < to) {
                        trace.lift();
                    }
                    low = -1;
                    high = -1;
                }
            }
        }
        add(trace, size - 1);
        canvas.trace(trace, new Stroke(colour, width, 1, line.isDashed()));
    }

    private void add(Trace trace, int point) {
        if (point >= 0 && isDrawn(point)) {
            trace.add(atX(point), atY(line.y(point)));
        }
    }

    private boolean isDrawn(int point) {
        return !Double.isNaN(atX(point)) && !Double.isNaN(atY(line.y(point)));
    }

    /** Without a neighbour to be connected with: a line of one point would be invisible. */
    private boolean isAlone(int point) {
        boolean before = point > 0 && isDrawn(point - 1);
        boolean after = point < line.size() - 1 && isDrawn(point + 1);
        return !before && !after;
    }

    private void cross(int point) {
        double at = atX(point);
        if (!Double.isNaN(at) && crosses++ < MOST_CROSSES) {
            canvas.cross(at, plot.bottom() - 6, hint(point));
        }
    }

    private String hint(int point) {
        String where = xAxis.kind() == ChartAxis.Kind.NUMBER
                ? xAxis.label() + " " + Notation.number(line.x(point)) + ": "
                : "";
        return (line.label().isEmpty() ? "" : line.label() + ", ") + where + Notation.number(line.y(point));
    }

    private double atX(int point) {
        return near(plot.left() + x.place(line.x(point)) * plot.width());
    }

    private double atY(double value) {
        return near(plot.bottom() - y.place(value) * plot.height());
    }

    private static double near(double place) {
        return Double.isNaN(place) ? place : Math.max(-FAR, Math.min(FAR, place));
    }
}
