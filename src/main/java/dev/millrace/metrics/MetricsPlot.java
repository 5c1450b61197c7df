package dev.millrace.metrics;

import dev.millrace.chart.ChartAxis;
import dev.millrace.chart.Colour;
import dev.millrace.chart.Line;
import dev.millrace.chart.Panel;
import dev.millrace.chart.Picture;
import dev.millrace.chart.PngRenderer;
import dev.millrace.chart.SvgRenderer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of runs: their training curves, and what the machine did meanwhile. Reads no more of a series than a picture shows,
 * also while the file is being written. Thread-safe; the reader is not.
 */
public final class MetricsPlot {
    /** As many buckets as a picture has columns. */
    static final int BUCKETS = 700;

    /** Fewer, so that the mean stands out of samples that jump. */
    static final int LANE_BUCKETS = 300;

    /** Units of a picture per inch: at so many dots a pixel is a unit. */
    public static final int SVG_DPI = 96;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private MetricsPlot() {}

    /** How large a picture file becomes, in pixels; null for a size that suits the picture. */
    public record Size(@Nullable Integer width, @Nullable Integer height, int dpi) {}

    /**
     * The training curves of a run, a panel for each metric: values at steps as a line with the lowest and highest around it,
     * values of epochs as dots at the steps where they ended. {@code train_loss} and {@code val/loss} share the panel of
     * {@code loss}.
     *
     * @param metrics which ones, such as {@code loss} or {@code val/loss}; empty for all
     * @throws IllegalArgumentException if the run has none of that name
     */
    public static Picture training(MetricsReader reader, RunInfo run, List<String> metrics) {
        List<RunCurves.Metric> chosen = chosen(RunCurves.metrics(reader.seriesOf(run.id())), metrics);
        List<Panel> panels = RunCurves.drawAll(reader, chosen, BUCKETS).stream()
                .map(RunCurves.Drawn::panel)
                .toList();
        return Picture.grid(run.name(), subtitle(run), panels, 2);
    }

    /**
     * One series of one run in a picture of several.
     *
     * @param reader of its file
     * @param label its name in the legend
     * @param colour the place of its run among all, so that a run has one colour in all panels
     */
    public record Curve(MetricsReader reader, SeriesInfo series, String label, int colour) {}

    /** A panel of curves over each other, all of the same kind. */
    public record Overlay(String title, List<Curve> curves) {
        public Overlay {
            curves = List.copyOf(curves);
        }
    }

    /**
     * Runs of one file over each other, a panel for each metric and a colour for each run.
     *
     * @param metrics in the order of the panels: {@code loss} is what was recorded at steps, {@code val/loss} what was recorded of
     *     epochs in phase {@code val}
     * @throws IllegalArgumentException if none of the runs has a metric of one of these names
     */
    public static Picture compare(MetricsReader reader, List<RunInfo> runs, List<String> metrics) {
        Map<String, List<Curve>> curves = new LinkedHashMap<>();
        metrics.forEach(metric -> curves.put(metric, new ArrayList<>()));
        Set<String> known = new TreeSet<>();
        for (int i = 0; i < runs.size(); i++) {
            for (SeriesInfo series : reader.seriesOf(runs.get(i).id())) {
                if (series.kind() == SeriesKind.STEP || series.kind() == SeriesKind.EPOCH) {
                    String name = series.scope().isEmpty() ? series.name() : series.scope() + "/" + series.name();
                    known.add(name);
                    if (curves.containsKey(name)) {
                        curves.get(name)
                                .add(new Curve(reader, series, runs.get(i).name(), i));
                    }
                }
            }
        }
        curves.forEach((metric, found) -> {
            if (found.isEmpty()) {
                throw new IllegalArgumentException(
                        "No such metric: expected some of " + known + ", found '" + metric + "'.");
            }
        });
        return overlay(curves.entrySet().stream()
                .map(entry -> new Overlay(entry.getKey(), entry.getValue()))
                .toList());
    }

    /** Series of several runs over each other, a panel for each metric; those of epochs over epochs, with dots. */
    public static Picture overlay(List<Overlay> overlays) {
        List<Panel> panels = new ArrayList<>();
        for (Overlay overlay : overlays) {
            List<Line> lines = new ArrayList<>();
            String axis = "step";
            for (Curve curve : overlay.curves()) {
                boolean epochs = curve.series().kind() == SeriesKind.EPOCH;
                axis = epochs ? "epoch" : "step";
                Envelope envelope = curve.reader()
                        .envelope(
                                curve.series(),
                                SeriesFigures.axisOf(curve.series()),
                                -Double.MAX_VALUE,
                                Double.MAX_VALUE,
                                BUCKETS);
                Line line = RunCurves.line(curve.label(), envelope, 0, 1).in(Colour.ofLine(curve.colour()));
                lines.add(epochs ? line.withDots() : line);
            }
            panels.add(Panel.of(overlay.title(), ChartAxis.number(axis), ChartAxis.number(""), lines));
        }
        return Picture.grid("", "", panels, 2);
    }

    /**
     * Processors, memory and GPUs over the minutes since the start of a run, with its stages as shaded bands. GPU memory is
     * dashed and has the axis on the right; a machine without GPUs says so.
     */
    public static Picture resources(MetricsReader reader, RunInfo run) {
        return Picture.stacked(
                "Resources of " + run.name(), subtitle(run), new ResourceLanes(reader, run, LANE_BUCKETS).three());
    }

    /**
     * Writes a picture as PNG or SVG, as the name of the file says, replacing what is there.
     *
     * @throws IllegalArgumentException if the name ends otherwise, or the size is none
     * @throws UncheckedIOException if the file cannot be written
     */
    public static void write(Picture picture, Path out, Size size) {
        Format format = Format.of(out);
        double scale = (double) size.dpi() / SVG_DPI;
        int width = size.width() != null ? size.width() : (int) Math.round(picture.naturalWidth() * scale);
        int height = size.height() != null ? size.height() : (int) Math.round(picture.naturalHeight() * scale);
        byte[] bytes = switch (format) {
            case PNG -> PngRenderer.png(picture, width, height, size.dpi());
            case SVG ->
                SvgRenderer.file(
                                picture,
                                size.width() != null ? width : picture.naturalWidth(),
                                size.height() != null ? height : heightOf(picture, size))
                        .getBytes(StandardCharsets.UTF_8);
        };
        replace(out, bytes);
    }

    private static int heightOf(Picture picture, Size size) {
        Integer width = size.width();
        return width == null
                ? picture.naturalHeight()
                : (int) Math.max(
                        picture.naturalHeight() / 2.0,
                        (double) picture.naturalHeight() * width / picture.naturalWidth());
    }

    /** What a picture is written as. */
    public enum Format {
        PNG,
        SVG;

        /**
         * The format that a file name asks for.
         *
         * @throws IllegalArgumentException if it asks for none of them
         */
        public static Format of(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            for (Format format : values()) {
                if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                    return format;
                }
            }
            throw new IllegalArgumentException(
                    "Cannot tell the kind of picture: expected a name that ends in .png or .svg, found '"
                            + file.getFileName() + "'.");
        }
    }

    static String subtitle(RunInfo run) {
        List<String> parts = new ArrayList<>();
        if (!run.tags().isEmpty()) {
            parts.add(String.join(", ", run.tags()));
        }
        parts.add(run.host());
        parts.add("started " + TIME.format(run.startedAt()));
        parts.add(run.status().name().toLowerCase(Locale.ROOT));
        return String.join("  ·  ", parts);
    }

    /** Writes beside and renames, so that nobody reads half a file. */
    static void replace(Path out, byte[] bytes) {
        Path target = out.toAbsolutePath();
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try {
            try {
                Files.write(partial, bytes);
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + target + ": " + e, e);
        }
    }

    private static List<RunCurves.Metric> chosen(List<RunCurves.Metric> all, List<String> names) {
        if (names.isEmpty()) {
            return all;
        }
        List<RunCurves.Metric> chosen = new ArrayList<>();
        for (String name : names) {
            String metric = MetricName.of(name).metric();
            RunCurves.Metric found = all.stream()
                    .filter(one -> one.name().equals(name) || one.name().equals(metric))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("No such metric: expected one of "
                            + all.stream().map(RunCurves.Metric::name).toList() + ", found '" + name + "'."));
            if (chosen.stream().noneMatch(one -> Objects.equals(one.name(), found.name()))) {
                chosen.add(found);
            }
        }
        return chosen;
    }
}
