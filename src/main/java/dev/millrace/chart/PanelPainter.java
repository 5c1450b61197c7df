package dev.millrace.chart;

import dev.millrace.chart.Canvas.Anchor;
import dev.millrace.chart.Canvas.Box;
import dev.millrace.chart.Canvas.Lettering;
import dev.millrace.chart.Canvas.Stroke;
import dev.millrace.chart.Ruler.Tick;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Draws one panel: head, axes, spans; the lines themselves are drawn by {@link LinePainter}. */
final class PanelPainter {
    /** Height of the scale below a panel: tick labels and the name of the axis. */
    static final double SCALE = 40;

    private static final Lettering HEAD = new Lettering(Ink.TEXT, 14, true);
    private static final Lettering UNIT = new Lettering(Ink.MUTED, 12, false);
    private static final Lettering LABEL = new Lettering(Ink.MUTED, 12, false);
    private static final Lettering LEGEND = new Lettering(Ink.TEXT, 12, false);
    private static final Lettering STAGE = new Lettering(Ink.TEXT, 11, false);
    private static final Lettering NOTE = new Lettering(Ink.MUTED, 14, false);
    private static final double HEAD_HEIGHT = 20;
    private static final double LEGEND_HEIGHT = 18;
    private static final double STAGE_HEIGHT = 17;
    private static final double SWATCH = 18;
    private static final double UNITS_PER_X_TICK = 95;
    private static final double UNITS_PER_Y_TICK = 34;

    private final Canvas canvas;
    private final Panel panel;
    private final Ruler x;
    private final Ruler y;
    private final @Nullable Ruler second;
    private final boolean stagesNamed;

    /**
     * @param width of the panel, about
     * @param height of the panel, about: they decide how many ticks there are
     * @param stagesNamed whether the spans have their names above
     */
    PanelPainter(Canvas canvas, Panel panel, Extent xExtent, double width, double height, boolean stagesNamed) {
        this.canvas = canvas;
        this.panel = panel;
        this.stagesNamed = stagesNamed;
        int xTicks = (int) Math.max(2, Math.min(12, (width - 60) / UNITS_PER_X_TICK));
        int yTicks = (int) Math.max(2, Math.min(8, (height - 80) / UNITS_PER_Y_TICK));
        this.x = Ruler.over(panel.x(), xExtent, xTicks, false);
        this.y = Ruler.over(panel.y(), panel.yExtent(false), yTicks, true);
        this.second = panel.second() == null ? null : Ruler.over(panel.second(), panel.yExtent(true), yTicks, true);
    }

    /** Room for the numbers on the left. */
    double leftMargin() {
        return widest(y) + 14;
    }

    /** Room for the numbers on the right. */
    double rightMargin() {
        return second == null ? 12 : widest(second) + 14;
    }

    private double widest(Ruler ruler) {
        return ruler.ticks().stream()
                .mapToDouble(tick -> canvas.width(tick.label(), LABEL))
                .max()
                .orElse(0);
    }

    void paint(Box cell, double left, double right, boolean scale) {
        double top = cell.top() + HEAD_HEIGHT;
        Box plot = new Box(cell.left() + left, top, cell.right() - right, cell.bottom() - (scale ? SCALE : 0));
        head(cell, plot);
        if (isLegendNeeded()) {
            legend(plot, top);
            top += LEGEND_HEIGHT;
        }
        if (stagesNamed && !panel.spans().isEmpty()) {
            top += 2;
            stageNames(plot, top);
            top += stageRows() * STAGE_HEIGHT;
        }
        plot = new Box(plot.left(), top + 6, plot.right(), plot.bottom());
        spans(plot);
        if (panel.isEmpty()) {
            note(plot);
        } else {
            grid(plot);
        }
        xAxis(plot, scale);
        if (!panel.isEmpty()) {
            lines(plot);
        }
    }

    private void head(Box cell, Box plot) {
        String secondLabel =
                panel.second() == null ? "" : PlainText.visible(panel.second().label());
        double secondWidth = secondLabel.isEmpty() ? 0 : canvas.width(secondLabel, UNIT) + 16;
        double room = cell.width() - secondWidth;
        String title = canvas.fit(PlainText.visible(panel.title()), HEAD, room);
        canvas.text(cell.left(), cell.top() + 13, Anchor.START, title, HEAD);
        double used = title.isEmpty() ? 0 : canvas.width(title, HEAD) + 8;
        String unit = canvas.fit(PlainText.visible(panel.y().label()), UNIT, room - used);
        canvas.text(cell.left() + used, cell.top() + 13, Anchor.START, unit, UNIT);
        canvas.text(
                Math.min(cell.right(), plot.right() + rightMargin()),
                cell.top() + 13,
                Anchor.END,
                canvas.fit(secondLabel, UNIT, cell.width() / 2),
                UNIT);
    }

    private boolean isLegendNeeded() {
        return panel.lines().stream().anyMatch(line -> !line.label().isEmpty());
    }

    private void legend(Box plot, double top) {
        double at = plot.left();
        double base = top + 11;
        // A line without a name has no place here; its colour is that of its place among all.
        List<Integer> named = IntStream.range(0, panel.lines().size())
                .filter(i -> !panel.lines().get(i).label().isEmpty())
                .boxed()
                .toList();
        for (int i = 0; i < named.size(); i++) {
            Line line = panel.lines().get(named.get(i));
            String rest = "+ " + (named.size() - i) + " more";
            boolean last = i == named.size() - 1;
            double room = plot.right() - at - SWATCH - 6 - (last ? 0 : canvas.width(rest, LEGEND) + 14);
            String label = canvas.fit(PlainText.visible(line.label()), LEGEND, i == 0 ? room : Math.min(room, 260));
            if (label.isEmpty()) {
                canvas.text(at, base, Anchor.START, rest, LEGEND);
                return;
            }
            Stroke stroke = new Stroke(line.colour(named.get(i)), 3, 1, line.isDashed());
            canvas.line(at, base - 4, at + SWATCH, base - 4, stroke);
            canvas.text(at + SWATCH + 6, base, Anchor.START, label, LEGEND);
            at += SWATCH + 6 + canvas.width(label, LEGEND) + 16;
        }
    }

    private int stageRows() {
        return 1 + panel.spans().stream().mapToInt(Span::row).max().orElse(0);
    }

    private void stageNames(Box plot, double top) {
        for (int i = 0; i < panel.spans().size(); i++) {
            Span span = panel.spans().get(i);
            double row = top + span.row() * STAGE_HEIGHT;
            double left = plot.left() + clamp(x.place(span.from())) * plot.width();
            double right = plot.left() + clamp(x.place(span.to())) * plot.width();
            Box block = new Box(left, row, Math.max(right - 1, left + 1), row + STAGE_HEIGHT - 2);
            String name = PlainText.visible(span.label()) + (span.failed() ? " (failed)" : "");
            canvas.box(block, bandPaint(i), span.failed() ? 0.4 : 0.28, name);
            canvas.text(left + 4, row + 11, Anchor.START, canvas.fit(name, STAGE, block.width() - 6), STAGE);
        }
    }

    private void spans(Box plot) {
        for (int i = 0; i < panel.spans().size(); i++) {
            Span span = panel.spans().get(i);
            if (span.row() == 0) {
                double left = plot.left() + clamp(x.place(span.from())) * plot.width();
                double right = plot.left() + clamp(x.place(span.to())) * plot.width();
                Box band = new Box(left, plot.top(), Math.max(right, left + 0.5), plot.bottom());
                canvas.box(band, bandPaint(i), span.failed() ? 0.16 : 0.09, "");
            }
        }
    }

    /** Neighbours in turn, so that a border is seen between them. */
    private Paint bandPaint(int place) {
        if (panel.spans().get(place).failed()) {
            return Ink.FAILED_BAND;
        }
        int row = panel.spans().get(place).row();
        long before = panel.spans().subList(0, place).stream()
                .filter(span -> span.row() == row)
                .count();
        return before % 2 == 0 ? Ink.BAND : Ink.OTHER_BAND;
    }

    private void note(Box plot) {
        Stroke frame = Stroke.of(Ink.GRID, 1);
        canvas.line(plot.left(), plot.top(), plot.right(), plot.top(), frame);
        canvas.line(plot.left(), plot.top(), plot.left(), plot.bottom(), frame);
        canvas.line(plot.right(), plot.top(), plot.right(), plot.bottom(), frame);
        String words = canvas.fit(PlainText.visible(panel.note()), NOTE, plot.width() - 10);
        canvas.text(plot.middle(), (plot.top() + plot.bottom()) / 2 + 5, Anchor.MIDDLE, words, NOTE);
    }

    private void grid(Box plot) {
        for (Tick tick : y.ticks()) {
            double at = plot.bottom() - y.place(tick.value()) * plot.height();
            canvas.line(plot.left(), at, plot.right(), at, Stroke.of(Ink.GRID, 1));
            canvas.text(plot.left() - 8, at + 4, Anchor.END, tick.label(), LABEL);
        }
        if (second != null) {
            for (Tick tick : second.ticks()) {
                double at = plot.bottom() - second.place(tick.value()) * plot.height();
                canvas.text(plot.right() + 8, at + 4, Anchor.START, tick.label(), LABEL);
            }
        }
    }

    private void xAxis(Box plot, boolean scale) {
        double bottom = plot.bottom();
        canvas.line(plot.left(), bottom, plot.right(), bottom, Stroke.of(Ink.AXIS, 1));
        double written = Double.NEGATIVE_INFINITY;
        for (Tick tick : x.ticks()) {
            double at = plot.left() + x.place(tick.value()) * plot.width();
            canvas.line(at, bottom, at, bottom + 4, Stroke.of(Ink.AXIS, 1));
            double half = canvas.width(tick.label(), LABEL) / 2;
            // The last label ends where the panel does.
            double middle = Math.min(at, plot.right() + rightMargin() - half);
            if (scale && middle - half > written + 4) {
                canvas.text(middle, bottom + 17, Anchor.MIDDLE, tick.label(), LABEL);
                written = middle + half;
            }
        }
        if (scale) {
            String label = canvas.fit(PlainText.visible(panel.x().label()), UNIT, plot.width());
            canvas.text(plot.middle(), bottom + 34, Anchor.MIDDLE, label, UNIT);
        }
    }

    private void lines(Box plot) {
        // Strokes at the edges are not cut in half.
        Box frame = new Box(plot.left() - 4, plot.top() - 4, plot.right() + 4, plot.bottom() + 1);
        canvas.beginClip(frame, panel.title());
        for (int i = 0; i < panel.lines().size(); i++) {
            Line line = panel.lines().get(i);
            Ruler vertical = line.isOnSecondAxis() && second != null ? second : y;
            new LinePainter(canvas, line, line.colour(i), plot, x, vertical, panel.x()).paint();
        }
        canvas.endClip();
    }

    private static double clamp(double part) {
        return Double.isNaN(part) ? 0 : Math.max(0, Math.min(1, part));
    }
}
