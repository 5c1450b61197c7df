package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of read-only connections to one finished file, leased one by one. Each lease holds one read transaction,
 * so that all its statements see the same state and the file lock is taken once instead of per statement.
 *
 * <p>Thread-safe; a lease is for one thread at a time. Who opens the pool closes it, after the leases.
 */
@Internal
public final class ReadPool implements AutoCloseable {
    private static final Duration LEASE_TIMEOUT = Duration.ofSeconds(5);

    private final Path file;
    private final Access access;
    private final int size;
    private final Identity identity;
    private final long timeoutMillis;
    private final Semaphore permits;
    private final Deque<Database> idle = new ArrayDeque<>();
    private boolean closed;

    /**
     * Makes a pool; connections are opened when they are first needed.
     *
     * @param access {@link Access#READ} or {@link Access#READ_MAPPED}
     * @param size most leases at a time
     */
    public ReadPool(Path file, Access access, int size) {
        this(file, access, size, LEASE_TIMEOUT);
    }

    ReadPool(Path file, Access access, int size, Duration timeout) {
        this.file = file.toAbsolutePath().normalize();
        this.access = access;
        this.size = size;
        this.timeoutMillis = timeout.toMillis();
        this.permits = new Semaphore(size, true);
        this.identity = Identity.of(this.file);
    }

    /** Absolute path of the file. */
    public Path file() {
        return file;
    }

    /**
     * Leases a connection.
     *
     * @throws DatabaseException if none gets free in time, or another file lies under the name since the pool was made
     */
    public Lease lease() {
        Identity now = Identity.of(file);
        if (!now.equals(identity)) {
            throw new DatabaseException(
                    "The file has been replaced since it was opened: expected " + identity + ", found " + now + " ("
                            + file + "). Open the dataset again.",
                    file,
                    null);
        }
        try {
            // A free one is given to an interrupted thread too: a training ends at its next step, not in the middle of
            // one.
            if (!permits.tryAcquire() && !permits.tryAcquire(timeoutMillis, TimeUnit.MILLISECONDS)) {
                throw new DatabaseException(
                        "Read connection not available after " + timeoutMillis + " ms (" + file + ": size="
                                + size
                                + ", waiting=" + (permits.getQueueLength() + 1)
                                + "). More threads read at a time than the dataset was opened for.",
                        file,
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException("Interrupted while waiting for a read connection (" + file + ")", file, e);
        }
        try {
            return new Lease(this, idleOrNew());
        } catch (RuntimeException e) {
            permits.release();
            throw e;
        }
    }

    private Database idleOrNew() {
        Database database;
        synchronized (idle) {
            if (closed) {
                throw new IllegalStateException("The dataset is closed: " + file);
            }
            database = idle.poll();
        }
        return database == null ? Database.open(file, access) : database;
    }

    private void giveBack(Database database) {
        boolean keep;
        synchronized (idle) {
            keep = !closed;
            if (keep) {
                idle.push(database);
            }
        }
        try {
            if (!keep) {
                database.close();
            }
        } finally {
            permits.release();
        }
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(Database::close);
            idle.clear();
        }
    }

    /** What tells one file under a name from another. */
    private record Identity(@Nullable Object key, long size, FileTime changed) {
        /* Attributes only: opening the file by other means than SQLite would drop its locks. */
        static Identity of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Identity(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
            } catch (IOException e) {
                throw new DatabaseException(
                        "Cannot open " + file + ": expected a database file, found none. Check the path.", file, e);
            }
        }

        @Override
        public String toString() {
            return key + " of " + size + " bytes, changed " + changed;
        }
    }

    /** A leased connection inside a read transaction. */
    public static final class Lease implements AutoCloseable {
        private final ReadPool pool;
        private @Nullable Database database;

        private Lease(ReadPool pool, Database database) {
            this.pool = pool;
            this.database = database;
            try {
                database.prepared("BEGIN").executeUpdate();
            } catch (SQLException e) {
                database.close();
                throw DatabaseException.of("Cannot begin to read", database.file(), e);
            } catch (RuntimeException e) {
                database.close();
                throw e;
            }
        }

        /** The connection; not to be closed by its borrower. */
        public Database database() {
            if (database == null) {
                throw new IllegalStateException("The lease is given back: " + pool.file);
            }
            return database;
        }

        @Override
        public void close() {
            Database leased = database;
            database = null;
            if (leased == null) {
                return;
            }
            try {
                leased.prepared("COMMIT").executeUpdate();
            } catch (SQLException | DatabaseException e) {
                leased.abandon();
            }
            pool.giveBack(leased);
        }
    }
}
