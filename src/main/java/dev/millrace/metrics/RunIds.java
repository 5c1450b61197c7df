package dev.millrace.metrics;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The keys of runs and stages in an open file, and the names that runs have everywhere. Thread-safe. A run that this process
 * started is known here before its row is written, so that workers of it may report at once.
 */
final class RunIds {
    private final Path file;
    private final AtomicLong nextRun;
    private final AtomicLong nextStage;
    private final Map<UUID, Long> byUuid = new ConcurrentHashMap<>();
    private final Map<Long, UUID> byId = new ConcurrentHashMap<>();

    private RunIds(Path file, long nextRun, long nextStage) {
        this.file = file;
        this.nextRun = new AtomicLong(nextRun);
        this.nextStage = new AtomicLong(nextStage);
    }

    /** Goes on behind the keys in a file, those of runs without a row included: their start may wait in a spool. */
    static RunIds of(Path file) {
        try (Database reader = Database.open(file, Access.READ)) {
            long lastRun = Math.max(
                    reader.queryLong("SELECT max(run_id) FROM run"),
                    reader.queryLong("SELECT max(run_id) FROM series"));
            return new RunIds(file, lastRun + 1, reader.queryLong("SELECT max(stage_id) FROM stage") + 1);
        }
    }

    long newRun(UUID uuid) {
        long id = nextRun.getAndIncrement();
        register(id, uuid);
        return id;
    }

    void register(long id, UUID uuid) {
        byUuid.put(uuid, id);
        byId.put(id, uuid);
    }

    long newStage() {
        return nextStage.getAndIncrement();
    }

    AtomicLong stages() {
        return nextStage;
    }

    @Nullable
    UUID uuid(long id) {
        return byId.get(id);
    }

    /** The key of a run that this process knows or the file has; null if neither does. */
    @Nullable
    Long find(UUID uuid) {
        Long known = byUuid.get(uuid);
        if (known == null) {
            try (Database reader = Database.open(file, Access.READ)) {
                long stored = reader.queryLong("SELECT run_id FROM run WHERE run_uuid = ?", uuid.toString());
                if (stored > 0) {
                    register(stored, uuid);
                    known = stored;
                }
            }
        }
        return known;
    }
}
