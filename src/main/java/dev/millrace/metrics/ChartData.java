package dev.millrace.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one chart shows.
 *
 * @param title name of the metric
 * @param axis what the horizontal axis counts
 * @param curves at least one
 */
record ChartData(String title, String axis, List<Curve> curves) {
    /** All charts of a run: losses first, then what tells how good the model is, then the rest by name. */
    static List<ChartData> ofRun(MetricsReader reader, long runId) {
        Map<String, List<Curve>> curves = new TreeMap<>();
        boolean anyStep = false;
        for (String name : reader.stepNames(runId)) {
            Series series = reader.series(runId, name);
            if (series.size() > 0) {
                anyStep = true;
                MetricName split = MetricName.of(name);
                add(curves, split.metric(), Curve.ofSteps(split.label("each step"), series));
            }
        }
        for (EpochCurve epochs : epochCurves(reader.epochMetrics(runId))) {
            MetricName split = MetricName.of(epochs.name());
            String phase = epochs.phase().isEmpty() ? split.label("each epoch") : MetricName.phase(epochs.phase());
            add(curves, split.metric(), epochs.toCurve(phase, anyStep));
        }
        String axis = anyStep ? "step" : "epoch";
        return curves.entrySet().stream()
                .map(entry -> new ChartData(entry.getKey(), axis, inDrawingOrder(entry.getValue())))
                .sorted(Comparator.comparingInt((ChartData chart) -> rank(chart.title()))
                        .thenComparing(ChartData::title))
                .toList();
    }

    Extent xExtent() {
        return curves.stream().map(Curve::xExtent).reduce(Extent.NONE, Extent::with);
    }

    Extent valueExtent() {
        return curves.stream().map(Curve::valueExtent).reduce(Extent.NONE, Extent::with);
    }

    private static void add(Map<String, List<Curve>> curves, String metric, Curve curve) {
        curves.computeIfAbsent(metric, name -> new ArrayList<>()).add(curve);
    }

    /** Dense curves below, so that the few dots of the epochs stay visible. */
    private static List<Curve> inDrawingOrder(List<Curve> curves) {
        return curves.stream().sorted(Comparator.comparing(Curve::dots)).toList();
    }

    private static int rank(String metric) {
        String lower = metric.toLowerCase(Locale.ROOT);
        return lower.equals("loss")
                ? 0
                : lower.contains("cosine")
                        ? 1
                        : lower.contains("loss") ? 2 : lower.contains("learning") || lower.equals("lr") ? 3 : 4;
    }

    private static List<EpochCurve> epochCurves(List<EpochPoint> points) {
        Map<List<String>, EpochCurve> curves = new LinkedHashMap<>();
        for (EpochPoint point : points) {
            EpochMetric metric = point.metric();
            curves.computeIfAbsent(
                            List.of(metric.name(), metric.phase()),
                            key -> new EpochCurve(metric.name(), metric.phase(), new ArrayList<>()))
                    .points()
                    .add(point);
        }
        return List.copyOf(curves.values());
    }

    /** The epoch values of one name and phase, in order of recording. */
    private record EpochCurve(String name, String phase, List<EpochPoint> points) {
        Curve toCurve(String label, boolean bySteps) {
            double[] x = new double[points.size()];
            double[] values = new double[points.size()];
            for (int i = 0; i < x.length; i++) {
                EpochPoint point = points.get(i);
                x[i] = bySteps ? point.step() : point.metric().epoch();
                values[i] = point.metric().value();
            }
            return new Curve(label, x, values, true);
        }
    }

    /** One line. Points are in order of recording; a value that is not finite interrupts it. */
    static final class Curve {
        private final String label;
        private final double[] x;
        private final double[] values;
        private final boolean dots;

        Curve(String label, double[] x, double[] values, boolean dots) {
            this.label = label;
            this.x = x;
            this.values = values;
            this.dots = dots;
        }

        static Curve ofSteps(String label, Series series) {
            double[] x = new double[series.size()];
            for (int i = 0; i < x.length; i++) {
                x[i] = series.steps()[i];
            }
            return new Curve(label, x, series.values(), false);
        }

        String label() {
            return label;
        }

        boolean dots() {
            return dots;
        }

        int size() {
            return x.length;
        }

        double x(int point) {
            return x[point];
        }

        double value(int point) {
            return values[point];
        }

        Extent xExtent() {
            return Extent.of(x);
        }

        Extent valueExtent() {
            return Extent.of(values);
        }
    }

    /** Lowest and highest of some finite numbers; NaN when there are none. */
    record Extent(double low, double high) {
        static final Extent NONE = new Extent(Double.NaN, Double.NaN);

        static Extent of(double[] numbers) {
            Extent extent = NONE;
            for (double number : numbers) {
                if (Double.isFinite(number)) {
                    extent = extent.with(number, number);
                }
            }
            return extent;
        }

        Extent with(Extent other) {
            return Double.isNaN(other.low) ? this : with(other.low, other.high);
        }

        boolean isEmpty() {
            return Double.isNaN(low);
        }

        private Extent with(double lower, double higher) {
            return isEmpty() ? new Extent(lower, higher) : new Extent(Math.min(low, lower), Math.max(high, higher));
        }
    }

    /** A name such as {@code val/loss} taken apart. */
    private record MetricName(String phase, String metric) {
        private static final Map<String, String> PHASES = Map.of(
                "train", "training",
                "training", "training",
                "val", "validation",
                "valid", "validation",
                "validate", "validation",
                "validation", "validation",
                "test", "test");

        static MetricName of(String name) {
            int cut = 0;
            while (cut < name.length() && Character.isLetter(name.charAt(cut))) {
                cut++;
            }
            String phase = PHASES.get(name.substring(0, cut).toLowerCase(Locale.ROOT));
            boolean separated = cut < name.length() - 1 && "_/.-".indexOf(name.charAt(cut)) >= 0;
            return phase == null || !separated
                    ? new MetricName("", name)
                    : new MetricName(phase, name.substring(cut + 1));
        }

        static String phase(String phase) {
            return PHASES.getOrDefault(phase.toLowerCase(Locale.ROOT), phase);
        }

        String label(String moment) {
            return phase.isEmpty() ? moment : phase + ", " + moment;
        }
    }
}
