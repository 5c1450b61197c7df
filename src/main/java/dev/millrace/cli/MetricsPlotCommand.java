package dev.millrace.cli;

import dev.millrace.chart.Picture;
import dev.millrace.chart.PngRenderer;
import dev.millrace.metrics.MetricsPlot;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics plot}: a picture of a run as a file. */
@Command(
        name = "plot",
        description = "Draw the training curves of a run, or what the machine did meanwhile, as PNG or SVG.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics plot runs/demo/run --out curves.png",
            "  millrace metrics plot metrics.db --kind resources --out resources.svg",
            "  millrace metrics plot metrics.db --metric loss --width 1600 --dpi 192 --out loss.png"
        })
final class MetricsPlotCommand implements Callable<Integer> {
    private static final int USUAL_DPI = 150;
    static final MetricsPlot.Size USUAL_SIZE = new MetricsPlot.Size(null, null, USUAL_DPI);
    private static final int LEAST_DPI = 30;
    private static final int MOST_DPI = 1_200;
    private static final int LEAST_PIXELS = 200;

    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "P.png|P.svg",
            description = "The picture; its ending says what it becomes.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    /** What is drawn. */
    enum Kind {
        TRAINING,
        RESOURCES
    }

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "training: the curves; resources: CPU, RAM and GPU over the minutes of the run (default:"
                    + " training, if the run recorded any).")
    private @Nullable Kind kind;

    @Option(names = "--metric", paramLabel = "NAME", description = "Draw this metric only; may be repeated.")
    private List<String> metrics = new ArrayList<>();

    @Option(names = "--run", paramLabel = "RUN", description = "Number or name of the run (default: the latest).")
    private @Nullable String runName;

    @Option(names = "--width", paramLabel = "N", description = "Width in pixels (default: as it suits the picture).")
    private @Nullable Integer width;

    @Option(names = "--height", paramLabel = "N", description = "Height in pixels (default: as it suits the picture).")
    private @Nullable Integer height;

    @Option(
            names = "--dpi",
            paramLabel = "N",
            description = "Pixels per inch of a PNG: with more of them letters are larger (default: 150, or what suits"
                    + " the width).")
    private @Nullable Integer dpi;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path file = MetricsInput.file(named);
        MetricsPlot.Format format = Inputs.checked(() -> MetricsPlot.Format.of(Inputs.inFolder(out)));
        MetricsInput.output(out, file);
        checkRanges();
        try (MetricsReader reader = MetricsReader.open(file)) {
            RunInfo run = MetricsInput.run(reader, runName);
            Kind drawn = kind != null ? kind : kindOf(reader, run);
            if (drawn == Kind.RESOURCES && !metrics.isEmpty()) {
                throw new UsageException("--metric: expected --kind training with it, found resources.");
            }
            Picture picture = drawn == Kind.RESOURCES
                    ? MetricsPlot.resources(reader, run)
                    : Inputs.checked(() -> MetricsPlot.training(reader, run, metrics));
            MetricsPlot.Size size = new MetricsPlot.Size(width, height, dpi(picture));
            Inputs.checked(() -> {
                MetricsPlot.write(picture, out, size);
                return out;
            });
            print(run, drawn, format);
        }
        return ExitCode.DONE.code();
    }

    /** A picture of a given width looks as one of its natural width would, scaled. */
    private int dpi(Picture picture) {
        if (dpi != null) {
            return dpi;
        }
        return width == null
                ? USUAL_DPI
                : Math.max(LEAST_DPI, Math.min(MOST_DPI, MetricsPlot.SVG_DPI * width / picture.naturalWidth()));
    }

    private void checkRanges() {
        if (dpi != null) {
            Inputs.range("--dpi", dpi, LEAST_DPI, MOST_DPI);
        }
        if (width != null) {
            Inputs.range("--width", width, LEAST_PIXELS, PngRenderer.MOST_PIXELS);
        }
        if (height != null) {
            Inputs.range("--height", height, LEAST_PIXELS, PngRenderer.MOST_PIXELS);
        }
    }

    private static Kind kindOf(MetricsReader reader, RunInfo run) {
        List<SeriesKind> kinds = reader.seriesOf(run.id()).stream()
                .map(series -> series.kind())
                .distinct()
                .toList();
        boolean resourcesOnly = kinds.contains(SeriesKind.RESOURCE)
                && !kinds.contains(SeriesKind.STEP)
                && !kinds.contains(SeriesKind.EPOCH);
        return resourcesOnly ? Kind.RESOURCES : Kind.TRAINING;
    }

    private void print(RunInfo run, Kind drawn, MetricsPlot.Format format) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("out", out.toString());
            fields.put("format", format.name().toLowerCase(Locale.ROOT));
            fields.put("kind", drawn.name().toLowerCase(Locale.ROOT));
            fields.put("run", run.id());
            console.printJson(fields);
        } else {
            console.print(out.toString());
        }
    }
}
