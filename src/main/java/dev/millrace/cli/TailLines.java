package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.chart.PlainText;
import dev.millrace.metrics.TailRecord;
import dev.millrace.metrics.TailRecord.Kind;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Records as lines: time of day in UTC, what it is, names and values. What was recorded at one step is one line. */
final class TailLines {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int WIDTH_OF_KIND = 14;

    private TailLines() {}

    /** @param width lines are no longer, unless one value alone is */
    static List<String> of(List<TailRecord> records, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        TailRecord before = null;
        for (TailRecord record : records) {
            String values = values(record);
            if (before != null && isSameMoment(before, record) && line.length() + values.length() + 2 <= width) {
                line.append("  ").append(values);
            } else {
                if (before != null) {
                    lines.add(line.toString());
                }
                line.setLength(0);
                line.append(TIME.format(Instant.ofEpochMilli(record.timeMillis())))
                        .append("  ");
                line.append(pad(moment(record))).append("  ").append(values);
            }
            before = record;
        }
        if (before != null) {
            lines.add(line.toString());
        }
        return lines;
    }

    static Map<String, @Nullable Object> json(TailRecord record) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("time", Instant.ofEpochMilli(record.timeMillis()).toString());
        fields.put("kind", record.kind().name().toLowerCase(Locale.ROOT));
        if (record.kind() == Kind.EVENT) {
            fields.put("level", record.name());
            fields.put("text", record.text());
            return fields;
        }
        fields.put("name", record.name());
        put(fields, "scope", record.scope().isEmpty() ? null : record.scope());
        put(fields, "unit", record.unit().isEmpty() ? null : record.unit());
        put(fields, "step", record.step());
        put(fields, "round", record.round());
        put(fields, "epoch", record.epoch());
        put(fields, "samples", record.samples());
        fields.put("value", MetricsFacts.number(record.value()));
        return fields;
    }

    private static void put(Map<String, @Nullable Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    private static boolean isSameMoment(TailRecord one, TailRecord other) {
        return one.kind() == other.kind()
                && (one.kind() == Kind.STEP || one.kind() == Kind.EPOCH || one.kind() == Kind.RESOURCE)
                && one.timeMillis() == other.timeMillis()
                && moment(one).equals(moment(other))
                && Objects.equals(one.step(), other.step());
    }

    private static String moment(TailRecord record) {
        return switch (record.kind()) {
            case STEP -> "step " + record.step();
            case EPOCH -> "epoch " + record.epoch() + (isFirstRound(record) ? "" : ", round " + record.round());
            case RESOURCE -> "resource";
            case GENERATION -> "produced";
            case EVENT -> MetricsFacts.name(record.name());
        };
    }

    private static boolean isFirstRound(TailRecord record) {
        Integer round = record.round();
        return round == null || round == 0;
    }

    private static String values(TailRecord record) {
        String scope = record.scope().isEmpty() ? "" : MetricsFacts.name(record.scope()) + "/";
        String name = scope + MetricsFacts.name(record.name());
        return switch (record.kind()) {
            case STEP, EPOCH -> name + " " + Notation.number(record.value());
            case RESOURCE -> (name + " " + Notation.number(record.value()) + " " + unit(record)).strip();
            case GENERATION ->
                name + (record.round() == null ? "" : " round " + record.round()) + ": " + record.samples()
                        + " samples in " + Notation.duration(record.value());
            case EVENT -> PlainText.visible(record.text(), 500);
        };
    }

    private static String unit(TailRecord record) {
        return record.unit().equals("percent") ? "%" : PlainText.visible(record.unit(), 20);
    }

    private static String pad(String text) {
        return text + " ".repeat(Math.max(0, WIDTH_OF_KIND - text.length()));
    }
}
