package dev.millrace.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The writer thread of a {@link WriteQueue}: takes batches from the ring and settles every record of them, one way or other. */
final class BatchWriter<T> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    /** A backlog is worked off in transactions of this size at least, even if flushing is asked for more often. */
    private static final int LARGE_BATCH = 4_096;

    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LAST_RETRY_MILLIS = 2_000;
    private static final long PAUSE_SLICE_NANOS = 10_000_000;

    private final Database database;
    private final ProcessLock lock;
    private final RecordSink.Factory<T> sinks;
    private final WriteQueueSettings settings;
    private final RecordRing<T> ring;

    private final ReentrantLock settling = new ReentrantLock();
    private final Condition settledMore = settling.newCondition();
    private final AtomicBoolean parked = new AtomicBoolean();
    private final LongAdder dropped = new LongAdder();
    private volatile long wanted;
    private volatile Settled settled = new Settled(0, 0, 0);
    private volatile boolean ended;
    private volatile boolean lateRecordsAreDropped;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread thread;

    // Only the writer thread touches these.
    private @Nullable RecordSink<T> sink;
    private long closingSince;
    private boolean gaveUp;

    BatchWriter(
            Database database,
            ProcessLock lock,
            RecordSink.Factory<T> sinks,
            WriteQueueSettings settings,
            RecordRing<T> ring) {
        this.database = database;
        this.lock = lock;
        this.sinks = sinks;
        this.settings = settings;
        this.ring = ring;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        int largest = Math.max(settings.flushRecords(), LARGE_BATCH);
        List<T> batch = new ArrayList<>(largest);
        try {
            while (awaitWork()) {
                ring.drain(batch, largest);
                if (batch.isEmpty()) {
                    // A producer has claimed a slot and not filled it yet.
                    Thread.onSpinWait();
                } else {
                    settle(batch);
                    batch.clear();
                }
            }
        } finally {
            end();
        }
    }

    /** Starts a transaction now if enough records wait. */
    void wakeIfDue() {
        if (parked.get() && ring.size() >= settings.flushRecords()) {
            wake();
        }
    }

    void wake() {
        Thread writer = thread;
        if (parked.compareAndSet(true, false) && writer != null) {
            LockSupport.unpark(writer);
        }
    }

    boolean awaitSettled(long position, Duration timeout) {
        long remaining = timeout.toNanos();
        settling.lock();
        try {
            wanted = Math.max(wanted, position);
            wake();
            while (settled.safe() < position && remaining > 0 && !ended && settled.abandoned == 0) {
                remaining = settledMore.awaitNanos(remaining);
            }
            return settled.safe() >= position;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            settling.unlock();
        }
    }

    WriteQueueCounts counts() {
        return countsAfter(0, 0);
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    void countDropped() {
        dropped.increment();
    }

    /** A record that comes while the JVM ends is nobody's mistake. */
    void countLateRecordsAsDropped() {
        lateRecordsAreDropped = true;
    }

    boolean countsLateRecordsAsDropped() {
        return lateRecordsAreDropped;
    }

    /** Waits until a batch is due; false when the queue is closed and empty. */
    private boolean awaitWork() {
        long deadline = System.nanoTime() + settings.flushInterval().toNanos();
        while (ring.size() < settings.flushRecords() && settled.total() >= wanted && !ring.isClosed()) {
            long nanos = deadline - System.nanoTime();
            if (nanos <= 0) {
                return true;
            }
            parked.set(true);
            // What a producer did before it could see the flag must be seen here.
            if (ring.size() < settings.flushRecords() && settled.total() >= wanted && !ring.isClosed()) {
                LockSupport.parkNanos(this, nanos);
            }
            parked.set(false);
            // An interrupt by somebody would make every park return at once.
            Thread.interrupted();
        }
        return !ring.isClosed() || ring.size() > 0;
    }

    /** Does not return before every record of the batch is written, rejected, or given up at closing. */
    private void settle(List<T> batch) {
        long retryMillis = FIRST_RETRY_MILLIS;
        boolean oneByOne = false;
        if (gaveUp) {
            settled(0, 0, batch.size());
            return;
        }
        while (true) {
            try {
                int refused = oneByOne ? writeOneByOne(batch) : writeTogether(batch);
                recovered();
                settled(batch.size() - refused, refused, 0);
                return;
            } catch (RuntimeException | Error e) {
                closeSink();
                if (!oneByOne && Fault.isOfRecord(e)) {
                    oneByOne = true;
                    continue;
                }
                failed(e);
                if (drainTimeIsOver()) {
                    gaveUp = true;
                    settled(0, 0, batch.size());
                    return;
                }
                pause(retryMillis);
                retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
                oneByOne = false;
            }
        }
    }

    private int writeTogether(List<T> batch) {
        database.write("Cannot write queued records", connection -> {
            RecordSink<T> open = sink(connection);
            for (T record : batch) {
                open.write(record);
            }
            open.flush();
            open.endBatch(countsAfter(batch.size(), 0));
        });
        return 0;
    }

    /** As {@link #writeTogether}, leaving out the records that the database refuses; returns their number. */
    private int writeOneByOne(List<T> batch) {
        int[] refused = new int[1];
        database.write("Cannot write queued records", connection -> {
            RecordSink<T> open = sink(connection);
            try (Statement savepoint = connection.createStatement()) {
                for (T record : batch) {
                    savepoint.execute("SAVEPOINT record");
                    try {
                        open.write(record);
                        open.flush();
                    } catch (SQLException | RuntimeException e) {
                        if (!Fault.isOfRecord(e)) {
                            throw e;
                        }
                        if (settled.rejected + refused[0]++ == 0) {
                            LOG.warn("{} refuses a record: {}", database.file(), e.toString());
                        }
                        savepoint.execute("ROLLBACK TO record");
                        // What the sink remembers may be of the row that is gone.
                        closeSink();
                        open = sink(connection);
                    }
                    savepoint.execute("RELEASE record");
                }
            }
            open.endBatch(countsAfter(batch.size() - refused[0], refused[0]));
        });
        return refused[0];
    }

    private WriteQueueCounts countsAfter(int more, int refused) {
        // In this order, so that no more records are settled than were accepted.
        Settled now = settled;
        return new WriteQueueCounts(
                ring.accepted(), now.written + more, now.rejected + refused, now.abandoned, dropped.sum());
    }

    private RecordSink<T> sink(Connection connection) throws SQLException {
        RecordSink<T> open = sink;
        if (open == null) {
            try {
                open = sinks.open(connection);
            } catch (SQLException | RuntimeException e) {
                throw new Fault.OfDatabase(
                        DatabaseException.of("Cannot prepare writing", database.file(), Fault.asSql(e)));
            }
            sink = open;
        }
        return open;
    }

    private void closeSink() {
        RecordSink<T> open = sink;
        sink = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException | RuntimeException ignored) {
                // Its connection is gone, or its rows are safe already.
            }
        }
    }

    private void settled(int more, int refused, int lost) {
        settling.lock();
        try {
            Settled before = settled;
            settled = new Settled(before.written + more, before.rejected + refused, before.abandoned + lost);
            settledMore.signalAll();
        } finally {
            settling.unlock();
        }
    }

    private void failed(Throwable e) {
        if (failure == null) {
            LOG.warn("Cannot write to {} for now, records are kept and tried again: {}", database.file(), e.toString());
        }
        failure = e;
    }

    private void recovered() {
        if (failure != null) {
            LOG.warn("{} can be written again", database.file());
            failure = null;
        }
    }

    private boolean drainTimeIsOver() {
        if (!ring.isClosed()) {
            return false;
        }
        if (closingSince == 0) {
            closingSince = System.nanoTime();
        }
        return System.nanoTime() - closingSince >= settings.drainTimeout().toNanos();
    }

    private void pause(long millis) {
        long half = TimeUnit.MILLISECONDS.toNanos(millis) / 2;
        long end = System.nanoTime() + half + ThreadLocalRandom.current().nextLong(half + 1);
        boolean wasClosed = ring.isClosed();
        while (System.nanoTime() - end < 0 && ring.isClosed() == wasClosed) {
            LockSupport.parkNanos(this, PAUSE_SLICE_NANOS);
            Thread.interrupted();
        }
    }

    private void end() {
        if (lateRecordsAreDropped && !gaveUp) {
            try {
                database.write(
                        "Cannot record the end", connection -> sink(connection).endOfProcess());
            } catch (RuntimeException e) {
                LOG.warn("{}", e.toString());
            }
        }
        closeSink();
        try {
            // The file then stands alone and can be read from a read-only place, unless somebody is reading it now.
            database.execute("PRAGMA busy_timeout=0", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode=DELETE");
        } catch (RuntimeException readersOrFullDisk) {
            LOG.debug("{} stays in WAL mode: {}", database.file(), readersOrFullDisk.toString());
        }
        try {
            database.close();
        } catch (RuntimeException e) {
            LOG.warn("Cannot close {}: {}", database.file(), e.toString());
        } finally {
            lock.close();
            settling.lock();
            try {
                ended = true;
                settledMore.signalAll();
            } finally {
                settling.unlock();
            }
        }
        if (counts().anyLost()) {
            LOG.error("Not all records are in {}: {}", database.file(), counts());
        }
    }

    /** How many of the accepted records, in their order, have met their end. */
    private record Settled(long written, long rejected, long abandoned) {
        long safe() {
            return written + rejected;
        }

        long total() {
            return safe() + abandoned;
        }
    }
}
