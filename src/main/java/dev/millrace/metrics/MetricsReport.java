package dev.millrace.metrics;

import static dev.millrace.chart.PlainText.markup;

import dev.millrace.chart.Notation;
import dev.millrace.chart.Panel;
import dev.millrace.chart.Picture;
import dev.millrace.chart.SvgRenderer;
import dev.millrace.metrics.RunCurves.Drawn;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run as one HTML file: its curves, what the machine did meanwhile, its stages, last and best values, settings and events. The
 * file needs nothing beside itself, asks nothing of the network and contains no script; it is light or dark as its reader
 * prefers, and light on paper. The same data give the same bytes.
 *
 * <p>A series of any length is drawn from some hundred buckets that hold its lowest and highest values, so the file stays small
 * and no spike is lost.
 */
public final class MetricsReport {
    /** More events than that are not read by anybody; the last ones are shown. */
    private static final int MOST_EVENTS = 500;

    private static final int CURVE_WIDTH = 580;
    private static final int CURVE_HEIGHT = 290;
    private static final int LANE_WIDTH = 1180;

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
        MetricsPlot.replace(out, html.getBytes(StandardCharsets.UTF_8));
    }

    private static String html(MetricsReader reader, long runId, Map<String, String> findings) {
        RunInfo run = reader.run(runId);
        ReportPage page = new ReportPage(run.name());
        header(page, run, reader.summary());
        page.pairs("Findings", findings);
        List<Drawn> drawn = RunCurves.drawAll(reader, RunCurves.metrics(reader.seriesOf(runId)), MetricsPlot.BUCKETS);
        ResourceLanes lanes = new ResourceLanes(reader, run, MetricsPlot.LANE_BUCKETS);
        curves(page, drawn, lanes.isEmpty());
        values(page, reader, drawn);
        lanes(page, lanes);
        stages(page, reader.stages(runId), run);
        generations(page, reader.generationSummaries(runId));
        page.pairs("Settings", run.params());
        events(page, reader.events(runId));
        return page.end("Millrace metrics, run " + run.id() + ", " + run.uuid());
    }

    private static void header(ReportPage page, RunInfo run, MetricsSummary file) {
        Instant ended = run.endedAt();
        Instant until = ended == null ? run.lastSeenAt() : ended;
        String status = run.status().name().toLowerCase(Locale.ROOT);
        page.raw("<h1>").text(run.name()).raw("</h1>\n<p class=\"facts\"><span class=\"status " + status + "\">");
        page.raw(status + "</span>");
        for (String tag : run.tags()) {
            page.raw(" <span class=\"tag\">").text(tag).raw("</span>");
        }
        page.raw(" started " + ReportPage.time(run.startedAt()) + " &middot; ");
        page.raw(Notation.duration(Duration.between(run.startedAt(), until).toMillis() / 1e3) + " &middot; ");
        page.text(run.host()).raw(", process " + run.processId() + "</p>\n");
        if (file.droppedCount() > 0 || file.rejectedCount() > 0) {
            page.raw("<p class=\"warning\">Not everything could be kept in this file: " + file.droppedCount()
                    + " records dropped because the queue was full, " + file.rejectedCount()
                    + " refused because of their content.</p>\n");
        }
    }

    private static void curves(ReportPage page, List<Drawn> drawn, boolean nothingElse) {
        if (drawn.isEmpty()) {
            page.raw(nothingElse ? "<p>Nothing recorded yet.</p>\n" : "");
            return;
        }
        page.raw("<h2>Curves</h2>\n<div class=\"charts\">\n");
        for (Drawn one : drawn) {
            page.figure(SvgRenderer.embedded(Picture.of(one.panel()), CURVE_WIDTH, CURVE_HEIGHT));
        }
        page.raw("</div>\n");
    }

    private static void values(ReportPage page, MetricsReader reader, List<Drawn> drawn) {
        if (drawn.isEmpty()) {
            return;
        }
        page.table("Values", List.of("metric", "curve", "#last", "#best", "#at", "#lowest", "#highest", "#values"));
        for (Drawn one : drawn) {
            for (RunCurves.Curve curve : one.curves()) {
                SeriesFigures figures = SeriesFigures.of(reader, curve.series(), curve.axis(), curve.envelope());
                SeriesFigures.Best best = figures.best();
                String at = best == null ? "" : one.panel().x().label() + " " + Notation.number(best.at());
                String odd = figures.notFinite() == 0 ? "" : " (" + figures.notFinite() + " NaN or ∞)";
                page.row(
                        one.panel().title(),
                        MetricName.label(curve.series()),
                        Notation.number(figures.last()),
                        best == null ? "" : Notation.number(best.value()),
                        at,
                        Notation.number(figures.lowest()),
                        Notation.number(figures.highest()),
                        Notation.count(figures.points()) + odd);
            }
        }
        page.endTable();
    }

    private static void lanes(ReportPage page, ResourceLanes lanes) {
        if (lanes.isEmpty()) {
            return;
        }
        List<Panel> panels = lanes.all();
        Picture picture = Picture.stacked("", "", panels);
        int height = 60 + 150 * panels.size();
        page.raw("<h2>Resources</h2>\n").figure(SvgRenderer.embedded(picture, LANE_WIDTH, height));
    }

    private static void stages(ReportPage page, List<StageSpan> stages, RunInfo run) {
        if (stages.isEmpty()) {
            return;
        }
        page.table("Stages", List.of("stage", "status", "#after", "#took"));
        for (StageSpan stage : stages) {
            Double seconds = stage.durationSeconds();
            page.row(
                    stage.name(),
                    stage.status().name().toLowerCase(Locale.ROOT),
                    Notation.duration((stage.startedMillis() - run.startedAt().toEpochMilli()) / 1e3),
                    seconds == null ? "" : Notation.duration(seconds));
        }
        page.endTable();
    }

    private static void generations(ReportPage page, List<GenerationSummary> generations) {
        if (generations.isEmpty()) {
            return;
        }
        page.table(
                "Data produced",
                List.of("operation", "#round", "#times", "#samples", "#took", "#samples/s", "#mean memory, MiB"));
        for (GenerationSummary one : generations) {
            page.row(
                    one.operation(),
                    one.round() == null ? "" : String.valueOf(one.round()),
                    Notation.count(one.count()),
                    Notation.count(one.samples()),
                    Notation.duration(one.seconds()),
                    one.seconds() > 0 ? Notation.number(one.samples() / one.seconds()) : "",
                    Double.isNaN(one.meanMemoryMb()) ? "" : Notation.number(one.meanMemoryMb()));
        }
        page.endTable();
    }

    private static void events(ReportPage page, List<RunEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        page.table("Events", List.of("time", "level", "event"));
        int from = Math.max(0, events.size() - MOST_EVENTS);
        for (RunEvent event : events.subList(from, events.size())) {
            page.row(ReportPage.time(Instant.ofEpochMilli(event.timeMillis())), event.level(), event.text());
        }
        page.endTable();
        if (from > 0) {
            page.raw(
                    "<p class=\"facts\">" + markup("The " + from + " events before these are in the file.") + "</p>\n");
        }
    }
}
