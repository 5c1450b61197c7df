package dev.millrace.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One coordinate system with its lines. Immutable.
 *
 * @param title what it shows
 * @param x the horizontal axis
 * @param y the vertical axis on the left
 * @param second the vertical axis on the right; null if no line is measured by one
 * @param lines what is drawn, first below
 * @param spans what is shaded behind
 * @param note what stands in place of lines when there is nothing to draw
 */
public record Panel(
        String title,
        ChartAxis x,
        ChartAxis y,
        @Nullable ChartAxis second,
        List<Line> lines,
        List<Span> spans,
        String note) {
    public Panel {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(note, "note");
        lines = List.copyOf(lines);
        spans = List.copyOf(spans);
        if (second == null && lines.stream().anyMatch(Line::isOnSecondAxis)) {
            throw new IllegalArgumentException(
                    "Panel '" + PlainText.visible(title) + "': expected a second axis, found none, but a line on it.");
        }
    }

    /** A panel with one vertical axis and no spans. */
    public static Panel of(String title, ChartAxis x, ChartAxis y, List<Line> lines) {
        return new Panel(title, x, y, null, lines, List.of(), "No data");
    }

    /** The same with a vertical axis on the right and lines that it measures. */
    public Panel withSecond(ChartAxis axis, List<Line> measuredByIt) {
        List<Line> all = new ArrayList<>(lines);
        measuredByIt.forEach(line -> all.add(line.onSecondAxis()));
        return new Panel(title, x, y, axis, all, spans, note);
    }

    /** The same with stretches shaded behind the lines. */
    public Panel withSpans(List<Span> shaded) {
        return new Panel(title, x, y, second, lines, shaded, note);
    }

    /** The same over another horizontal axis. */
    public Panel over(ChartAxis axis) {
        return new Panel(title, axis, y, second, lines, spans, note);
    }

    /** The same with other words for having nothing to draw. */
    public Panel withNote(String words) {
        return new Panel(title, x, y, second, lines, spans, words);
    }

    /** Whether there is nothing to draw, not even a value that is none. */
    boolean isEmpty() {
        return lines.stream().allMatch(Line::isEmpty);
    }

    Extent xExtent() {
        Extent extent = Extent.NONE;
        for (Line line : lines) {
            for (int point = 0; point < line.size(); point++) {
                extent = extent.with(line.x(point) - line.halfWidth()).with(line.x(point) + line.halfWidth());
            }
        }
        for (Span span : spans) {
            extent = extent.with(span.from()).with(span.to());
        }
        return extent;
    }

    /** Over the values of one of the vertical axes. */
    Extent yExtent(boolean ofSecond) {
        ChartAxis axis = ofSecond && second != null ? second : y;
        Extent extent = Extent.NONE;
        for (Line line : lines) {
            if (line.isOnSecondAxis() == ofSecond) {
                if (line.standsOnZero() && !line.isEmpty()) {
                    extent = with(extent, axis, 0);
                }
                for (int point = 0; point < line.size(); point++) {
                    extent = with(
                            with(with(extent, axis, line.y(point)), axis, line.low(point)), axis, line.high(point));
                }
            }
        }
        return extent;
    }

    private static Extent with(Extent extent, ChartAxis axis, double value) {
        return axis.kind() == ChartAxis.Kind.LOGARITHM && !(value > 0) ? extent : extent.with(value);
    }
}
