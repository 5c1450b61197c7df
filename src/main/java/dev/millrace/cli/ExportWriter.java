package dev.millrace.cli;

import dev.millrace.build.CsvLine;
import dev.millrace.metrics.Generation;
import dev.millrace.metrics.MetricPoint;
import dev.millrace.metrics.RunEvent;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.StageSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes records as lines of CSV or JSON. Doubles have as many digits as they need to be read back the same. */
final class ExportWriter {
    private static final List<String> HEAD = List.of(
            "run_id",
            "run_uuid",
            "run_name",
            "kind",
            "name",
            "scope",
            "unit",
            "number",
            "step",
            "round",
            "epoch",
            "chunk",
            "time_ms",
            "time",
            "value",
            "samples",
            "memory_mb",
            "superseded");
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Writer out;
    private final boolean asCsv;
    private final boolean guardFormulas;
    private long records;

    ExportWriter(Writer out, boolean asCsv, boolean guardFormulas) {
        this.out = out;
        this.asCsv = asCsv;
        this.guardFormulas = guardFormulas;
    }

    /** Records written, the head line not counted. */
    long records() {
        return records;
    }

    void begin() {
        if (asCsv) {
            line(String.join(",", HEAD));
        }
    }

    /** A run, its stages and events; nothing in CSV. */
    void run(RunInfo run, List<StageSpan> stages, List<RunEvent> events) {
        if (asCsv) {
            return;
        }
        Map<String, @Nullable Object> fields = fields("run", run);
        fields.put("run_uuid", run.uuid().toString());
        fields.put("name", run.name());
        fields.put("status", run.status().name().toLowerCase(Locale.ROOT));
        fields.put("started_ms", run.startedAt().toEpochMilli());
        fields.put("ended_ms", run.endedAt() == null ? null : run.endedAt().toEpochMilli());
        fields.put("host", run.host());
        fields.put("process_id", run.processId());
        fields.put("params", run.params());
        fields.put("tags", run.tags());
        json(fields);
        for (StageSpan stage : stages) {
            Map<String, @Nullable Object> span = fields("stage", run);
            span.put("name", stage.name());
            span.put("status", stage.status().name().toLowerCase(Locale.ROOT));
            span.put("started_ms", stage.startedMillis());
            span.put("duration_seconds", stage.durationSeconds());
            json(span);
        }
        for (RunEvent event : events) {
            Map<String, @Nullable Object> happened = fields("event", run);
            happened.put("time_ms", event.timeMillis());
            happened.put("level", event.level());
            happened.put("text", event.text());
            json(happened);
        }
    }

    void point(RunInfo run, MetricPoint point) {
        String kind = point.kind().name().toLowerCase(Locale.ROOT);
        if (asCsv) {
            CsvLine line = start(run, kind, point.name(), point.scope(), point.unit());
            line.number(point.number())
                    .number(point.step())
                    .number(point.round())
                    .number(point.epoch());
            line.number(null).number(point.timeMillis()).text(time(point.timeMillis()));
            line.number(point.value()).number(null).number(null).number(point.superseded() ? 1 : 0);
            record(line.toString());
            return;
        }
        Map<String, @Nullable Object> fields = fields(kind, run);
        fields.put("name", point.name());
        putUnlessEmpty(fields, "scope", point.scope());
        putUnlessEmpty(fields, "unit", point.unit());
        fields.put("number", point.number());
        putUnlessNull(fields, "step", point.step());
        putUnlessNull(fields, "round", point.round());
        putUnlessNull(fields, "epoch", point.epoch());
        fields.put("time_ms", point.timeMillis());
        fields.put("value", number(point.value()));
        if (point.superseded()) {
            fields.put("superseded", true);
        }
        json(fields);
    }

    void generation(RunInfo run, Generation generation) {
        long startedMillis = generation.startedAt().toEpochMilli();
        boolean measured = !Double.isNaN(generation.memoryMb());
        if (asCsv) {
            CsvLine line = start(run, "generation", generation.operation(), "", "s");
            line.number(null)
                    .number(null)
                    .number(generation.round())
                    .number(null)
                    .number(generation.chunk());
            line.number(startedMillis).text(time(startedMillis)).number(generation.durationSeconds());
            line.number(generation.samples())
                    .number(measured ? generation.memoryMb() : null)
                    .number(0);
            record(line.toString());
            return;
        }
        Map<String, @Nullable Object> fields = fields("generation", run);
        fields.put("operation", generation.operation());
        putUnlessNull(fields, "round", generation.round());
        putUnlessNull(fields, "chunk", generation.chunk());
        fields.put("started_ms", startedMillis);
        fields.put("duration_seconds", number(generation.durationSeconds()));
        fields.put("samples", generation.samples());
        putUnlessNull(fields, "memory_mb", measured ? generation.memoryMb() : null);
        json(fields);
    }

    private CsvLine start(RunInfo run, String kind, String name, String scope, String unit) {
        return new CsvLine(guardFormulas)
                .number(run.id())
                .text(run.uuid().toString())
                .text(run.name())
                .text(kind)
                .text(name)
                .text(scope)
                .text(unit);
    }

    private static Map<String, @Nullable Object> fields(String type, RunInfo run) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("type", type);
        fields.put("run_id", run.id());
        return fields;
    }

    private static void putUnlessEmpty(Map<String, @Nullable Object> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.put(name, value);
        }
    }

    private static void putUnlessNull(Map<String, @Nullable Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /** JSON has no NaN and no infinite numbers: they are texts, as Java writes them. */
    private static Object number(double value) {
        return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }

    private static String time(long millis) {
        return UTC.format(Instant.ofEpochMilli(millis));
    }

    private void json(Map<String, @Nullable Object> fields) {
        record(JsonMapper.shared().writeValueAsString(fields));
    }

    private void record(String text) {
        line(text);
        records++;
    }

    private void line(String text) {
        try {
            out.write(text);
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
