package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records from any number of threads, written to one live database file by one thread.
 *
 * <pre>
 *   put ───────► bounded ring ────► writer thread: BEGIN, a batch of records, COMMIT ──► file (WAL, synced)
 *     └ no room ► backlog on disk ──┘ ▲
 *   putSample ─► short lane ──────────┘
 * </pre>
 *
 * <p>What it promises:
 * <ul>
 *   <li>{@link #put} never touches SQLite. It waits only while the queue is full, and not longer than the settings say.
 *   <li>Records that were put before a {@link #flush} that returned true are in the file and stay there, whatever is killed
 *       afterwards. A batch is in the file whole or not at all.
 *   <li>A record that the database refuses is rejected alone and counted; the rest of its batch is written.
 *   <li>When the file cannot be written (disk full, locked), the batch is kept and tried again until it can.
 *   <li>{@link #close} writes what is left and settles the {@link #counts}; so does the end of the JVM, SIGTERM included.
 * </ul>
 *
 * <p>Thread-safe. Who opens it closes it. One queue per file on a machine, which a lock ensures.
 */
@Internal
public final class WriteQueue<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    /** How long a producer sleeps between two looks at a full queue. */
    private static final long FULL_POLL_NANOS = 50_000;
    /** Time for the statement that is running when closing gives up. */
    private static final long LAST_STATEMENT_NANOS = Duration.ofSeconds(15).toNanos();
    /** How often closing says how far it is. */
    private static final long HEARTBEAT_MILLIS = 2_000;
    /** Closing takes this long at most, even while it makes progress. */
    private static final long LONGEST_DRAIN_NANOS = Duration.ofMinutes(10).toNanos();
    /** How many measurements may wait. */
    private static final int SAMPLES = 4_096;
    /** How soon a failure to write is told to who waits for the records. */
    private static final Duration FAILURE_POLL = Duration.ofMillis(20);

    private final Path file;
    private final WriteQueueSettings settings;
    private final RecordRing<T> ring;
    private final SampleLane<T> samples = new SampleLane<>(SAMPLES);
    private final Spill<T> spill;
    private final Settlement settlement = new Settlement();
    private final BatchWriter<T> writer;
    private final WriterLoop<T> loop;
    private final Thread thread;
    private final Thread shutdownHook;

    private WriteQueue(
            Database database,
            ProcessLock lock,
            RecordSink.Factory<T> sinks,
            WriteQueueSettings settings,
            @Nullable Backlog<T> backlog) {
        this.file = database.file();
        this.settings = settings;
        this.ring = new RecordRing<>(settings.capacity());
        this.spill = new Spill<>(backlog);
        this.writer = new BatchWriter<>(database, sinks, settings, ring::isClosed);
        this.loop = new WriterLoop<>(settings, ring, samples, spill, backlog, writer, settlement, lock::close);
        this.thread = new Thread(loop, "millrace-writer " + file.getFileName());
        // The JVM may end without close(): the hook then drains, which a thread that keeps the JVM alive would prevent.
        this.thread.setDaemon(true);
        this.shutdownHook = new Thread(this::closeAtShutdown, "millrace-drain " + file.getFileName());
    }

    /**
     * Opens a file for writing and starts the writer. A file that does not exist is made first, complete or not at all.
     *
     * @param file the database; its folder must exist
     * @param schema what the file consists of; an existing one must be of exactly this kind, and of this version or one that
     *     can be upgraded to it
     * @param sinks makes what turns records into rows
     * @throws DatabaseException if it is open for writing elsewhere, or cannot be opened
     * @throws SchemaMismatchException if it is another kind of file or another version
     */
    public static <T> WriteQueue<T> open(
            Path file, Schema schema, RecordSink.Factory<T> sinks, WriteQueueSettings settings) {
        return open(file, schema, sinks, settings, null);
    }

    /**
     * As {@link #open(Path, Schema, RecordSink.Factory, WriteQueueSettings)}, with a place for what finds no room.
     *
     * @param backlog closed with the queue, and also if it cannot be opened; null for none
     */
    public static <T> WriteQueue<T> open(
            Path file,
            Schema schema,
            RecordSink.Factory<T> sinks,
            WriteQueueSettings settings,
            @Nullable Backlog<T> backlog) {
        return open(file, schema, database -> {}, sinks, settings, backlog);
    }

    /**
     * As the other {@code open}s.
     *
     * @param first what a file that is made contains from its beginning
     */
    public static <T> WriteQueue<T> open(
            Path file,
            Schema schema,
            Consumer<Database> first,
            RecordSink.Factory<T> sinks,
            WriteQueueSettings settings,
            @Nullable Backlog<T> backlog) {
        Path resolved = resolve(file);
        ProcessLock lock = ProcessLock.forWriting(resolved);
        Database database = null;
        try {
            if (isAbsent(resolved)) {
                try (DatabaseBuild build = DatabaseBuild.begin(resolved, schema)) {
                    first.accept(build.database());
                    build.publish();
                }
            }
            SchemaUpgrade.underLock(resolved, schema);
            database = Database.open(resolved, settings.durability().access());
            WriteQueue<T> queue = new WriteQueue<>(database, lock, sinks, settings, backlog);
            Runtime.getRuntime().addShutdownHook(queue.shutdownHook);
            queue.thread.start();
            return queue;
        } catch (RuntimeException | Error e) {
            if (database != null) {
                database.close();
            }
            if (backlog != null) {
                backlog.close();
            }
            lock.close();
            throw e;
        }
    }

    /** The database file, with links resolved. */
    public Path file() {
        return file;
    }

    /**
     * Hands over a record, which must not change afterwards.
     *
     * @return false if it was dropped: there was no room (see {@link WriteQueueSettings}), or the JVM has shut down
     * @throws DatabaseException if there is no room and the settings say to fail
     * @throws IllegalStateException if the queue is closed
     */
    public boolean put(T record) {
        long position = RecordRing.FULL;
        if (!spill.isActive()) {
            position = ring.offer(record);
            if (position == RecordRing.FULL) {
                position = waitForRoom(record);
            }
        }
        if (position == RecordRing.FULL && settings.overload() == WriteQueueSettings.Overload.SPILL) {
            position = keep(record);
        }
        if (position >= 0) {
            loop.wakeIfDue();
            return true;
        }
        return refuse(position);
    }

    /**
     * Hands over a measurement of which only the latest matter: it never waits, and if there is no room the oldest one goes.
     *
     * @return false if the JVM has shut down
     * @throws IllegalStateException if the queue is closed
     */
    public boolean putSample(T record) {
        return samples.offer(record) || refuse(RecordRing.CLOSED);
    }

    /**
     * Waits until every record accepted before this call is committed, or rejected and counted.
     *
     * @return false if that did not come about in time, was given up at closing, or the thread was interrupted (its flag is
     *     kept)
     */
    public boolean flush(Duration timeout) {
        return settlement.await(
                new Settlement.Target(ring.accepted(), samples.accepted(), spill.kept()), timeout, loop::wake);
    }

    /**
     * As {@link #flush}, however long it takes while the database can be written, but ends with the first failure to write
     * after this call. What waits is kept and tried again. An interrupt does not end it; the flag is kept.
     *
     * @throws DatabaseException saying why the database cannot be written
     * @throws IllegalStateException if closing has given the records up
     */
    public void flushOrFail() {
        long failuresBefore = writer.failures();
        Settlement.Target all = new Settlement.Target(ring.accepted(), samples.accepted(), spill.kept());
        boolean interrupted = false;
        try {
            while (!settlement.await(all, FAILURE_POLL, loop::wake)) {
                interrupted |= Thread.interrupted();
                if (settlement.hasEnded() || settlement.progress().gaveUp()) {
                    throw new IllegalStateException("Not all records are in " + file + ": " + counts());
                }
                if (writer.failures() > failuresBefore) {
                    throw notWritable();
                }
                retry();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Tries again at once what could not be written, rather than after the pause that follows a failure. */
    public void retry() {
        if (writer.failure() != null) {
            writer.retry();
        }
    }

    /** Number of transactions that failed so far; their records are tried again. */
    public long failures() {
        return writer.failures();
    }

    /** The failure of the last transaction, as an error for who waits for it. */
    public DatabaseException notWritable() {
        return notWritable("What was accepted is kept in memory and tried again.");
    }

    /**
     * As {@link #notWritable()}, for who knows better what becomes of what waits.
     *
     * @param fate a sentence that says it
     */
    public DatabaseException notWritable(String fate) {
        Throwable reason = writer.failure();
        return new DatabaseException(
                "Cannot write to " + file + " at the moment: "
                        + (reason == null ? "the last attempt failed." : reason.getMessage()) + " " + fate,
                file,
                reason);
    }

    /** What became of the records so far. */
    public WriteQueueCounts counts() {
        return loop.counts();
    }

    /** Why the file cannot be written at the moment; null while it can. */
    public @Nullable Throwable failure() {
        return writer.failure();
    }

    /** Refuses new records, writes what is left and closes the file. Harmless when repeated. */
    @Override
    public void close() {
        ring.close();
        samples.close();
        loop.wake();
        boolean interrupted = false;
        long start = System.nanoTime();
        long progressAt = start;
        WriteQueueCounts counts = counts();
        while (thread.isAlive()
                && System.nanoTime() - progressAt < settings.drainTimeout().toNanos() + LAST_STATEMENT_NANOS
                && System.nanoTime() - start < LONGEST_DRAIN_NANOS) {
            try {
                thread.join(HEARTBEAT_MILLIS);
            } catch (InterruptedException e) {
                // Giving up here would lose records; the caller sees the flag when we are done.
                interrupted = true;
            }
            WriteQueueCounts now = counts();
            if (!now.equals(counts)) {
                progressAt = System.nanoTime();
                counts = now;
            }
            if (thread.isAlive() && !interrupted) {
                LOG.info("Writing what is left to {}: {} records", file, now.pending());
            }
        }
        if (thread.isAlive()) {
            LOG.error("The writer of {} does not end; {}", file, counts());
        }
        forgetShutdownHook();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAtShutdown() {
        loop.hurry();
        // Whoever is asked to end has something to say yet: the training that was interrupted, a hook of the user.
        ShutdownHold.awaitRecording(ring::isClosed, ring::accepted);
        close();
    }

    private void forgetShutdownHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException shuttingDown) {
            // Then the hook has run, or is this very call.
        }
    }

    /** Waits only for a writer that makes progress: behind a full disk every record would cost the whole wait. */
    private long waitForRoom(T record) {
        boolean blocking = settings.overload() == WriteQueueSettings.Overload.BLOCK;
        long deadline = System.nanoTime() + settings.overloadWait().toNanos();
        long position = RecordRing.FULL;
        while (position == RecordRing.FULL
                && (blocking || (writer.failure() == null && System.nanoTime() - deadline < 0))
                && !Thread.currentThread().isInterrupted()) {
            loop.wakeIfDue();
            LockSupport.parkNanos(FULL_POLL_NANOS);
            position = ring.offer(record);
        }
        return position;
    }

    private long keep(T record) {
        boolean first = !spill.isActive();
        long number = spill.keep(record, ring);
        if (first) {
            loop.wake();
        }
        return number == Spill.REFUSED ? RecordRing.FULL : number;
    }

    private boolean refuse(long position) {
        if (position == RecordRing.CLOSED && !loop.processEnds()) {
            throw new IllegalStateException("Cannot write to " + file + ": its queue is closed.");
        }
        settlement.countDropped(1);
        if (position == RecordRing.FULL && settings.overload() == WriteQueueSettings.Overload.FAIL) {
            Throwable failure = writer.failure();
            throw new DatabaseException(
                    "Cannot queue a record for " + file + ": expected room within "
                            + settings.overloadWait().toMillis() + " ms, found " + ring.size() + " records waiting ("
                            + counts() + ")."
                            + (failure == null ? " Log less, or make the queue larger." : " " + failure.getMessage()),
                    file,
                    failure);
        }
        return false;
    }

    /** The same file must give the same lock, by whatever link it is named. Neither look opens the file. */
    static Path resolve(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        try {
            if (Files.exists(absolute)) {
                return absolute.toRealPath();
            }
            Path folder = absolute.getParent();
            return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            throw new DatabaseException(
                    "Cannot open " + absolute + ": " + e + ". Check that its folder exists.", absolute, e);
        }
    }

    private static boolean isAbsent(Path file) {
        try {
            return !Files.exists(file) || Files.size(file) == 0;
        } catch (IOException e) {
            throw new DatabaseException("Cannot open " + file + ": " + e + ".", file, e);
        }
    }
}
