package dev.millrace.metrics;

import dev.millrace.spool.FrameBuffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records as the bodies of spool frames and back (docs/format.md, "Spool"). All fields of a kind come in a fixed order; fields
 * added later would come behind them.
 */
final class RecordCodec {
    /** Set in the first byte when the uuid of the run follows it. */
    static final int WITH_RUN = 0x80;

    static final int STEP = 1;
    static final int EPOCH = 2;
    static final int RESOURCE = 3;
    static final int GENERATION = 4;
    static final int EVENT = 5;
    static final int PARAM = 6;
    static final int TAG = 7;
    static final int DROPPED = 8;
    static final int RUN_ENDED = 9;
    static final int SUPERSEDED = 10;
    static final int RUN_STARTED = 11;
    static final int RUN_RESUMED = 12;
    static final int STAGE_STARTED = 13;
    static final int STAGE_ENDED = 14;

    private static final int ABSENT = Integer.MIN_VALUE;

    private RecordCodec() {}

    /** Adds a frame with a record to a buffer; with the uuid of its run, unless that is null. */
    static void encode(FrameBuffer frames, MetricRecord record, @Nullable UUID run) {
        if (record instanceof MetricRecord.StepPoint point) {
            step(frames, run, point.timeMillis(), point.step(), point.name(), point.value());
        } else if (record instanceof MetricRecord.ResourcePoint point) {
            resource(frames, run, point.timeMillis(), point.type(), point.name(), point.unit(), point.value());
        } else {
            encodeRare(frames, record, run);
        }
    }

    static void step(FrameBuffer frames, @Nullable UUID run, long timeMillis, long step, String name, double value) {
        begin(frames, STEP, run, timeMillis);
        frames.putLong(step);
        frames.putDouble(value);
        frames.putText(name);
        frames.end();
    }

    static void resource(
            FrameBuffer frames,
            @Nullable UUID run,
            long timeMillis,
            String type,
            String name,
            String unit,
            double value) {
        begin(frames, RESOURCE, run, timeMillis);
        frames.putDouble(value);
        frames.putText(type);
        frames.putText(name);
        frames.putText(unit);
        frames.end();
    }

    /** How many records this producer had to drop since it started. */
    static void dropped(FrameBuffer frames, long timeMillis, long training, long resources) {
        begin(frames, DROPPED, null, timeMillis);
        frames.putLong(training);
        frames.putLong(resources);
        frames.end();
    }

    private static void encodeRare(FrameBuffer frames, MetricRecord record, @Nullable UUID run) {
        begin(frames, kind(record), run, record.timeMillis());
        if (record instanceof MetricRecord.EpochPoint point) {
            frames.putLong(point.step());
            frames.putDouble(point.metric().value());
            frames.putInt(point.metric().round());
            frames.putInt(point.metric().epoch());
            frames.putText(point.metric().phase());
            frames.putText(point.metric().name());
        } else if (record instanceof MetricRecord.GenerationPoint point) {
            encode(frames, point.generation());
        } else if (record instanceof MetricRecord.Event event) {
            frames.putText(event.level());
            frames.putLongText(event.text());
        } else if (record instanceof MetricRecord.Param param) {
            frames.putText(param.name());
            frames.putLongText(param.value());
        } else if (record instanceof MetricRecord.Tag tag) {
            frames.putText(tag.tag());
        } else if (record instanceof MetricRecord.RunEnded end) {
            frames.putText(end.status().stored());
        } else if (record instanceof MetricRecord.Superseded superseded) {
            frames.putLong(superseded.afterStep());
        } else if (record instanceof MetricRecord.RunStarted start) {
            frames.putText(start.name());
            putOrigin(frames, start.origin());
            putParams(frames, start.params());
        } else if (record instanceof MetricRecord.RunResumed resumed) {
            putOrigin(frames, resumed.origin());
            putParams(frames, resumed.params());
        } else if (record instanceof MetricRecord.StageStarted stage) {
            frames.putLong(stage.stageId());
            frames.putText(stage.name());
        } else if (record instanceof MetricRecord.StageEnded stage) {
            frames.putLong(stage.stageId());
            frames.putByte(stage.failed() ? 1 : 0);
            frames.putDouble(stage.durationSeconds());
        }
        frames.end();
    }

    private static void encode(FrameBuffer frames, Generation generation) {
        frames.putLong(generation.startedAt().toEpochMilli());
        frames.putDouble(generation.durationSeconds());
        frames.putLong(generation.samples());
        frames.putDouble(generation.memoryMb());
        Integer round = generation.round();
        Integer chunk = generation.chunk();
        frames.putInt(round == null ? ABSENT : round);
        frames.putInt(chunk == null ? ABSENT : chunk);
        frames.putText(generation.operation());
    }

    private static int kind(MetricRecord record) {
        if (record instanceof MetricRecord.EpochPoint) {
            return EPOCH;
        } else if (record instanceof MetricRecord.GenerationPoint) {
            return GENERATION;
        } else if (record instanceof MetricRecord.Event) {
            return EVENT;
        } else if (record instanceof MetricRecord.Param) {
            return PARAM;
        } else if (record instanceof MetricRecord.Tag) {
            return TAG;
        } else if (record instanceof MetricRecord.RunEnded) {
            return RUN_ENDED;
        } else if (record instanceof MetricRecord.Superseded) {
            return SUPERSEDED;
        } else if (record instanceof MetricRecord.RunStarted) {
            return RUN_STARTED;
        } else if (record instanceof MetricRecord.RunResumed) {
            return RUN_RESUMED;
        } else if (record instanceof MetricRecord.StageStarted) {
            return STAGE_STARTED;
        } else if (record instanceof MetricRecord.StageEnded) {
            return STAGE_ENDED;
        }
        throw new IllegalArgumentException("Not a record for a spool: " + record);
    }

    /**
     * Reads a record.
     *
     * @param body of a frame
     * @param ownRun the run of records that name none; null if the producer has none
     * @param runIds gives the key of a run
     * @throws IllegalArgumentException if it is no record of a kind known here
     */
    static Decoded decode(ByteBuffer body, @Nullable UUID ownRun, ToLongFunction<UUID> runIds) {
        try {
            int first = Byte.toUnsignedInt(body.get());
            UUID run = (first & WITH_RUN) == 0
                    ? ownRun
                    : new UUID(Long.reverseBytes(body.getLong()), Long.reverseBytes(body.getLong()));
            int kind = first & ~WITH_RUN;
            long timeMillis = body.getLong();
            if (kind == DROPPED) {
                return new Decoded.Dropped(timeMillis, body.getLong(), body.getLong());
            }
            if (run == null) {
                throw new IllegalArgumentException("expected a run, found neither one in the record nor in the header");
            }
            if (kind == RUN_STARTED) {
                return new Decoded.Started(run, timeMillis, text(body), origin(body), params(body));
            }
            return new Decoded.Reported(decode(kind, body, runIds.applyAsLong(run), timeMillis));
        } catch (BufferUnderflowException | DateTimeException e) {
            throw new IllegalArgumentException("the record is cut off or has an impossible value", e);
        }
    }

    private static MetricRecord decode(int kind, ByteBuffer body, long run, long timeMillis) {
        return switch (kind) {
            case STEP -> {
                long step = body.getLong();
                double value = body.getDouble();
                yield new MetricRecord.StepPoint(run, timeMillis, step, text(body), value);
            }
            case EPOCH -> {
                long step = body.getLong();
                double value = body.getDouble();
                int round = body.getInt();
                int epoch = body.getInt();
                String phase = text(body);
                yield new MetricRecord.EpochPoint(
                        run, timeMillis, step, new EpochMetric(text(body), value, round, epoch, phase));
            }
            case RESOURCE -> {
                double value = body.getDouble();
                yield new MetricRecord.ResourcePoint(run, timeMillis, text(body), text(body), text(body), value);
            }
            case GENERATION -> new MetricRecord.GenerationPoint(run, timeMillis, generation(body));
            case EVENT -> new MetricRecord.Event(run, timeMillis, text(body), longText(body));
            case PARAM -> new MetricRecord.Param(run, timeMillis, text(body), longText(body));
            case TAG -> new MetricRecord.Tag(run, timeMillis, text(body));
            case RUN_ENDED -> new MetricRecord.RunEnded(run, timeMillis, RunStatus.of(text(body)));
            case SUPERSEDED -> new MetricRecord.Superseded(run, timeMillis, body.getLong());
            case RUN_RESUMED -> {
                Origin origin = origin(body);
                yield new MetricRecord.RunResumed(run, timeMillis, params(body), origin);
            }
            case STAGE_STARTED -> new MetricRecord.StageStarted(run, timeMillis, body.getLong(), text(body));
            case STAGE_ENDED ->
                new MetricRecord.StageEnded(run, timeMillis, body.getLong(), body.get() != 0, body.getDouble());
            default -> throw new IllegalArgumentException("expected a kind of 1.." + STAGE_ENDED + ", found " + kind);
        };
    }

    private static Generation generation(ByteBuffer body) {
        Instant started = Instant.ofEpochMilli(body.getLong());
        double seconds = body.getDouble();
        long samples = body.getLong();
        double memory = body.getDouble();
        int round = body.getInt();
        int chunk = body.getInt();
        return new Generation(
                text(body),
                round == ABSENT ? null : round,
                chunk == ABSENT ? null : chunk,
                started,
                seconds,
                samples,
                memory);
    }

    private static void begin(FrameBuffer frames, int kind, @Nullable UUID run, long timeMillis) {
        frames.begin();
        if (run == null) {
            frames.putByte(kind);
        } else {
            frames.putByte(kind | WITH_RUN);
            frames.putLong(Long.reverseBytes(run.getMostSignificantBits()));
            frames.putLong(Long.reverseBytes(run.getLeastSignificantBits()));
        }
        frames.putLong(timeMillis);
    }

    private static void putOrigin(FrameBuffer frames, Origin origin) {
        frames.putText(origin.host());
        frames.putText(origin.user());
        frames.putLong(origin.processId());
        frames.putLong(origin.processStartedMillis());
    }

    private static Origin origin(ByteBuffer body) {
        return new Origin(text(body), text(body), body.getLong(), body.getLong());
    }

    private static void putParams(FrameBuffer frames, Map<String, String> params) {
        frames.putInt(params.size());
        params.forEach((name, value) -> {
            frames.putText(name);
            frames.putLongText(value);
        });
    }

    private static Map<String, String> params(ByteBuffer body) {
        int count = body.getInt();
        Map<String, String> params = new LinkedHashMap<>();
        // Every turn takes bytes that must be there, so a forged count ends soon.
        for (int i = 0; i < count; i++) {
            params.put(text(body), longText(body));
        }
        return params;
    }

    private static String text(ByteBuffer body) {
        return text(body, Short.toUnsignedInt(body.getShort()));
    }

    private static String longText(ByteBuffer body) {
        return text(body, body.getInt());
    }

    private static String text(ByteBuffer body, int length) {
        if (length < 0 || length > body.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = new String(body.array(), body.arrayOffset() + body.position(), length, StandardCharsets.UTF_8);
        body.position(body.position() + length);
        return text;
    }

    /** What a frame carries. */
    sealed interface Decoded {
        record Reported(MetricRecord record) implements Decoded {}

        record Started(UUID run, long timeMillis, String name, Origin origin, Map<String, String> params)
                implements Decoded {}

        record Dropped(long timeMillis, long training, long resources) implements Decoded {}
    }
}
