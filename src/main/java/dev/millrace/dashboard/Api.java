package dev.millrace.dashboard;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunEvent;
import dev.millrace.metrics.RunHeadline;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesInfo;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What the page asks for. A run is named {@code file.run}, a series {@code file.run.series}, all numbers.
 *
 * <ul>
 *   <li>{@code /api/v1/runs}: all runs and how they stand
 *   <li>{@code /api/v1/run?run=0.1}: one run's settings, tags, stages, events and series
 *   <li>{@code /api/v1/changes?run=0.1&run=0.2&known=…}: a value that changes when a list, or something in these runs, does
 *   <li>{@code /api/v1/chart?axis=step&from=&to=&buckets=600&s=0.1.7&s=0.2.9}: curves, drawn together into buckets
 * </ul>
 *
 * Thread-safe.
 */
final class Api {
    private static final int MOST_RUNS = 64;
    private static final int MOST_EVENTS = 1_000;
    private static final long SHORTEST_LIST_NANOS = 400_000_000L;
    /** Making the list of runs takes at most this share of one processor, however many pages are open. */
    private static final long LIST_PAUSE_PER_COST = 10;

    private final MetricsFiles files;
    private final Object listLock = new Object();
    private byte @Nullable [] list;
    private String listVersion = "";
    private long nextListNanos;

    Api(MetricsFiles files) {
        this.files = files;
    }

    Reply answer(String path, QueryString query) {
        Reply reply = switch (path) {
            case "/api/v1/runs" -> Reply.json(runs());
            case "/api/v1/run" -> Reply.json(run(query));
            case "/api/v1/changes" -> Reply.json(changes(query));
            case "/api/v1/chart" -> Reply.json(new ChartReply(files, query).bytes());
            default -> throw new BadRequestException(404, "There is nothing under this address.");
        };
        files.closeUnused();
        return reply;
    }

    private byte[] runs() {
        synchronized (listLock) {
            long now = System.nanoTime();
            byte[] known = list;
            if (known != null && now - nextListNanos < 0) {
                return known;
            }
            byte[] made = Json.bytes(this::writeRuns);
            list = made;
            listVersion = hash(made);
            long cost = System.nanoTime() - now;
            nextListNanos = System.nanoTime() + Math.max(SHORTEST_LIST_NANOS, cost * LIST_PAUSE_PER_COST);
            return made;
        }
    }

    private void writeRuns(JsonGenerator json) {
        json.writeStartObject();
        json.writeArrayPropertyStart("files");
        record Listed(MetricsFile file, MetricsFile.RunList runs) {}
        List<Listed> listed = files.all().stream()
                .map(file -> new Listed(file, file.runs()))
                .filter(entry -> !entry.runs().isForeign())
                .toList();
        for (Listed entry : listed) {
            json.writeStartObject();
            json.writeNumberProperty("file", entry.file().index());
            json.writeStringProperty("label", entry.file().label());
            json.writeStringProperty("path", entry.file().path().toString());
            json.writeNumberProperty("lost", entry.runs().lost());
            json.writeStringProperty("problem", entry.runs().problem());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("runs");
        for (Listed entry : listed) {
            for (RunInfo run : entry.runs().runs()) {
                writeRun(json, entry.file(), run, entry.runs().headlines().get(run.id()));
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeRun(JsonGenerator json, MetricsFile file, RunInfo run, @Nullable RunHeadline headline) {
        json.writeStartObject();
        json.writeStringProperty("key", file.index() + "." + run.id());
        json.writeStringProperty("name", run.name());
        json.writeStringProperty("status", run.status().name().toLowerCase(Locale.ROOT));
        json.writeNumberProperty("started", run.startedAt().toEpochMilli());
        json.writeName("ended");
        if (run.endedAt() == null) {
            json.writeNull();
        } else {
            json.writeNumber(run.endedAt().toEpochMilli());
        }
        json.writeNumberProperty("seen", run.lastSeenAt().toEpochMilli());
        json.writeStringProperty("host", run.host());
        json.writeNumberProperty("pid", run.processId());
        json.writeArrayPropertyStart("tags");
        run.tags().forEach(json::writeString);
        json.writeEndArray();
        if (headline != null) {
            json.writeNumberProperty("step", headline.lastStep());
            json.writeStringProperty("metric", headline.metric());
            json.writeStringProperty("phase", headline.phase());
            Json.number(json, "last", headline.last());
            Json.number(json, "best", headline.best());
        }
        json.writeEndObject();
    }

    private byte[] run(QueryString query) {
        RunKey key = RunKey.of(query.text("run", ""));
        MetricsFile file = files.get(key.file());
        List<SeriesInfo> series = file.seriesOf(key.run());
        return file.read(reader -> {
            RunInfo run = find(reader, key);
            List<RunEvent> events = reader.events(key.run());
            return Json.bytes(json -> {
                json.writeStartObject();
                json.writeStringProperty("key", query.text("run", ""));
                json.writeObjectPropertyStart("params");
                run.params().forEach(json::writeStringProperty);
                json.writeEndObject();
                writeStages(json, reader, key.run());
                json.writeNumberProperty("event_count", events.size());
                json.writeArrayPropertyStart("events");
                for (RunEvent event : events.subList(Math.max(0, events.size() - MOST_EVENTS), events.size())) {
                    json.writeStartObject();
                    json.writeNumberProperty("time", event.timeMillis());
                    json.writeStringProperty("level", event.level());
                    json.writeStringProperty("text", event.text());
                    json.writeEndObject();
                }
                json.writeEndArray();
                writeSeries(json, key, series);
                json.writeEndObject();
            });
        });
    }

    private static void writeStages(JsonGenerator json, MetricsReader reader, long run) {
        json.writeArrayPropertyStart("stages");
        reader.stages(run).forEach(stage -> {
            json.writeStartObject();
            json.writeStringProperty("name", stage.name());
            json.writeStringProperty("status", stage.status().name().toLowerCase(Locale.ROOT));
            json.writeNumberProperty("started", stage.startedMillis());
            Double seconds = stage.durationSeconds();
            Json.number(json, "seconds", seconds == null ? Double.NaN : seconds);
            json.writeEndObject();
        });
        json.writeEndArray();
    }

    private static void writeSeries(JsonGenerator json, RunKey key, List<SeriesInfo> series) {
        json.writeArrayPropertyStart("series");
        for (SeriesInfo one : series) {
            json.writeStartObject();
            json.writeStringProperty("id", key.file() + "." + key.run() + "." + one.id());
            json.writeStringProperty("kind", one.kind().name().toLowerCase(Locale.ROOT));
            json.writeStringProperty("name", one.name());
            json.writeStringProperty("scope", one.scope());
            json.writeStringProperty("unit", one.unit());
            json.writeNumberProperty("count", one.count());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private byte[] changes(QueryString query) {
        runs();
        List<String> asked = query.all("run");
        if (asked.size() > MOST_RUNS) {
            throw new BadRequestException(400, "Expected at most " + MOST_RUNS + " runs at once.");
        }
        StringBuilder versions = new StringBuilder();
        for (String name : asked) {
            RunKey key = RunKey.of(name);
            versions.append(key).append(files.get(key.file()).version()).append('\n');
        }
        String list;
        synchronized (listLock) {
            list = listVersion;
        }
        String data = hash(versions.toString().getBytes(StandardCharsets.UTF_8));
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberProperty("now", System.currentTimeMillis());
            json.writeStringProperty("list", list);
            json.writeStringProperty("data", data);
            json.writeEndObject();
        });
    }

    private static RunInfo find(MetricsReader reader, RunKey key) {
        try {
            return reader.run(key.run());
        } catch (IllegalArgumentException e) {
            throw new BadRequestException(404, "There is no run of that number.");
        }
    }

    private static String hash(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return HexFormat.of().toHexDigits(sum.getValue(), 8) + "-" + bytes.length;
    }
}
