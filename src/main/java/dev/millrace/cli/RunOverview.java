package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.chart.PlainText;
import dev.millrace.chart.TextRenderer;
import dev.millrace.chart.TextStyle;
import dev.millrace.metrics.Axis;
import dev.millrace.metrics.Envelope;
import dev.millrace.metrics.GenerationSummary;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsSummary;
import dev.millrace.metrics.RunEvent;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesFigures;
import dev.millrace.metrics.SeriesKind;
import dev.millrace.metrics.StageSpan;
import dev.millrace.metrics.StageStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;

/** What there is to say of a run, as lines and as JSON. Immutable. */
record RunOverview(
        Path file,
        RunInfo run,
        MetricsSummary summary,
        List<SeriesFigures> figures,
        List<StageSpan> stages,
        List<GenerationSummary> generations,
        List<RunEvent> events) {
    private static final int LAST_EVENTS = 10;
    /** Stages that have a line each. */
    private static final int MOST_STAGES = 20;

    private static final int LEAST_SPARKS = 8;
    private static final int MOST_SPARKS = 60;
    /** Room for the numbers beside a sparkline. */
    private static final int NUMBERS = 42;
    /** What is asked for most comes first. */
    private static final List<String> SCOPES = List.of("cpu", "ram", "gpu", "jvm", "disk");

    static RunOverview of(Path file, MetricsReader reader, RunInfo run) {
        List<SeriesFigures> figures = reader.seriesOf(run.id()).stream()
                .filter(series -> series.count() > 0 && series.kind() != SeriesKind.GENERATION)
                .map(series -> SeriesFigures.of(reader, series))
                .toList();
        return new RunOverview(
                file,
                run,
                reader.summary(),
                figures,
                reader.stages(run.id()),
                reader.generationSummaries(run.id()),
                reader.events(run.id()));
    }

    /** How long it went; of one that did not end, to the last thing known of it, which may be later than its heartbeat. */
    double seconds() {
        double seconds = MetricsFacts.seconds(run);
        if (run.endedAt() != null) {
            return seconds;
        }
        long last = 0;
        if (!events.isEmpty()) {
            last = events.get(events.size() - 1).timeMillis();
        }
        if (!stages.isEmpty()) {
            StageSpan stage = stages.get(stages.size() - 1);
            Double took = stage.durationSeconds();
            last = Math.max(last, stage.startedMillis() + (took == null ? 0 : Math.round(took * 1e3)));
        }
        return Math.max(seconds, (last - run.startedAt().toEpochMilli()) / 1e3);
    }

    /** The metrics that are losses; without any, the first metric there is. */
    List<String> losses() {
        List<String> names = figures.stream()
                .filter(one ->
                        one.series().kind() == SeriesKind.STEP || one.series().kind() == SeriesKind.EPOCH)
                .map(one -> one.series().name())
                .distinct()
                .toList();
        List<String> losses = names.stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).contains("loss"))
                .toList();
        return losses.isEmpty() ? names.stream().limit(1).toList() : losses;
    }

    void values(List<String> lines) {
        List<List<String>> rows = new ArrayList<>();
        for (SeriesFigures one : figures) {
            if (one.series().kind() == SeriesKind.RESOURCE) {
                continue;
            }
            String axis = one.axis().name().toLowerCase(Locale.ROOT);
            SeriesFigures.Best best = one.best();
            rows.add(List.of(
                    MetricsFacts.name(one.name()),
                    Notation.number(one.last()),
                    axis + " " + Notation.number(one.lastAt()),
                    best == null ? "" : Notation.number(best.value()),
                    best == null ? "" : axis + " " + Notation.number(best.at()),
                    Notation.number(one.lowest()),
                    Notation.number(one.highest()),
                    Notation.count(one.points())));
        }
        if (!rows.isEmpty()) {
            lines.add("");
            lines.addAll(
                    new TextTable(List.of("metric", "last", "at", "best", "at", "lowest", "highest", "values"), rows)
                            .lines());
        }
    }

    /** One line for each resource: a sparkline, the last value and the range. */
    void resources(List<String> lines, MetricsReader reader, TextStyle style) {
        List<List<String>> rows = new ArrayList<>();
        List<SeriesFigures> resources = figures.stream()
                .filter(one -> one.series().kind() == SeriesKind.RESOURCE)
                .sorted(Comparator.comparingInt(one -> rank(one.series().scope())))
                .toList();
        int longest = resources.stream()
                .mapToInt(one -> MetricsFacts.name(one.name()).length())
                .max()
                .orElse(0);
        int sparks = Math.max(LEAST_SPARKS, Math.min(MOST_SPARKS, style.columns() - longest - NUMBERS));
        for (SeriesFigures one : resources) {
            Envelope seen = reader.envelope(one.series(), Axis.TIME, -Double.MAX_VALUE, Double.MAX_VALUE, 4 * sparks);
            rows.add(List.of(
                    MetricsFacts.name(one.name()),
                    TextRenderer.sparkline(seen.mean(), sparks, style),
                    Notation.number(one.last()),
                    Notation.number(one.lowest()),
                    Notation.number(one.highest()),
                    PlainText.visible(one.series().unit())));
        }
        if (!rows.isEmpty()) {
            lines.add("");
            lines.addAll(
                    new TextTable(List.of("resource", "over time", "last", "lowest", "highest", "unit"), rows).lines());
        }
    }

    private static int rank(String scope) {
        int place = SCOPES.indexOf(scope);
        return place < 0 ? SCOPES.size() : place;
    }

    /** Stages, data produced, the last events. */
    void rest(List<String> lines) {
        if (!stages.isEmpty()) {
            lines.add("");
            lines.addAll(stages.size() <= MOST_STAGES ? eachStage() : stagesByName());
        }
        if (!generations.isEmpty()) {
            lines.add("");
            List<List<String>> rows = generations.stream()
                    .map(one -> List.of(
                            MetricsFacts.name(one.operation()),
                            one.round() == null ? "-" : String.valueOf(one.round()),
                            Notation.count(one.count()),
                            Notation.count(one.samples()),
                            Notation.duration(one.seconds())))
                    .toList();
            lines.addAll(new TextTable(List.of("data produced", "round", "times", "samples", "took"), rows).lines());
        }
        if (!events.isEmpty()) {
            lines.add("");
            int from = Math.max(0, events.size() - LAST_EVENTS);
            lines.add(from == 0 ? "events" : "the last " + LAST_EVENTS + " of " + events.size() + " events");
            for (RunEvent event : events.subList(from, events.size())) {
                lines.add("  " + MetricsFacts.time(Instant.ofEpochMilli(event.timeMillis())) + "  "
                        + MetricsFacts.name(event.level()) + "  " + PlainText.visible(event.text(), 200));
            }
        }
    }

    private List<String> eachStage() {
        List<List<String>> rows = stages.stream()
                .map(stage -> List.of(MetricsFacts.name(stage.name()), status(stage), seconds(stage)))
                .toList();
        return new TextTable(List.of("stage", "status", "took"), rows).lines();
    }

    /** A run has two stages in each epoch: of many, one line for each name, in the order of their first. */
    private List<String> stagesByName() {
        Map<String, List<StageSpan>> byName = new LinkedHashMap<>();
        stages.forEach(stage ->
                byName.computeIfAbsent(stage.name(), name -> new ArrayList<>()).add(stage));
        List<List<String>> rows = new ArrayList<>();
        byName.forEach((name, spans) -> {
            double[] known = spans.stream()
                    .map(StageSpan::durationSeconds)
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            long failed = spans.stream()
                    .filter(stage -> stage.status() == StageStatus.FAILED)
                    .count();
            rows.add(List.of(
                    MetricsFacts.name(name),
                    Notation.count(spans.size()),
                    Notation.count(failed),
                    status(spans.get(spans.size() - 1)),
                    known.length == 0
                            ? "-"
                            : Notation.duration(DoubleStream.of(known).sum()),
                    known.length == 0
                            ? "-"
                            : Notation.duration(DoubleStream.of(known).max().orElse(0))));
        });
        return new TextTable(List.of("stage", "times", "failed", "last", "took in all", "longest"), rows).lines();
    }

    private static String status(StageSpan stage) {
        return stage.status().name().toLowerCase(Locale.ROOT);
    }

    private static String seconds(StageSpan stage) {
        Double seconds = stage.durationSeconds();
        return seconds == null ? "-" : Notation.duration(seconds);
    }

    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>(MetricsFacts.json(file, run));
        fields.put("duration_seconds", seconds());
        fields.put("resource_metrics_count", summary.resourceMetricsCount());
        fields.put("training_metrics_count", summary.trainingMetricsCount());
        fields.put("step_metrics_count", summary.stepMetricsCount());
        fields.put("generation_metrics_count", summary.generationMetricsCount());
        fields.put("duration_minutes", summary.durationMinutes());
        fields.put("db_size_mb", summary.dbSizeMb());
        fields.put("dropped", summary.droppedCount());
        fields.put("rejected", summary.rejectedCount());
        fields.put("series", figures.stream().map(MetricsFacts::json).toList());
        fields.put("stages", stages.stream().map(RunOverview::json).toList());
        fields.put("generations", generations.stream().map(RunOverview::json).toList());
        fields.put("events", events.stream().map(RunOverview::json).toList());
        return fields;
    }

    private static Map<String, Object> json(StageSpan stage) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", stage.name());
        fields.put("status", status(stage));
        fields.put("started", Instant.ofEpochMilli(stage.startedMillis()).toString());
        fields.put("duration_seconds", stage.durationSeconds());
        return fields;
    }

    private static Map<String, Object> json(GenerationSummary one) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("operation", one.operation());
        fields.put("round_number", one.round());
        fields.put("num_operations", one.count());
        fields.put("total_samples", one.samples());
        fields.put("total_seconds", MetricsFacts.number(one.seconds()));
        fields.put("avg_memory_mb", Double.isNaN(one.meanMemoryMb()) ? null : one.meanMemoryMb());
        return fields;
    }

    private static Map<String, Object> json(RunEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", Instant.ofEpochMilli(event.timeMillis()).toString());
        fields.put("level", event.level());
        fields.put("text", event.text());
        return fields;
    }
}
