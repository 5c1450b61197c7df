package dev.millrace.metrics;

import dev.millrace.chart.ChartAxis;
import dev.millrace.chart.Colour;
import dev.millrace.chart.Line;
import dev.millrace.chart.Panel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The curves of a run: a panel for each metric, training and validation together, epochs as dots over single steps. */
final class RunCurves {
    private static final Map<String, Colour> PHASE_COLOURS =
            Map.of("training", Colour.BLUE, "validation", Colour.VERMILION, "test", Colour.GREEN);

    private RunCurves() {}

    /** A metric with all series that belong into its panel, those of steps first. */
    record Metric(String name, List<SeriesInfo> series) {
        private Axis axis(MetricsReader reader) {
            boolean steps = series.stream().anyMatch(one -> one.kind() == SeriesKind.STEP);
            return steps || series.stream().anyMatch(one -> hasSteps(reader, one)) ? Axis.STEP : Axis.EPOCH;
        }

        /** Epochs of a run that records no steps are all at the same one. */
        private static boolean hasSteps(MetricsReader reader, SeriesInfo epochs) {
            Envelope ends = reader.envelope(epochs, Axis.STEP, -Double.MAX_VALUE, Double.MAX_VALUE, 2);
            return ends.size() > 0 && ends.to()[ends.size() - 1] > 0;
        }
    }

    /** All metrics of a run in the order of their charts. */
    static List<Metric> metrics(List<SeriesInfo> series) {
        Map<String, List<SeriesInfo>> found = new TreeMap<>();
        for (SeriesInfo one : series) {
            if ((one.kind() == SeriesKind.STEP || one.kind() == SeriesKind.EPOCH) && one.count() > 0) {
                found.computeIfAbsent(MetricName.of(one.name()).metric(), name -> new ArrayList<>())
                        .add(one);
            }
        }
        return found.entrySet().stream()
                .map(entry -> new Metric(
                        entry.getKey(),
                        entry.getValue().stream()
                                .sorted(Comparator.comparing(SeriesInfo::kind))
                                .toList()))
                .sorted(Comparator.comparingInt((Metric metric) -> MetricName.rank(metric.name()))
                        .thenComparing(Metric::name))
                .toList();
    }

    /** A panel and what was read for it. */
    record Drawn(Panel panel, List<Curve> curves) {}

    /** A series as it was read. */
    record Curve(SeriesInfo series, Axis axis, Envelope envelope) {}

    static Drawn draw(MetricsReader reader, Metric metric, int buckets) {
        Axis axis = metric.axis(reader);
        List<Curve> curves = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        boolean several = metric.series().size() > 1;
        int place = 0;
        for (SeriesInfo series : metric.series()) {
            String label = MetricName.label(series);
            Envelope envelope = reader.envelope(series, axis, -Double.MAX_VALUE, Double.MAX_VALUE, buckets);
            curves.add(new Curve(series, axis, envelope));
            Line line = line(several || series.kind() == SeriesKind.EPOCH ? label : "", envelope, 0, 1);
            boolean below = several && series.kind() == SeriesKind.STEP && place == 0 && hasEpochs(metric);
            Colour ofPhase = PHASE_COLOURS.get(label.replace(", each step", ""));
            line = below ? line.in(Colour.BACKGROUND) : ofPhase == null ? line : line.in(ofPhase);
            lines.add(series.kind() == SeriesKind.EPOCH ? line.withDots() : line);
            place++;
        }
        ChartAxis horizontal = ChartAxis.number(axis == Axis.STEP ? "step" : "epoch");
        return new Drawn(Panel.of(metric.name(), horizontal, ChartAxis.number(""), lines), curves);
    }

    /** All metrics of a run, over one range of steps. */
    static List<Drawn> drawAll(MetricsReader reader, List<Metric> metrics, int buckets) {
        List<Drawn> drawn = new ArrayList<>();
        for (Metric metric : metrics) {
            drawn.add(draw(reader, metric, buckets));
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Drawn one : drawn) {
            for (Curve curve : one.curves()) {
                int size = curve.envelope().size();
                if (curve.axis() == Axis.STEP && size > 0) {
                    low = Math.min(low, curve.envelope().from()[0]);
                    high = Math.max(high, curve.envelope().to()[size - 1]);
                }
            }
        }
        if (!(low < high)) {
            return drawn;
        }
        // Runs begin at 0 or 1; those that go on from somewhere begin there.
        ChartAxis steps = ChartAxis.number("step").from(low > 0 && low < high / 20 ? 0 : low, high);
        return drawn.stream()
                .map(one -> one.curves().stream().allMatch(curve -> curve.axis() == Axis.STEP)
                        ? new Drawn(one.panel().over(steps), one.curves())
                        : one)
                .toList();
    }

    private static boolean hasEpochs(Metric metric) {
        return metric.series().stream().anyMatch(series -> series.kind() == SeriesKind.EPOCH);
    }

    /**
     * An envelope as a line through the means, with lowest and highest around it; a bucket with a value that is not finite is
     * followed by a gap.
     *
     * @param origin what is 0 on the axis of the picture
     * @param unit what is 1 on it
     */
    static Line line(String label, Envelope envelope, double origin, double unit) {
        int size = envelope.size();
        double[] x = new double[2 * size];
        double[][] y = new double[3][2 * size];
        int count = 0;
        boolean drawnTogether = false;
        for (int i = 0; i < size; i++) {
            drawnTogether |= envelope.counts()[i] > 1;
            if (envelope.counts()[i] > envelope.notFinite()[i]) {
                x[count] = ((envelope.from()[i] + envelope.to()[i]) / 2 - origin) / unit;
                y[0][count] = envelope.mean()[i];
                y[1][count] = envelope.min()[i];
                y[2][count++] = envelope.max()[i];
            }
            if (envelope.notFinite()[i] > 0) {
                x[count] = (envelope.to()[i] - origin) / unit;
                y[0][count] = Double.NaN;
                y[1][count] = Double.NaN;
                y[2][count++] = Double.NaN;
            }
        }
        Line line = Line.of(label, Arrays.copyOf(x, count), Arrays.copyOf(y[0], count));
        return drawnTogether ? line.withEnvelope(Arrays.copyOf(y[1], count), Arrays.copyOf(y[2], count)) : line;
    }
}
