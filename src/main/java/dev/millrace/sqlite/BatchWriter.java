package dev.millrace.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches of records in transactions, and tries again until it can. Used by the writer thread of a {@link WriteQueue}
 * only, but for {@link #failure}.
 */
final class BatchWriter<T> {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LAST_RETRY_MILLIS = 2_000;
    private static final long PAUSE_SLICE_NANOS = 10_000_000;

    private final Database database;
    private final RecordSink.Factory<T> sinks;
    private final long drainNanos;
    private final BooleanSupplier closing;
    private volatile @Nullable Throwable failure;
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean retryAtOnce;
    private @Nullable RecordSink<T> sink;
    private long closingSince;
    private boolean gaveUp;
    private boolean refusedBefore;

    /** @param closing whether to give up once the time for that is over */
    BatchWriter(Database database, RecordSink.Factory<T> sinks, WriteQueueSettings settings, BooleanSupplier closing) {
        this.database = database;
        this.sinks = sinks;
        this.drainNanos = settings.drainTimeout().toNanos();
        this.closing = closing;
    }

    Path file() {
        return database.file();
    }

    /** Why the last transaction failed; null if it did not. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Number of transactions that failed. */
    long failures() {
        return failures.get();
    }

    /** Somebody waits for the batch: it is tried again without the pause that a failure is followed by. */
    void retry() {
        retryAtOnce = true;
    }

    /** Whether the database could not be written until closing had to end; nothing is tried any more then. */
    boolean gaveUp() {
        return gaveUp;
    }

    /**
     * Writes a batch. Does not return before every record of it is written, rejected, or given up at closing.
     *
     * @param counts those to store if so many of the batch are rejected
     * @return how many records the database refused; −1 if the batch is given up
     */
    int write(List<T> batch, IntFunction<WriteQueueCounts> counts) {
        long retryMillis = FIRST_RETRY_MILLIS;
        boolean oneByOne = false;
        while (!gaveUp) {
            try {
                int refused = oneByOne ? writeOneByOne(batch, counts) : writeTogether(batch, counts);
                recovered();
                return refused;
            } catch (RuntimeException | Error e) {
                closeSink();
                if (!oneByOne && Fault.isOfRecord(e)) {
                    oneByOne = true;
                    continue;
                }
                failed(e);
                if (drainTimeIsOver()) {
                    gaveUp = true;
                } else {
                    pause(retryMillis);
                    retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
                    oneByOne = false;
                }
            }
        }
        return -1;
    }

    /** Does something in a transaction of its own, which may fail. */
    void writeBeside(String action, SinkWork<T> work) {
        try {
            database.write(action, connection -> work.run(sink(connection)));
        } catch (RuntimeException e) {
            closeSink();
            LOG.debug("{}", e.toString());
        }
    }

    /**
     * Moves what is committed from the log to the database file, as far as readers let it.
     *
     * @param mode of the pragma
     * @return whether all of it was moved
     */
    boolean checkpoint(String mode) {
        try {
            return database.read("Cannot move the log into the database", connection -> {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
                    return row.next() && row.getInt(1) == 0 && row.getInt(2) == row.getInt(3);
                }
            });
        } catch (RuntimeException e) {
            LOG.debug("{}", e.toString());
            return false;
        }
    }

    /** Leaves one file that can be read from a read-only place, unless somebody is reading it now. */
    boolean finish() {
        closeSink();
        boolean alone = false;
        try {
            database.execute("PRAGMA busy_timeout=0");
            alone = checkpoint("TRUNCATE");
            database.execute("PRAGMA journal_mode=DELETE");
        } catch (RuntimeException readersOrFullDisk) {
            LOG.debug("{} stays in WAL mode: {}", database.file(), readersOrFullDisk.toString());
        }
        try {
            database.close();
        } catch (RuntimeException e) {
            LOG.warn("Cannot close {}: {}", database.file(), e.toString());
        }
        return alone;
    }

    private int writeTogether(List<T> batch, IntFunction<WriteQueueCounts> counts) {
        database.write("Cannot write queued records", connection -> {
            RecordSink<T> open = sink(connection);
            for (T record : batch) {
                open.write(record);
            }
            open.flush();
            open.endBatch(counts.apply(0));
        });
        tell(batch);
        return 0;
    }

    /** As {@link #writeTogether}, leaving out the records that the database refuses; returns their number. */
    private int writeOneByOne(List<T> batch, IntFunction<WriteQueueCounts> counts) {
        // Lists, not a map by identity: callers hear of refusals in the order in which they put the records.
        List<Refusal<T>> refused = new ArrayList<>();
        List<T> written = new ArrayList<>(batch.size());
        database.write("Cannot write queued records", connection -> {
            RecordSink<T> open = sink(connection);
            try (Statement savepoint = connection.createStatement()) {
                for (T record : batch) {
                    savepoint.execute("SAVEPOINT record");
                    try {
                        open.write(record);
                        open.flush();
                        written.add(record);
                    } catch (SQLException | RuntimeException e) {
                        if (!Fault.isOfRecord(e)) {
                            throw e;
                        }
                        refused.add(new Refusal<>(record, e));
                        warnOfRefusal(e);
                        savepoint.execute("ROLLBACK TO record");
                        // What the sink remembers may be of the row that is gone.
                        closeSink();
                        open = sink(connection);
                    }
                    savepoint.execute("RELEASE record");
                }
            }
            open.endBatch(counts.apply(refused.size()));
        });
        RecordSink<T> open = sink;
        if (open != null) {
            for (Refusal<T> refusal : refused) {
                open.refused(refusal.record(), refusal.reason());
            }
        }
        tell(written);
        return refused.size();
    }

    private void tell(List<T> records) {
        RecordSink<T> open = sink;
        if (open != null) {
            open.committed(records);
        }
    }

    private void warnOfRefusal(Exception e) {
        if (!refusedBefore) {
            refusedBefore = true;
            LOG.warn("{} refuses a record: {}", database.file(), e.toString());
        }
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

    private void failed(Throwable e) {
        if (failure == null) {
            LOG.warn("Cannot write to {} for now, records are kept and tried again: {}", database.file(), e.toString());
        }
        failure = e;
        failures.incrementAndGet();
    }

    private void recovered() {
        if (failure != null) {
            LOG.warn("{} can be written again", database.file());
            failure = null;
        }
    }

    private boolean drainTimeIsOver() {
        if (!closing.getAsBoolean()) {
            return false;
        }
        if (closingSince == 0) {
            closingSince = System.nanoTime();
        }
        return System.nanoTime() - closingSince >= drainNanos;
    }

    private void pause(long millis) {
        long half = TimeUnit.MILLISECONDS.toNanos(millis) / 2;
        long end = System.nanoTime() + half + ThreadLocalRandom.current().nextLong(half + 1);
        boolean wasClosing = closing.getAsBoolean();
        retryAtOnce = false;
        while (System.nanoTime() - end < 0 && closing.getAsBoolean() == wasClosing && !retryAtOnce) {
            LockSupport.parkNanos(this, PAUSE_SLICE_NANOS);
            Thread.interrupted();
        }
    }

    /** A record that the database does not take, and why. */
    private record Refusal<T>(T record, Exception reason) {}

    /** Something to do with a sink. */
    @FunctionalInterface
    interface SinkWork<T> {
        void run(RecordSink<T> sink) throws SQLException;
    }
}
