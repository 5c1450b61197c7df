package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Read-only connections to the files of samples: opened when first needed, at most so many at a time over all samples, the one
 * that was used longest ago closed for the next. A process may have some thousand files open; a directory may have more samples.
 *
 * <p>Thread-safe; a lease is for one thread. Who makes it closes it; a lease given back later is closed then.
 */
final class SampleConnections implements AutoCloseable {
    private final Access access;
    private final int most;
    /** Idle ones by file; a file used later comes later. */
    private final Map<Path, Deque<Database>> idle = new LinkedHashMap<>(16, 0.75f, true);

    private int open;
    private long opened;
    private long evicted;
    private long leases;
    private int peak;
    private boolean closed;

    /** @param most connections open at a time; readers wait for one beyond it */
    SampleConnections(Access access, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("Expected at least 1 connection, found " + most + ".");
        }
        this.access = access;
        this.most = most;
    }

    /**
     * Leases a connection to a file. A thread has one at a time, so that none waits for ever.
     *
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be opened
     */
    Lease lease(Path file) {
        Database evict;
        synchronized (this) {
            requireOpen();
            leases++;
            Deque<Database> waiting = idle.get(file);
            if (waiting != null) {
                return new Lease(this, file, take(file, waiting));
            }
            while (open >= most && idle.isEmpty()) {
                awaitOne();
            }
            evict = open >= most ? eldest() : null;
            open += evict == null ? 1 : 0;
            peak = Math.max(peak, open);
        }
        try {
            if (evict != null) {
                evict.close();
            }
            Database database = Database.open(file, access);
            synchronized (this) {
                opened++;
            }
            return new Lease(this, file, database);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                open--;
                notifyAll();
            }
            throw e;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The dataset is closed.");
        }
    }

    private void awaitOne() {
        boolean interrupted = false;
        try {
            while (open >= most && idle.isEmpty()) {
                requireOpen();
                try {
                    wait();
                } catch (InterruptedException e) {
                    // A training ends at its next step, not in the middle of one.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Database take(Path file, Deque<Database> waiting) {
        Database database = waiting.pop();
        if (waiting.isEmpty()) {
            idle.remove(file);
        }
        return database;
    }

    private Database eldest() {
        Iterator<Map.Entry<Path, Deque<Database>>> oldest = idle.entrySet().iterator();
        Deque<Database> waiting = oldest.next().getValue();
        Database database = waiting.removeLast();
        if (waiting.isEmpty()) {
            oldest.remove();
        }
        evicted++;
        return database;
    }

    private void giveBack(Path file, Database database) {
        synchronized (this) {
            if (!closed) {
                idle.computeIfAbsent(file, any -> new ArrayDeque<>()).push(database);
                notifyAll();
                return;
            }
            open--;
        }
        database.close();
    }

    /** What has been opened so far. */
    synchronized Counts counts() {
        return new Counts(leases, opened, evicted, open, peak);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            idle.values().forEach(files -> {
                open -= files.size();
                files.forEach(Database::close);
            });
            idle.clear();
            notifyAll();
        }
    }

    /**
     * Use of the connections so far.
     *
     * @param leases how often one was asked for
     * @param opened how often a file was opened for it
     * @param evicted how often another was closed for that
     * @param open how many are open now
     * @param peak the most that were open at a time
     */
    record Counts(long leases, long opened, long evicted, int open, int peak) {}

    /** A connection in use by one thread. */
    static final class Lease implements AutoCloseable {
        private final SampleConnections owner;
        private final Path file;
        private final Database database;

        private Lease(SampleConnections owner, Path file, Database database) {
            this.owner = owner;
            this.file = file;
            this.database = database;
        }

        Database database() {
            return database;
        }

        @Override
        public void close() {
            owner.giveBack(file, database);
        }
    }
}
