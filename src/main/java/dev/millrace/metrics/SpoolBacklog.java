package dev.millrace.metrics;

import dev.millrace.spool.FrameBuffer;
import dev.millrace.spool.FrameWriter;
import dev.millrace.spool.FrameWriterSettings;
import dev.millrace.spool.Position;
import dev.millrace.spool.SpoolFolder;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Backlog;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spool folders as a {@link Backlog}: keeps what the queue has no room for in a spool of this process, and imports that and
 * the spools of workers.
 */
final class SpoolBacklog implements Backlog<MetricRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsStore.class);
    private static final long ROOM_POLL_NANOS = 1_000_000;
    private static final long CHECKPOINT_NANOS = 1_000_000_000L;

    private final Path file;
    private final Path ownFolder;
    private final FrameWriterSettings settings;
    private final Duration overloadWait;
    private final CopyOnWriteArrayList<Path> folders = new CopyOnWriteArrayList<>();
    private final Map<Path, ProcessLock> locks = new ConcurrentHashMap<>();
    private final ThreadLocal<FrameBuffer> buffers = ThreadLocal.withInitial(FrameBuffer::new);
    private final Object opening = new Object();
    private volatile @Nullable RunIds runIds;
    private volatile @Nullable FrameWriter kept;
    private final AtomicLong lastKept = new AtomicLong();
    private volatile boolean refusing;
    private volatile Progress progress = new Progress(0, 0, 0, 0, false);

    // Only the writer thread touches these.
    private final Map<UUID, SpoolProducer> producers = new LinkedHashMap<>();
    private final Set<UUID> unreadable = new HashSet<>();
    private @Nullable FrameWriter keptFirst;
    private @Nullable SpoolProducer own;
    private @Nullable SpoolProducer takenFrom;
    private int lastProducer;
    private boolean inFile;
    private long checkpointAskedAt = System.nanoTime();
    private long damagedBefore;
    private long tornBefore;
    private long producersBefore;

    SpoolBacklog(Path file, Path ownFolder, FrameWriterSettings settings, Duration overloadWait) {
        this.file = file;
        this.ownFolder = ownFolder;
        this.settings = settings;
        this.overloadWait = overloadWait;
        folders.add(ownFolder);
    }

    /** From now on records can be kept and taken. */
    void begin(RunIds known) {
        runIds = known;
    }

    /**
     * Imports from another folder too.
     *
     * @throws DatabaseException if somebody else does
     */
    void addFolder(Path folder) {
        lockIfThere(folder);
        folders.addIfAbsent(folder);
    }

    /** A folder that is not there has nothing to be kept from others. */
    private void lockIfThere(Path folder) {
        if (Files.isDirectory(folder)) {
            locks.computeIfAbsent(folder, ProcessLock::forImporting);
        }
    }

    Progress progress() {
        return progress;
    }

    @Override
    public long keep(MetricRecord record) {
        RunIds known = runIds;
        UUID run = known == null ? null : known.uuid(record.runId());
        if (run == null) {
            return 0;
        }
        try {
            FrameBuffer frames = encode(record, run);
            long deadline = System.nanoTime() + overloadWait.toNanos();
            while (true) {
                try {
                    long number = spool().append(frames);
                    lastKept.accumulateAndGet(number, Math::max);
                    refusing = false;
                    return number;
                } catch (IOException | DatabaseException e) {
                    if (refusing || System.nanoTime() - deadline >= 0) {
                        refuse(e);
                        return 0;
                    }
                    LockSupport.parkNanos(ROOM_POLL_NANOS);
                }
            }
        } catch (IllegalArgumentException tooLong) {
            return 0;
        }
    }

    @Override
    public boolean keepFirst(MetricRecord record) {
        RunIds known = runIds;
        UUID run = known == null ? null : known.uuid(record.runId());
        if (run == null) {
            return false;
        }
        try {
            FrameWriter first = keptFirst;
            if (first == null) {
                FrameWriter later = kept;
                Map<String, String> description = SpoolProducer.describe(Origin.ofThisProcess());
                if (later != null) {
                    description.put(SpoolProducer.BEFORE, later.producer().toString());
                }
                first = FrameWriter.open(ownFolder, UUID.randomUUID(), description, settings);
                keptFirst = first;
            }
            first.append(encode(record, run));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            refuse(e);
            return false;
        }
    }

    @Override
    public int takeKept(List<MetricRecord> target, int limit) {
        FrameWriter writer = kept;
        RunIds known = runIds;
        if (writer == null || known == null) {
            return 0;
        }
        SpoolProducer mine = own;
        if (mine == null) {
            mine = new SpoolProducer(ownFolder, writer.producer(), known, Position.START, true);
            own = mine;
        }
        return take(mine, target, limit);
    }

    @Override
    public int takeOthers(List<MetricRecord> target, int limit) {
        if (runIds == null) {
            return 0;
        }
        List<SpoolProducer> all = look();
        all.removeAll(later(all));
        for (int turn = 0; turn < all.size(); turn++) {
            // In turn, so that one busy worker does not hold up the others.
            SpoolProducer next = all.get(Math.floorMod(lastProducer + 1 + turn, all.size()));
            int count = take(next, target, limit);
            if (!target.isEmpty()) {
                lastProducer = all.indexOf(next);
                return count;
            }
        }
        Progress before = progress;
        progress = new Progress(before.looks + 1, before.producers, before.damaged, before.torn, areAllFinished(all));
        return 0;
    }

    @Override
    public void committed() {
        SpoolProducer from = takenFrom;
        if (from != null) {
            from.committed();
            inFile = false;
            count();
        }
    }

    @Override
    public long keptCommitted() {
        SpoolProducer mine = own;
        return mine == null ? 0 : mine.committedPosition().number();
    }

    @Override
    public boolean wantsCheckpoint() {
        long now = System.nanoTime();
        if (now - checkpointAskedAt < CHECKPOINT_NANOS) {
            return false;
        }
        checkpointAskedAt = now;
        SpoolProducer mine = own;
        return (mine != null && mine.isDeletable())
                || producers.values().stream().anyMatch(producer -> producer.isDeletable() || producer.isFinished());
    }

    @Override
    public void checkpointed() {
        inFile = true;
        List<SpoolProducer> done = new ArrayList<>();
        SpoolProducer mine = own;
        try {
            if (mine != null) {
                mine.delete();
            }
            for (SpoolProducer producer : producers.values()) {
                if (producer.delete()) {
                    done.add(producer);
                }
            }
        } catch (IOException e) {
            LOG.warn("Cannot delete imported files: {}", e.toString());
        }
        for (SpoolProducer producer : done) {
            damagedBefore += producer.damaged();
            tornBefore += producer.torn();
            producersBefore++;
            producers.remove(producer.uuid());
            producer.close();
        }
    }

    /** What was kept and taken is deleted if it is in the database file by now. */
    @Override
    public void close() {
        closeWriter(keptFirst);
        closeWriter(kept);
        SpoolProducer mine = own;
        if (mine != null && inFile && mine.committedPosition().number() >= lastKept.get()) {
            try {
                mine.deleteAll();
            } catch (IOException e) {
                LOG.warn("Cannot delete imported files: {}", e.toString());
            }
        }
        if (mine != null) {
            mine.close();
        }
        producers.values().forEach(SpoolProducer::close);
        locks.values().forEach(ProcessLock::close);
    }

    private FrameBuffer encode(MetricRecord record, UUID run) {
        FrameBuffer frames = buffers.get();
        frames.clear();
        RecordCodec.encode(frames, record, run);
        return frames;
    }

    private FrameWriter spool() throws IOException {
        FrameWriter open = kept;
        if (open == null) {
            synchronized (opening) {
                open = kept;
                if (open == null) {
                    SpoolFolder.create(ownFolder);
                    lockIfThere(ownFolder);
                    open = FrameWriter.open(
                            ownFolder, UUID.randomUUID(), SpoolProducer.describe(Origin.ofThisProcess()), settings);
                    kept = open;
                    LOG.warn("Metrics come faster than {} can be written; they wait in {}", file, ownFolder);
                }
            }
        }
        return open;
    }

    private void refuse(Exception reason) {
        if (!refusing) {
            refusing = true;
            LOG.error("Metrics are dropped and counted until there is room: {}", reason.getMessage());
        }
    }

    private int take(SpoolProducer producer, List<MetricRecord> target, int limit) {
        takenFrom = producer;
        int before = target.size();
        try {
            return producer.take(target, limit, System.currentTimeMillis());
        } catch (IOException | DatabaseException e) {
            target.subList(before, target.size()).clear();
            producer.rewind();
            if (unreadable.add(producer.uuid())) {
                LOG.warn("Cannot import from {}: {}", producer.uuid(), e.toString());
            }
            return 0;
        }
    }

    /** Producers whose records come after those of another one that is not imported yet. */
    private static List<SpoolProducer> later(List<SpoolProducer> all) {
        Set<UUID> later = new HashSet<>();
        for (SpoolProducer producer : all) {
            UUID before = producer.isFinished() ? null : producer.before();
            if (before != null) {
                later.add(before);
            }
        }
        return all.stream().filter(producer -> later.contains(producer.uuid())).toList();
    }

    /** The producers in all folders. */
    private List<SpoolProducer> look() {
        FrameWriter mine = kept;
        for (Path folder : folders) {
            try {
                lockIfThere(folder);
                for (UUID found : SpoolFolder.list(folder).keySet()) {
                    if (!producers.containsKey(found) && (mine == null || !found.equals(mine.producer()))) {
                        add(folder, found);
                    }
                }
            } catch (IOException | DatabaseException e) {
                if (unreadable.add(new UUID(0, folder.hashCode()))) {
                    LOG.warn("Cannot import from {}: {}", folder, e.toString());
                }
            }
        }
        return new ArrayList<>(producers.values());
    }

    private void add(Path folder, UUID found) {
        RunIds known = runIds;
        if (known != null) {
            producers.put(found, new SpoolProducer(folder, found, known, storedPosition(found), false));
        }
    }

    private Position storedPosition(UUID producer) {
        try (Database reader = Database.open(file, Access.READ)) {
            String uuid = producer.toString();
            return new Position(
                    (int) reader.queryLong("SELECT segment FROM producer WHERE producer_uuid = ?", uuid),
                    reader.queryLong("SELECT segment_offset FROM producer WHERE producer_uuid = ?", uuid),
                    reader.queryLong("SELECT last_seq FROM producer WHERE producer_uuid = ?", uuid));
        }
    }

    private static boolean areAllFinished(List<SpoolProducer> all) {
        return all.stream().allMatch(SpoolProducer::isFinished);
    }

    private void count() {
        long damaged = damagedBefore;
        long torn = tornBefore;
        for (SpoolProducer producer : producers.values()) {
            damaged += producer.damaged();
            torn += producer.torn();
        }
        Progress before = progress;
        progress = new Progress(before.looks, producersBefore + producers.size(), damaged, torn, before.allFinished);
    }

    private static void closeWriter(@Nullable FrameWriter writer) {
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException e) {
                LOG.warn("{}", e.toString());
            }
        }
    }

    /**
     * How far the import is.
     *
     * @param looks how often nothing new was found
     * @param producers how many were found
     * @param damaged records that could not be read
     * @param torn producers that ended in the middle of a record
     * @param allFinished whether no producer of those there can write any more
     */
    record Progress(long looks, long producers, long damaged, long torn, boolean allFinished) {}
}
