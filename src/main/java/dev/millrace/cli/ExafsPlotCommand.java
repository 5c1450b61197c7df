package dev.millrace.cli;

import dev.millrace.chart.Picture;
import dev.millrace.chart.PngRenderer;
import dev.millrace.exafs.ChiCurves;
import dev.millrace.exafs.ChiSource;
import dev.millrace.exafs.ExafsPlot;
import dev.millrace.exafs.FourierWindow;
import dev.millrace.exafs.NumberTable;
import dev.millrace.exafs.PathCriteria;
import dev.millrace.metrics.MetricsPlot;
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

/** {@code millrace exafs plot}: pictures of χ(k) and χ(R). */
@Command(
        name = "plot",
        description = {
            "Draw k-weighted χ(k) and |χ(R)| of the paths that match, as PNG or SVG.",
            "Data are chosen as for 'exafs average'. Nothing matching is an error and writes nothing."
        },
        footer = {
            "",
            "Examples:",
            "  millrace exafs plot --database chi.db --out average.png",
            "  millrace exafs plot --database chi.db --what paths --frames 100 --atoms 0 --out paths.png",
            "  millrace exafs plot --database chi.db --select \"oxygen: contains=O\" --select \"U-U: paths=U-U\" --out two.svg",
            "  millrace exafs plot --overlay chi.dat --overlay measured.csv --out compared.png"
        })
final class ExafsPlotCommand implements Callable<Integer> {
    /** What is drawn. */
    enum What {
        AVERAGE,
        ATOMS,
        PATHS,
        COMPARE
    }

    private static final double USUAL_KMIN = 3;
    private static final double USUAL_KMAX = 17;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsInput input = new ExafsInput();

    @Mixin
    private final ExafsSelection selection = new ExafsSelection();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "P.png|P.svg",
            description = "The picture; its ending says what it becomes.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(
            names = "--what",
            paramLabel = "WHAT",
            description =
                    "average: the mean over atoms with its standard error (default). atoms: the sum of each atom behind"
                            + " the mean. paths: what makes it up, each path of one atom, or each type of several. compare: the mean of"
                            + " each --select (default with it).")
    private @Nullable What what;

    @Option(
            names = "--select",
            paramLabel = "LABEL: CRITERIA",
            description = "A selection to compare, with criteria as for --or; several times.")
    private List<String> selections = new ArrayList<>();

    @Option(
            names = "--overlay",
            paramLabel = "FILE",
            description = "Draw χ(k) of a file too: columns k and chi, or FEFF's chi.dat; several times.")
    private List<Path> overlays = new ArrayList<>();

    @Option(
            names = "--show",
            paramLabel = "both|k|r|all",
            description = "Panels: χ(k), |χ(R)|, both (default), or those and Re χ(R).")
    private ExafsPlot.Show show = ExafsPlot.Show.BOTH;

    @Option(names = "--kweight", paramLabel = "N", description = "Power of k that χ is multiplied by (default: 2).")
    private int kweight = 2;

    @Option(names = "--ft-kmin", paramLabel = "K", description = "Start of the window of χ(R), Å⁻¹ (default: 3).")
    private double ftKmin = USUAL_KMIN;

    @Option(
            names = "--ft-kmax",
            paramLabel = "K",
            description = "Its end, Å⁻¹ (default: 17, or the last k if that is less).")
    private @Nullable Double ftKmax;

    @Option(names = "--dk", paramLabel = "K", description = "Width of its edges, Å⁻¹ (default: 1).")
    private double dk = 1;

    @Option(
            names = "--window",
            paramLabel = "NAME",
            description = "kaiser, hanning, parzen, welch, gaussian or sine (default: hanning).")
    private String window = "hanning";

    @Option(names = "--rmax", paramLabel = "R", description = "Where the axis of R ends, Å (default: 6).")
    private double mostR = 6;

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "With --what paths, how many are told apart, the strongest (default: 5).")
    private int most = ExafsPlot.MOST_PARTS;

    @Option(names = "--apart", description = "Shift curves of χ(k), so that none crosses another; always with paths.")
    private boolean apart;

    @Option(names = "--title", paramLabel = "TEXT", description = "Words above the picture.")
    private @Nullable String title;

    @Option(names = "--width", paramLabel = "N", description = "Width in pixels (default: as it suits the picture).")
    private @Nullable Integer width;

    @Option(names = "--height", paramLabel = "N", description = "Height in pixels (default: as it suits the picture).")
    private @Nullable Integer height;

    @Option(names = "--dpi", paramLabel = "N", description = "Pixels per inch of a PNG (default: 150).")
    private int dpi = 150;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        MetricsPlot.Format format = Inputs.checked(() -> MetricsPlot.Format.of(Inputs.inFolder(out)));
        check();
        List<ChiCurves.Curve> curves = new ArrayList<>();
        Facts facts = hasSource() ? ofSource(curves) : new Facts("", "", 0, 0);
        for (Path file : overlays) {
            curves.add(overlay(file));
        }
        FourierWindow.Range range = range(curves);
        ExafsPlot.View view =
                Inputs.checked(() -> new ExafsPlot.View(show, kweight, range, mostR, apart || what() == What.PATHS));
        Picture picture =
                Inputs.checked(() -> ExafsPlot.of(title == null ? facts.title : title, facts.subtitle, curves, view));
        Inputs.checked(() -> {
            MetricsPlot.write(picture, out, new MetricsPlot.Size(width, height, dpi));
            return out;
        });
        print(format, facts, curves.size());
        return ExitCode.DONE.code();
    }

    /** What is said of the picture. */
    private record Facts(String title, String subtitle, long paths, long atoms) {}

    private boolean hasSource() {
        return overlays.isEmpty()
                || input.database() != null
                || input.inputDir() != null
                || !selections.isEmpty()
                || what != null;
    }

    private What what() {
        return what != null ? what : selections.isEmpty() ? What.AVERAGE : What.COMPARE;
    }

    private Facts ofSource(List<ChiCurves.Curve> curves) throws IOException {
        PathCriteria criteria = selection.criteria();
        Map<String, PathCriteria> compared = compared(criteria);
        return input.with(console, source -> {
            curves.clear();
            ChiCurves drawn = what() == What.COMPARE ? compare(source, compared) : one(source, criteria);
            if (drawn.curves().isEmpty()) {
                throw new UsageException("No data: no path matches (" + criteria + "); " + source.path() + " has "
                        + source.extent() + ". Nothing was written.");
            }
            source.warnings(criteria).forEach(console::warn);
            curves.addAll(drawn.curves());
            return new Facts(title(drawn), subtitle(source, criteria, drawn), drawn.paths(), drawn.atoms());
        });
    }

    private ChiCurves one(ChiSource source, PathCriteria criteria) throws IOException {
        return switch (what()) {
            case ATOMS -> ChiCurves.atoms(source, criteria);
            case PATHS -> ChiCurves.parts(source, criteria, most, kweight);
            default -> ChiCurves.average(source, criteria, overlays.isEmpty() ? "" : "mean over atoms");
        };
    }

    private ChiCurves compare(ChiSource source, Map<String, PathCriteria> compared) throws IOException {
        List<ChiCurves.Curve> curves = new ArrayList<>();
        long paths = 0;
        long atoms = 0;
        for (Map.Entry<String, PathCriteria> one : compared.entrySet()) {
            ChiCurves average = ChiCurves.average(source, one.getValue(), one.getKey());
            if (average.curves().isEmpty()) {
                throw new UsageException("No data: no path matches --select \"" + one.getKey() + "\" (" + one.getValue()
                        + "); " + source.path() + " has " + source.extent() + ". Nothing was written.");
            }
            String label = String.format(Locale.ROOT, "%s (%,d paths)", one.getKey(), average.paths());
            average.curves()
                    .forEach(curve -> curves.add(
                            new ChiCurves.Curve(label, curve.k(), curve.chi(), curve.error(), curve.role())));
            paths += average.paths();
            atoms = Math.max(atoms, average.atoms());
        }
        return new ChiCurves(curves, paths, atoms);
    }

    private Map<String, PathCriteria> compared(PathCriteria whole) {
        Map<String, PathCriteria> compared = new LinkedHashMap<>();
        for (String text : selections) {
            int colon = text.indexOf(':');
            if (colon < 1) {
                throw new UsageException("--select: expected \"LABEL: CRITERIA\", found '" + text + "'.");
            }
            String label = text.substring(0, colon).strip();
            String rest = text.substring(colon + 1).strip();
            PathCriteria criteria = rest.isEmpty() ? whole : CriteriaText.parse(Map.of(), List.of(rest), false);
            if (compared.put(label, criteria) != null) {
                throw new UsageException("--select: expected labels that differ, found '" + label + "' twice.");
            }
        }
        return compared;
    }

    private static ChiCurves.Curve overlay(Path file) throws IOException {
        NumberTable table = NumberTable.read(Inputs.file(file));
        return new ChiCurves.Curve(
                String.valueOf(file.getFileName()),
                table.column(0, "k"),
                table.column(1, "chi"),
                null,
                ChiCurves.Role.REFERENCE);
    }

    private FourierWindow.Range range(List<ChiCurves.Curve> curves) {
        double last = curves.stream()
                .mapToDouble(curve -> curve.k()[curve.k().length - 1])
                .min()
                .orElse(USUAL_KMAX);
        double end = ftKmax == null ? Math.min(USUAL_KMAX, last) : ftKmax;
        return Inputs.checked(() -> new FourierWindow.Range(FourierWindow.parse(window), ftKmin, end, dk, dk));
    }

    private String title(ChiCurves drawn) {
        return switch (what()) {
            case AVERAGE -> "Mean over atoms";
            case ATOMS -> "Atoms and their mean";
            case PATHS -> drawn.atoms() == 1 ? "Paths and their sum" : "Types of path and their mean";
            case COMPARE -> "Selections compared";
        };
    }

    private String subtitle(ChiSource source, PathCriteria criteria, ChiCurves drawn) {
        String text = String.valueOf(source.path().getFileName());
        if (what() != What.COMPARE) {
            text += ": " + counted(drawn.paths(), "path") + " of " + counted(drawn.atoms(), "atom");
            text += criteria.equals(PathCriteria.ALL) ? "" : " (" + criteria + ")";
        }
        boolean banded = drawn.curves().stream().anyMatch(curve -> curve.error() != null);
        return banded ? text + "  ·  bands: standard error" : text;
    }

    private static String counted(long count, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
    }

    private void check() throws IOException {
        if (input.database() != null) {
            Inputs.output(out, input.database());
        }
        for (Path file : overlays) {
            Inputs.output(out, file);
        }
        Inputs.range("--kweight", kweight, 0, 9);
        Inputs.range("--most", most, 1, ExafsPlot.MOST_PARTS);
        Inputs.range("--dpi", dpi, 30, 1_200);
        if (width != null) {
            Inputs.range("--width", width, 200, PngRenderer.MOST_PIXELS);
        }
        if (height != null) {
            Inputs.range("--height", height, 200, PngRenderer.MOST_PIXELS);
        }
        if (what() == What.COMPARE && selections.isEmpty()) {
            throw new UsageException("--what compare: expected --select with it, found none.");
        }
        if (what() != What.COMPARE && !selections.isEmpty()) {
            throw new UsageException("--select: expected --what compare with it, found "
                    + what().name().toLowerCase(Locale.ROOT) + ".");
        }
    }

    private void print(MetricsPlot.Format format, Facts facts, int curves) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("out", out.toString());
            fields.put("format", format.name().toLowerCase(Locale.ROOT));
            fields.put("curves", curves);
            fields.put("paths", facts.paths);
            fields.put("atoms", facts.atoms);
            console.printJson(fields);
        } else {
            console.print(out.toString());
        }
    }
}
