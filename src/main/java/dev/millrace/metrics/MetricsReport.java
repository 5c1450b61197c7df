package dev.millrace.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run as one HTML file: its curves, its last values, its settings. The file needs nothing beside itself, asks nothing of
 * the network and contains no script; the same data give the same bytes.
 *
 * <p>Each metric is one chart: what was recorded at steps as a line, what was recorded for epochs as a line with a dot per
 * epoch at the step where the epoch ended. Names such as {@code train_loss} and {@code val/loss} share the chart of
 * {@code loss}.
 */
public final class MetricsReport {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title}</title>
            <style>
            body { margin: 0; background: #f6f7f9; color: #1f2933; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
            main { max-width: 1240px; margin: 0 auto; padding: 28px 24px 48px; }
            h1 { font-size: 26px; margin: 0 0 4px; overflow-wrap: anywhere; }
            h2 { font-size: 17px; margin: 32px 0 10px; }
            .facts { color: #52606d; margin: 0 0 20px; }
            .status { display: inline-block; padding: 0 10px; border-radius: 10px; color: #fff; background: #7b8794; }
            .finished { background: #1b7f4b; } .failed, .crashed { background: #b3261e; } .running { background: #0b62a4; }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); gap: 18px; }
            figure { margin: 0; background: #fff; border: 1px solid #e1e5ea; border-radius: 8px; padding: 10px 12px; }
            svg { display: block; width: 100%; height: auto; }
            .scroll { overflow-x: auto; background: #fff; border: 1px solid #e1e5ea; border-radius: 8px; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { text-align: left; padding: 5px 14px; border-top: 1px solid #edf0f3; overflow-wrap: anywhere; }
            tr:first-child > * { border-top: 0; } th { color: #52606d; font-weight: 600; }
            td.number, th.number { text-align: right; white-space: nowrap; }
            footer { color: #7b8794; font-size: 13px; margin-top: 28px; }
            </style>
            </head>
            <body><main>
            """;

    private MetricsReport() {}

    /**
     * Writes the report of a run; see the method with findings.
     *
     * @param metricsDb a metrics file; it may be in use
     * @param runId key of the run
     */
    public static void writeHtml(Path metricsDb, long runId, Path out) {
        writeHtml(metricsDb, runId, Map.of(), out);
    }

    /**
     * Writes the report of a run, replacing {@code out} if it exists.
     *
     * @param findings lines to put above the curves, name and value, in their order: what the run amounts to
     * @param metricsDb a metrics file; it may be in use
     * @param runId key of the run
     * @throws IllegalArgumentException if there is no such run
     * @throws UncheckedIOException if {@code out} cannot be written
     */
    public static void writeHtml(Path metricsDb, long runId, Map<String, String> findings, Path out) {
        String html;
        try (MetricsReader reader = MetricsReader.open(metricsDb)) {
            html = html(reader, runId, findings);
        }
        Path target = out.toAbsolutePath();
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try {
            Files.writeString(partial, html, StandardCharsets.UTF_8);
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report " + target + ": " + e, e);
        }
    }

    private static String html(MetricsReader reader, long runId, Map<String, String> findings) {
        RunInfo run = reader.run(runId);
        List<ChartData> charts = ChartData.ofRun(reader, runId);
        StringBuilder html = new StringBuilder(1 << 16);
        html.append(HEAD.replace("{title}", Markup.escape(run.name())));
        header(html, run);
        pairsTable(html, "Findings", findings);
        html.append("<h2>Curves</h2>\n<div class=\"charts\">\n");
        for (ChartData chart : charts) {
            html.append("<figure>").append(LineChart.svg(chart)).append("</figure>\n");
        }
        html.append("</div>\n");
        if (charts.isEmpty()) {
            html.append("<p>Nothing recorded yet.</p>\n");
        } else {
            valuesTable(html, charts);
        }
        pairsTable(html, "Settings", run.params());
        eventsTable(html, reader.events(runId));
        html.append("<footer>Millrace metrics, run ").append(run.id()).append("</footer>\n</main></body></html>\n");
        return html.toString();
    }

    private static void header(StringBuilder html, RunInfo run) {
        Instant ended = run.endedAt();
        Instant until = ended == null ? run.lastSeenAt() : ended;
        String status = run.status().name().toLowerCase(Locale.ROOT);
        html.append("<h1>").append(Markup.escape(run.name())).append("</h1>\n<p class=\"facts\"><span class=\"status ");
        html.append(status).append("\">").append(status).append("</span> started ");
        html.append(TIME.format(run.startedAt())).append(" &middot; ");
        html.append(duration(Duration.between(run.startedAt(), until))).append(" &middot; ");
        html.append(Markup.escape(run.host())).append("</p>\n");
    }

    private static void valuesTable(StringBuilder html, List<ChartData> charts) {
        html.append("<h2>Values</h2>\n<div class=\"scroll\"><table>\n<tr><th>metric</th><th>curve</th>");
        for (String title : List.of("first", "last", "lowest", "highest", "points")) {
            html.append("<th class=\"number\">").append(title).append("</th>");
        }
        html.append("</tr>\n");
        for (ChartData chart : charts) {
            for (ChartData.Curve curve : chart.curves()) {
                ChartData.Extent range = curve.valueExtent();
                html.append("<tr><td>").append(Markup.escape(chart.title()));
                html.append("</td><td>").append(Markup.escape(curve.label())).append("</td>");
                number(html, curve.value(0));
                number(html, curve.value(curve.size() - 1));
                number(html, range.low());
                number(html, range.high());
                html.append("<td class=\"number\">").append(curve.size()).append("</td></tr>\n");
            }
        }
        html.append("</table></div>\n");
    }

    private static void pairsTable(StringBuilder html, String title, Map<String, String> pairs) {
        if (pairs.isEmpty()) {
            return;
        }
        html.append("<h2>").append(title).append("</h2>\n<div class=\"scroll\"><table>\n");
        pairs.forEach((name, value) -> html.append("<tr><th>")
                .append(Markup.escape(name))
                .append("</th><td>")
                .append(Markup.escape(value))
                .append("</td></tr>\n"));
        html.append("</table></div>\n");
    }

    private static void eventsTable(StringBuilder html, List<RunEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        html.append("<h2>Events</h2>\n<div class=\"scroll\"><table>\n");
        for (RunEvent event : events) {
            html.append("<tr><td>").append(TIME.format(Instant.ofEpochMilli(event.timeMillis())));
            html.append("</td><td>").append(Markup.escape(event.level()));
            html.append("</td><td>").append(Markup.escape(event.text())).append("</td></tr>\n");
        }
        html.append("</table></div>\n");
    }

    private static void number(StringBuilder html, double value) {
        html.append("<td class=\"number\">").append(Markup.number(value)).append("</td>");
    }

    private static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        return seconds < 60
                ? seconds + " s"
                : seconds < 3_600
                        ? seconds / 60 + " min " + seconds % 60 + " s"
                        : seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
    }
}
