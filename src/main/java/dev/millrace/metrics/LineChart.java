package dev.millrace.metrics;

import dev.millrace.metrics.ChartData.Curve;
import dev.millrace.metrics.ChartData.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws a chart as SVG. Long curves are thinned to the lowest and highest value of each pixel column, so no spike is lost. */
final class LineChart {
    private static final double WIDTH = 560;
    private static final double HEIGHT = 330;
    private static final double LEFT = 68;
    private static final double RIGHT = 18;
    private static final double TOP = 56;
    private static final double BOTTOM = 48;
    private static final int COLUMNS = 800;
    private static final double CHARACTER_WIDTH = 7;

    /** Told apart by colour-blind people too (Okabe and Ito), without the yellow that is too pale on white. */
    private static final List<String> COLOURS =
            List.of("#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#0072b2", "#d55e00");

    /** The same phase has the same colour in every chart. */
    private static final Map<String, String> PHASE_COLOURS = Map.of("training", "#0072b2", "validation", "#d55e00");

    private static final String ONLY_CURVE = "#0072b2";
    /** Single steps are the background of the epochs. */
    private static final String BACKGROUND_CURVE = "#9dbad3";

    private final ChartData data;
    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder(4_096);

    private LineChart(ChartData data) {
        this.data = data;
        this.x = Axis.over(data.xExtent(), 7, LEFT, WIDTH - RIGHT, false);
        this.y = Axis.over(data.valueExtent(), 6, HEIGHT - BOTTOM, TOP, true);
    }

    static String svg(ChartData data) {
        return new LineChart(data).draw();
    }

    private String draw() {
        String title = Markup.escape(data.title());
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 560 330\" role=\"img\" aria-label=\"")
                .append(title)
                .append("\" font-family=\"system-ui, 'Segoe UI', sans-serif\" font-size=\"13\">\n");
        text(LEFT, 18, "start", "#1f2933", "font-weight=\"600\" font-size=\"16\"", title);
        grid();
        for (int i = 0; i < data.curves().size(); i++) {
            curve(data.curves().get(i), colour(i));
        }
        legend();
        return svg.append("</svg>").toString();
    }

    private String colour(int place) {
        Curve curve = data.curves().get(place);
        String ofPhase = PHASE_COLOURS.get(curve.label());
        if (ofPhase != null) {
            return ofPhase;
        }
        if (!curve.dots()) {
            boolean alone = data.curves().size() == 1;
            boolean below = place == 0 && data.curves().stream().anyMatch(Curve::dots);
            return alone ? ONLY_CURVE : below ? BACKGROUND_CURVE : COLOURS.get(place % COLOURS.size());
        }
        return COLOURS.get(place % COLOURS.size());
    }

    private void grid() {
        for (double tick : y.ticks()) {
            double at = y.place(tick);
            line(LEFT, at, WIDTH - RIGHT, at, "#e8ecf0");
            text(LEFT - 8, at + 4, "end", "#52606d", "", Markup.tick(tick, y.step()));
        }
        double bottom = HEIGHT - BOTTOM;
        for (double tick : x.ticks()) {
            double at = x.place(tick);
            line(at, bottom, at, bottom + 5, "#9aa5b1");
            text(at, bottom + 19, "middle", "#52606d", "", Markup.tick(tick, x.step()));
        }
        line(LEFT, bottom, WIDTH - RIGHT, bottom, "#9aa5b1");
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", "#52606d", "", data.axis());
    }

    private void curve(Curve curve, String colour) {
        boolean manyDots = curve.size() > 120;
        String width = curve.dots() ? "2.2" : "1.2";
        String opacity = curve.dots() ? "1" : "0.85";
        List<Integer> shown = curve.size() > 2 * COLUMNS ? thinned(curve) : null;
        int count = shown == null ? curve.size() : shown.size();
        StringBuilder path = new StringBuilder();
        boolean pen = false;
        for (int i = 0; i < count; i++) {
            int point = shown == null ? i : shown.get(i);
            if (!Double.isFinite(curve.value(point))) {
                notFinite(curve, point);
                pen = false;
                continue;
            }
            path.append(pen ? "L" : "M").append(Markup.place(x.place(curve.x(point))));
            path.append(' ').append(Markup.place(y.place(curve.value(point))));
            pen = true;
        }
        svg.append("<path d=\"")
                .append(path)
                .append("\" fill=\"none\" stroke=\"")
                .append(colour);
        svg.append("\" stroke-width=\"")
                .append(width)
                .append("\" stroke-opacity=\"")
                .append(opacity);
        svg.append("\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n");
        if ((curve.dots() && !manyDots) || curve.size() == 1) {
            dots(curve, colour);
        }
    }

    private void dots(Curve curve, String colour) {
        for (int point = 0; point < curve.size(); point++) {
            if (Double.isFinite(curve.value(point))) {
                svg.append("<circle cx=\"").append(Markup.place(x.place(curve.x(point))));
                svg.append("\" cy=\"").append(Markup.place(y.place(curve.value(point))));
                svg.append("\" r=\"3\" fill=\"").append(colour).append("\" stroke=\"#fff\"><title>");
                tooltip(curve, point);
                svg.append("</title></circle>\n");
            }
        }
    }

    /** A cross at the foot of the chart: here was a value that cannot be drawn. */
    private void notFinite(Curve curve, int point) {
        double at = x.place(curve.x(point));
        double foot = HEIGHT - BOTTOM - 6;
        svg.append("<path d=\"M").append(Markup.place(at - 4)).append(' ').append(Markup.place(foot - 4));
        svg.append("l8 8m0 -8l-8 8\" stroke=\"#b3261e\" stroke-width=\"2\"><title>");
        tooltip(curve, point);
        svg.append("</title></path>\n");
    }

    private void tooltip(Curve curve, int point) {
        svg.append(Markup.escape(curve.label()))
                .append(", ")
                .append(data.axis())
                .append(' ');
        svg.append(Markup.number(curve.x(point))).append(": ").append(Markup.number(curve.value(point)));
    }

    private void legend() {
        double at = LEFT;
        for (int i = 0; i < data.curves().size(); i++) {
            String label = data.curves().get(i).label();
            String shown = label.length() > 40 ? label.substring(0, 39) + "…" : label;
            double width = 34 + shown.length() * CHARACTER_WIDTH;
            if (at + width > WIDTH) {
                text(at, 40, "start", "#52606d", "", "and " + (data.curves().size() - i) + " more");
                return;
            }
            svg.append("<line x1=\"").append(Markup.place(at)).append("\" y1=\"36\" x2=\"");
            svg.append(Markup.place(at + 18)).append("\" y2=\"36\" stroke-width=\"3\" stroke=\"");
            svg.append(colour(i)).append("\"/>\n");
            text(at + 24, 40, "start", "#1f2933", "", Markup.escape(shown));
            at += width;
        }
    }

    /** First and last point of the curve, lowest and highest of each column, and every one that cannot be drawn. */
    private List<Integer> thinned(Curve curve) {
        List<Integer> kept = new ArrayList<>();
        int size = curve.size();
        for (int column = 0; column < COLUMNS; column++) {
            int from = (int) ((long) size * column / COLUMNS);
            int to = (int) ((long) size * (column + 1) / COLUMNS);
            int low = -1;
            int high = -1;
            int broken = -1;
            for (int point = from; point < to; point++) {
                double value = curve.value(point);
                if (!Double.isFinite(value)) {
                    broken = point;
                } else {
                    low = low < 0 || value < curve.value(low) ? point : low;
                    high = high < 0 || value > curve.value(high) ? point : high;
                }
            }
            IntStream.of(column == 0 ? 0 : -1, low, high, broken, column == COLUMNS - 1 ? size - 1 : -1)
                    .filter(point -> point >= 0)
                    .sorted()
                    .distinct()
                    .forEach(kept::add);
        }
        return kept;
    }

    private void line(double x1, double y1, double x2, double y2, String colour) {
        svg.append("<line x1=\"").append(Markup.place(x1)).append("\" y1=\"").append(Markup.place(y1));
        svg.append("\" x2=\"").append(Markup.place(x2)).append("\" y2=\"").append(Markup.place(y2));
        svg.append("\" stroke=\"").append(colour).append("\"/>\n");
    }

    /** @param escaped text that is safe already */
    private void text(double atX, double atY, String anchor, String colour, String style, String escaped) {
        svg.append("<text x=\"").append(Markup.place(atX)).append("\" y=\"").append(Markup.place(atY));
        svg.append("\" text-anchor=\"")
                .append(anchor)
                .append("\" fill=\"")
                .append(colour)
                .append('"');
        svg.append(style.isEmpty() ? "" : " ")
                .append(style)
                .append('>')
                .append(escaped)
                .append("</text>\n");
    }

    /** A range of numbers on a stretch of the drawing, with ticks at round numbers. */
    private record Axis(double low, double high, double step, double from, double to) {
        /** Beyond it differences of doubles overflow; such values lie outside of the drawing. */
        private static final double LARGEST = 1e150;

        /** @param roomy whether the ends are moved outwards to the next ticks */
        static Axis over(Extent extent, int ticks, double from, double to, boolean roomy) {
            double low = extent.isEmpty() ? 0 : Math.max(extent.low(), -LARGEST);
            double high = extent.isEmpty() ? 1 : Math.min(extent.high(), LARGEST);
            // A flat curve is drawn in the middle; where doubles are coarse, the margin must still be one.
            if (high - low <= Math.ulp(Math.max(Math.abs(low), Math.abs(high))) * 64) {
                double margin = low == 0 ? 1 : Math.abs(low) * (roomy ? 0.1 : 0.5);
                low -= margin;
                high += margin;
            }
            double step = roundStep((high - low) / ticks);
            return roomy
                    ? new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step, from, to)
                    : new Axis(low, high, step, from, to);
        }

        double place(double value) {
            return from + (value - low) / (high - low) * (to - from);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            long first = (long) Math.ceil(low / step - 1e-9);
            long last = (long) Math.floor(high / step + 1e-9);
            for (long tick = first; tick <= last && ticks.size() < 30; tick++) {
                ticks.add(tick * step);
            }
            return ticks;
        }

        /** 1, 2 or 5 times a power of ten, not below {@code step}. */
        private static double roundStep(double step) {
            double power = Math.pow(10, Math.floor(Math.log10(step)));
            double factor = step / power;
            return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
        }
    }
}
