package dev.millrace.metrics;

import dev.millrace.spool.Damage;
import dev.millrace.spool.FrameReader;
import dev.millrace.spool.Position;
import dev.millrace.spool.SpoolFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The spool of one producer on its way into the file. Writer thread only. */
final class SpoolProducer implements AutoCloseable {
    static final String RUN_UUID = "run_uuid";
    static final String RUN_NAME = "run_name";
    /** The producer whose records come after those of this one. */
    static final String BEFORE = "before";

    private static final String HOST = "host";
    private static final String USER = "user";
    private static final String PROCESS_ID = "process_id";
    private static final String PROCESS_STARTED = "process_started_ms";
    private static final long GONE_CHECK_NANOS = 1_000_000_000L;

    private final Path folder;
    private final UUID uuid;
    private final RunIds runIds;
    private final boolean ofThisStore;
    private FrameReader reader;
    private final Map<Long, Long> stages = new HashMap<>();
    private Position committed;
    private Position taken;
    private int deletedBefore;
    private boolean gone;
    private boolean finished;
    private boolean finishedCommitted;
    private long goneCheckedAt = System.nanoTime() - GONE_CHECK_NANOS;
    private long torn;
    private long damaged;
    private int notRecords;

    /** @param ofThisStore whether its records have the keys of runs and stages that this store gave */
    SpoolProducer(Path folder, UUID uuid, RunIds runIds, Position from, boolean ofThisStore) {
        this.folder = folder;
        this.uuid = uuid;
        this.runIds = runIds;
        this.ofThisStore = ofThisStore;
        this.reader = new FrameReader(folder, uuid, from);
        this.committed = from;
        this.taken = from;
        reader.lookAtHeader();
    }

    /** What a spool says of the process that writes it. */
    static Map<String, String> describe(Origin origin) {
        Map<String, String> description = new LinkedHashMap<>();
        description.put(HOST, origin.host());
        description.put(USER, origin.user());
        description.put(PROCESS_ID, Long.toString(origin.processId()));
        description.put(PROCESS_STARTED, Long.toString(origin.processStartedMillis()));
        return description;
    }

    UUID uuid() {
        return uuid;
    }

    Position committedPosition() {
        return committed;
    }

    long torn() {
        return torn;
    }

    long damaged() {
        return damaged;
    }

    /** The producer whose records come after those of this one; null if it names none. */
    @Nullable
    UUID before() {
        return uuid(reader.description().get(BEFORE));
    }

    /** Adds records, and behind them how far that is; returns how many there are. Nothing is added if nothing is new. */
    int take(List<MetricRecord> target, int limit, long nowMillis) throws IOException {
        int before = target.size();
        int frames = 0;
        notRecords = 0;
        long lastMillis = 0;
        do {
            while (frames < limit && reader.next()) {
                frames++;
                lastMillis = Math.max(lastMillis, add(target, nowMillis));
            }
        } while (frames == 0 && isFoundGone());
        for (Damage damage : reader.takeDamages()) {
            add(target, damage, nowMillis);
        }
        Position now = reader.position();
        if (frames > 0 || target.size() > before || !now.equals(taken)) {
            target.add(
                    new MetricRecord.Imported(ownRunId(target, nowMillis), nowMillis, uuid, origin(), now, lastMillis));
            taken = now;
        } else {
            // What was taken before is committed, else this would not be asked.
            finishedCommitted = finished;
        }
        return frames - notRecords;
    }

    /** What was read since the last taking came to nothing and is to be read again. */
    void rewind() {
        reader.close();
        reader = new FrameReader(folder, uuid, taken);
        reader.lookAtHeader();
        if (gone) {
            reader.producerIsGone();
        }
    }

    /** What was taken is in the database. */
    void committed() {
        committed = taken;
        finishedCommitted = finished;
    }

    /** Deletes what is in the database file; returns whether nothing is left to do for this producer. */
    boolean delete() throws IOException {
        int keep = finishedCommitted ? committed.segment() + 1 : committed.segment();
        if (keep > deletedBefore) {
            SpoolFolder.deleteBefore(folder, uuid, keep);
            deletedBefore = keep;
        }
        return finishedCommitted;
    }

    /** Deletes all of it: nothing can come any more, and everything is in the database file. */
    void deleteAll() throws IOException {
        SpoolFolder.deleteBefore(folder, uuid, Integer.MAX_VALUE);
    }

    /** Whether whole segments can be deleted. */
    boolean isDeletable() {
        return deletedBefore > 0 ? committed.segment() > deletedBefore : committed.segment() > 1;
    }

    boolean isFinished() {
        return finishedCommitted;
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Adds the record of a frame; returns its time. */
    private long add(List<MetricRecord> target, long nowMillis) {
        try {
            RecordCodec.Decoded decoded =
                    RecordCodec.decode(reader.body(), ownRun(), run -> runId(target, run, nowMillis));
            if (decoded instanceof RecordCodec.Decoded.Reported found) {
                MetricRecord record = withStageOfThisFile(found.record());
                target.add(record);
                return record.timeMillis();
            } else if (decoded instanceof RecordCodec.Decoded.Started started) {
                target.add(start(started));
                return started.timeMillis();
            } else if (decoded instanceof RecordCodec.Decoded.Dropped dropped) {
                notRecords++;
                target.add(lost(target, nowMillis, ProducerRows.TRAINING, dropped.training(), 0));
                target.add(lost(target, nowMillis, ProducerRows.RESOURCE, dropped.resources(), 0));
                return dropped.timeMillis();
            }
        } catch (IllegalArgumentException e) {
            damaged++;
            notRecords++;
            long run = ownRunId(target, nowMillis);
            if (!ofThisStore) {
                target.add(lost(target, nowMillis, ProducerRows.TRAINING, 0, 1));
            }
            target.add(new MetricRecord.Event(
                    run,
                    nowMillis,
                    "warning",
                    "Cannot import record " + reader.number() + " of " + uuid + ": " + e.getMessage() + "."));
        }
        return 0;
    }

    private void add(List<MetricRecord> target, Damage damage, long nowMillis) {
        long run = ownRunId(target, nowMillis);
        target.add(new MetricRecord.Event(run, nowMillis, damage.torn() ? "info" : "warning", damage.toString()));
        if (damage.torn()) {
            torn++;
        } else {
            long records = Math.max(1, damage.frames());
            damaged += records;
            if (!ofThisStore) {
                // The queue counts its own.
                target.add(lost(target, nowMillis, ProducerRows.TRAINING, 0, records));
            }
        }
    }

    private MetricRecord lost(List<MetricRecord> target, long nowMillis, String stream, long dropped, long rejected) {
        return new MetricRecord.Lost(
                ownRunId(target, nowMillis),
                nowMillis,
                origin().processStartedMillis(),
                uuid,
                stream,
                dropped,
                rejected);
    }

    /** The start of a run that spilled; in a file that has the run already it is going on with it. */
    private MetricRecord start(RecordCodec.Decoded.Started started) {
        Long known = runIds.find(started.run());
        if (known != null && !ofThisStore) {
            return new MetricRecord.RunResumed(known, started.timeMillis(), started.params(), started.origin());
        }
        long id = known == null ? runIds.newRun(started.run()) : known;
        return new MetricRecord.RunStarted(
                id, started.run(), started.timeMillis(), started.name(), started.params(), started.origin());
    }

    /** Stages are numbered by the store that recorded them; another store has given those numbers to its own. */
    private MetricRecord withStageOfThisFile(MetricRecord record) {
        if (ofThisStore) {
            return record;
        }
        if (record instanceof MetricRecord.StageStarted stage) {
            long id = runIds.newStage();
            stages.put(stage.stageId(), id);
            return new MetricRecord.StageStarted(stage.runId(), stage.timeMillis(), id, stage.name());
        }
        if (record instanceof MetricRecord.StageEnded stage) {
            long id = stages.getOrDefault(stage.stageId(), stage.stageId());
            return new MetricRecord.StageEnded(
                    stage.runId(), stage.timeMillis(), id, stage.failed(), stage.durationSeconds());
        }
        return record;
    }

    /** The key of a run; one that the file does not have yet is started first. */
    private long runId(List<MetricRecord> target, UUID run, long nowMillis) {
        Long known = runIds.find(run);
        if (known != null) {
            return known;
        }
        long id = runIds.newRun(run);
        String name = reader.description().getOrDefault(RUN_NAME, "");
        target.add(new MetricRecord.RunStarted(
                id, run, nowMillis, name.isEmpty() ? "imported" : name, Map.of(), origin()));
        return id;
    }

    private long ownRunId(List<MetricRecord> target, long nowMillis) {
        UUID run = ownRun();
        return run == null ? 0 : runId(target, run, nowMillis);
    }

    private @Nullable UUID ownRun() {
        return uuid(reader.description().get(RUN_UUID));
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Origin origin() {
        Map<String, String> description = reader.description();
        return new Origin(
                description.getOrDefault(HOST, ""),
                description.getOrDefault(USER, ""),
                number(description.get(PROCESS_ID)),
                number(description.get(PROCESS_STARTED)));
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Looks whether more can come. True if the process was just found gone: it may have written until then. */
    private boolean isFoundGone() {
        long now = System.nanoTime();
        if (reader.hasEnded() || gone) {
            finished = true;
        } else if (!ofThisStore && now - goneCheckedAt >= GONE_CHECK_NANOS) {
            goneCheckedAt = now;
            gone = !reader.description().isEmpty() && origin().isGone();
            if (gone) {
                reader.producerIsGone();
            }
            return gone;
        }
        return false;
    }
}
