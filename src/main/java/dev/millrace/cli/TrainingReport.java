package dev.millrace.cli;

import dev.millrace.model.SpectrumMetric;
import dev.millrace.training.EpochReport;
import dev.millrace.training.Monitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A page about one run that needs nothing but a browser: the comparison, the curves, the epochs. Immutable.
 *
 * @param title head of the page
 * @param seed of samples, split and model
 * @param count synthetic compounds
 * @param epochs the run
 * @param comparison what was compared and its cosine, row by row
 */
record TrainingReport(String title, long seed, int count, List<EpochReport> epochs, List<List<String>> comparison) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 260;
    private static final int MARGIN = 46;

    private record Curve(String name, String color, List<Double> values) {}

    void write(Path file) throws IOException {
        Files.writeString(file, html(), StandardCharsets.UTF_8);
    }

    private String html() {
        StringBuilder page = new StringBuilder("""
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>%1$s</title>
                <style>
                body{font:15px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#222}
                table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}
                td:first-child,th:first-child{text-align:left}svg{width:100%%;height:auto}text{font:12px system-ui,sans-serif}
                </style></head><body><h1>%1$s</h1>
                <p>%2$d synthetic compounds, seed %3$d. They describe no real substance, and no figure here says anything about
                real spectra.</p>
                """.formatted(title, count, seed));
        page.append("<h2>Against what needs no model</h2>");
        table(page, List.of("validation spectra by", "cosine"), comparison);
        page.append("<h2>Loss</h2>");
        page.append(chart(List.of(
                new Curve("training", "#888", values(EpochReport::trainingLoss)),
                new Curve("validation", "#06c", values(epoch -> validation(epoch, Monitor.LOSS))))));
        page.append("<h2>Agreement on validation spectra</h2>");
        page.append(chart(List.of(
                new Curve("cosine", "#06c", values(epoch -> validation(epoch, SpectrumMetric.COSINE.key()))),
                new Curve(
                        "share of the 10 largest peaks found",
                        "#c60",
                        values(epoch -> validation(epoch, SpectrumMetric.TOP_10_RECALL.key()))))));
        page.append("<h2>Epochs</h2>");
        table(page, List.of("epoch", "step", "training loss", "validation loss", "cosine", "samples/s"), rows());
        return page.append("</body></html>\n").toString();
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (EpochReport epoch : epochs) {
            rows.add(List.of(
                    Long.toString(epoch.epoch() + 1),
                    Long.toString(epoch.step()),
                    EpochTable.number(epoch.trainingLoss()),
                    EpochTable.number(validation(epoch, Monitor.LOSS)),
                    EpochTable.number(validation(epoch, SpectrumMetric.COSINE.key())),
                    String.format(Locale.ROOT, "%.0f", epoch.samplesPerSecond())));
        }
        return rows;
    }

    private List<Double> values(ToDoubleFunction<EpochReport> of) {
        return epochs.stream().mapToDouble(of).boxed().toList();
    }

    private static double validation(EpochReport epoch, String metric) {
        return epoch.validation().getOrDefault(metric, Double.NaN);
    }

    private static void table(StringBuilder page, List<String> head, List<List<String>> rows) {
        page.append("<table><tr>");
        head.forEach(cell -> page.append("<th>").append(cell).append("</th>"));
        for (List<String> row : rows) {
            page.append("</tr>\n<tr>");
            row.forEach(cell -> page.append("<td>").append(cell).append("</td>"));
        }
        page.append("</tr></table>\n");
    }

    private static String chart(List<Curve> curves) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Curve curve : curves) {
            for (double value : curve.values) {
                low = Double.isFinite(value) ? Math.min(low, value) : low;
                high = Double.isFinite(value) ? Math.max(high, value) : high;
            }
        }
        if (!(low <= high)) {
            return "<p>No values.</p>";
        }
        double room = Math.max(high - low, 1e-9) * 0.05;
        double bottom = low - room;
        double top = high + room;
        StringBuilder svg = new StringBuilder(
                String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, HEIGHT));
        for (int line = 0; line <= 4; line++) {
            double value = bottom + (top - bottom) * line / 4;
            double y = y(value, bottom, top);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3f</text>\n",
                    MARGIN,
                    WIDTH - 8,
                    y,
                    y,
                    MARGIN - 6,
                    y + 4,
                    value));
        }
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            svg.append(polyline(curve, bottom, top));
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
                    MARGIN + 10 + 110 * i,
                    HEIGHT - 6,
                    curve.color,
                    curve.name));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String polyline(Curve curve, double bottom, double top) {
        StringBuilder points = new StringBuilder();
        int count = curve.values.size();
        for (int i = 0; i < count; i++) {
            double value = curve.values.get(i);
            if (Double.isFinite(value)) {
                double x = MARGIN + (WIDTH - 8.0 - MARGIN) * (count == 1 ? 0.5 : (double) i / (count - 1));
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y(value, bottom, top)));
            }
        }
        return "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + curve.color + "\" points=\""
                + points.toString().strip() + "\"/>\n";
    }

    private static double y(double value, double bottom, double top) {
        return 8 + (HEIGHT - 36.0) * (1 - (value - bottom) / (top - bottom));
    }
}
