package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.chart.Picture;
import dev.millrace.chart.PlainText;
import dev.millrace.metrics.MetricsPlot;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesFigures;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.metrics.SeriesKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Runs beside each other; the first is what the others are compared with. Immutable. */
record RunComparison(List<Compared> runs, Map<Key, List<@Nullable SeriesFigures>> figures) {
    static final List<String> VALUE_HEAD = List.of("metric", "run", "last", "Δ last", "best", "Δ best", "at");
    private static final int MOST_CHARTS = 2;

    /** A run and where it is read. */
    record Compared(Path file, MetricsReader reader, RunInfo run) {}

    /** What makes series of several runs the same. Ordered by name. */
    record Key(String name, SeriesKind kind) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : kind.compareTo(other.kind);
        }

        static Key of(SeriesInfo series) {
            String name = series.scope().isEmpty() ? series.name() : series.scope() + "/" + series.name();
            return new Key(name, series.kind());
        }

        private boolean isOneOf(List<String> names) {
            return names.isEmpty() || names.contains(name) || names.stream().anyMatch(one -> name.endsWith("/" + one));
        }
    }

    /** @throws UsageException if none of the runs has a metric of the names */
    static RunComparison of(List<Compared> runs, List<String> names) {
        Map<Key, List<@Nullable SeriesFigures>> figures = new TreeMap<>();
        TreeSet<String> known = new TreeSet<>();
        for (int i = 0; i < runs.size(); i++) {
            Compared one = runs.get(i);
            for (SeriesInfo series : one.reader().seriesOf(one.run().id())) {
                boolean training = series.kind() == SeriesKind.STEP || series.kind() == SeriesKind.EPOCH;
                if (!training || series.count() == 0) {
                    continue;
                }
                Key key = Key.of(series);
                known.add(key.name());
                if (key.isOneOf(names)) {
                    List<@Nullable SeriesFigures> ofKey = figures.computeIfAbsent(key, absent -> new ArrayList<>());
                    while (ofKey.size() < i) {
                        ofKey.add(null);
                    }
                    ofKey.add(SeriesFigures.of(one.reader(), series));
                }
            }
        }
        if (figures.isEmpty() && !names.isEmpty()) {
            throw new UsageException("--metric: expected some of " + known + ", found " + names + ".");
        }
        figures.values().forEach(ofKey -> {
            while (ofKey.size() < runs.size()) {
                ofKey.add(null);
            }
        });
        return new RunComparison(List.copyOf(runs), figures);
    }

    static String letter(int place) {
        return String.valueOf((char) ('A' + place));
    }

    /** A row for each metric and run. */
    List<List<String>> valueRows() {
        List<List<String>> rows = new ArrayList<>();
        figures.forEach((key, ofRuns) -> {
            SeriesFigures first = ofRuns.get(0);
            for (int i = 0; i < ofRuns.size(); i++) {
                SeriesFigures one = ofRuns.get(i);
                String name = i == 0 ? MetricsFacts.name(key.name()) : "";
                if (one == null) {
                    rows.add(List.of(name, letter(i), "-", "", "-", "", ""));
                    continue;
                }
                SeriesFigures.Best best = one.best();
                SeriesFigures.Best firstBest = first == null ? null : first.best();
                String axis = one.axis().name().toLowerCase(Locale.ROOT);
                rows.add(List.of(
                        name,
                        letter(i),
                        Notation.number(one.last()),
                        i == 0 || first == null ? "" : signed(one.last() - first.last()),
                        best == null ? "" : Notation.number(best.value()),
                        i == 0 || best == null || firstBest == null ? "" : signed(best.value() - firstBest.value()),
                        best == null ? "" : axis + " " + Notation.number(best.at())));
            }
        });
        return rows;
    }

    /** A row for each setting that is not the same in all runs. */
    List<List<String>> paramRows() {
        List<List<String>> rows = new ArrayList<>();
        differingParams().forEach((name, values) -> {
            List<String> row = new ArrayList<>(List.of(MetricsFacts.name(name)));
            values.forEach(value -> row.add(value == null ? "-" : PlainText.visible(value, 30)));
            rows.add(row);
        });
        return rows;
    }

    /** The curves of the runs over each other: of the losses, or of the first metrics. */
    Optional<Picture> picture() {
        List<Key> all = new ArrayList<>(figures.keySet());
        List<Key> losses = all.stream()
                .filter(key -> key.name().toLowerCase(Locale.ROOT).contains("loss"))
                // What was measured on unseen data tells more.
                .sorted((one, other) -> Boolean.compare(isTraining(one), isTraining(other)))
                .toList();
        List<Key> shown =
                (losses.isEmpty() ? all : losses).stream().limit(MOST_CHARTS).toList();
        if (shown.isEmpty()) {
            return Optional.empty();
        }
        List<MetricsPlot.Overlay> overlays = new ArrayList<>();
        for (Key key : shown) {
            List<MetricsPlot.Curve> curves = new ArrayList<>();
            List<@Nullable SeriesFigures> ofRuns = Objects.requireNonNull(figures.get(key));
            for (int i = 0; i < runs.size(); i++) {
                SeriesFigures one = ofRuns.get(i);
                if (one != null) {
                    String label = runs.get(i).run().name() + " (" + letter(i) + ")";
                    curves.add(new MetricsPlot.Curve(runs.get(i).reader(), one.series(), label, i));
                }
            }
            overlays.add(new MetricsPlot.Overlay(key.name(), curves));
        }
        return Optional.of(MetricsPlot.overlay(overlays));
    }

    private static boolean isTraining(Key key) {
        return !key.name().startsWith("val") && !key.name().startsWith("test");
    }

    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "runs",
                runs.stream()
                        .map(one -> MetricsFacts.json(one.file(), one.run()))
                        .toList());
        List<Map<String, Object>> metrics = new ArrayList<>();
        figures.forEach((key, ofRuns) -> {
            Map<String, Object> metric = new LinkedHashMap<>();
            metric.put("name", key.name());
            metric.put("kind", key.kind().name().toLowerCase(Locale.ROOT));
            List<@Nullable Object> values = new ArrayList<>();
            ofRuns.forEach(one -> values.add(one == null ? null : json(one, ofRuns.get(0))));
            metric.put("runs", values);
            metrics.add(metric);
        });
        fields.put("metrics", metrics);
        fields.put("param_differences", differingParams());
        return fields;
    }

    private static Map<String, Object> json(SeriesFigures one, @Nullable SeriesFigures first) {
        Map<String, Object> fields = new LinkedHashMap<>(MetricsFacts.json(one));
        if (first != null) {
            fields.put("last_delta", MetricsFacts.number(one.last() - first.last()));
            SeriesFigures.Best best = one.best();
            SeriesFigures.Best firstBest = first.best();
            if (best != null && firstBest != null) {
                fields.put("best_delta", MetricsFacts.number(best.value() - firstBest.value()));
            }
        }
        return fields;
    }

    private Map<String, List<@Nullable String>> differingParams() {
        TreeSet<String> names = new TreeSet<>();
        runs.forEach(one -> names.addAll(one.run().params().keySet()));
        Map<String, List<@Nullable String>> differing = new TreeMap<>();
        for (String name : names) {
            List<@Nullable String> values = new ArrayList<>();
            runs.forEach(one -> values.add(one.run().params().get(name)));
            if (values.stream().distinct().count() > 1) {
                differing.put(name, values);
            }
        }
        return differing;
    }

    private static String signed(double difference) {
        return (difference > 0 ? "+" : "") + Notation.number(difference);
    }
}
