package dev.millrace.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Draws a few curves as an SVG picture, in the style of the reports. Thread-safe. */
public final class SvgChart {
    private SvgChart() {}

    /**
     * A picture.
     *
     * @param title above it
     * @param axis what the horizontal axis shows
     * @param curves value by place on that axis, by the name of the curve, in drawing order; at least one
     */
    public static String draw(String title, String axis, Map<String, SortedMap<Double, Double>> curves) {
        List<ChartData.Curve> drawn = new ArrayList<>();
        curves.forEach((label, points) -> drawn.add(new ChartData.Curve(
                label,
                points.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
                points.values().stream().mapToDouble(Double::doubleValue).toArray(),
                true)));
        return LineChart.svg(new ChartData(title, Markup.escape(axis), drawn));
    }
}
