package dev.millrace.kv;

import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.WriteQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a write: it takes its place in the one order of all writes, can be read from then on, and is forgotten here when the
 * writer thread has committed it and the hot tier has it. Thread-safe.
 *
 * <p>Who waits under the lock of the order waits for the writer thread, which never takes it.
 */
final class WritePath implements KvSink.Listener {
    private static final long FAILURE_POLL_MILLIS = 20;
    /** A transaction of so many writes is handed over to the hot tier by another thread. */
    private static final int MANY = 256;

    private final PersistMode mode;
    private final String subject;
    private final HotTier hot;
    private final WriteBudget budget;
    private final Callbacks callbacks;
    private final PendingWrites pending;
    /** Futures that users have and nobody has completed yet. */
    private final Set<CompletableFuture<Void>> promised = ConcurrentHashMap.newKeySet();
    /** Who holds it decides what comes next, in the pending map and in the queue alike. */
    private final ReentrantLock order = new ReentrantLock();

    private final LongAdder flushes = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder refused = new LongAdder();
    /** Of the refused ones that nobody waits for, what is still to be told. */
    private final AtomicReference<@Nullable Untold> untold = new AtomicReference<>();
    /** Null for a store without a file. */
    private final @Nullable WriteQueue<Submission> queue;

    private volatile boolean closed;
    private volatile boolean ended;

    /**
     * Opens the way.
     *
     * @param subject the file, for messages
     * @param opener opens the queue, whose sink tells the listener given; it gives null for a store without a file
     */
    WritePath(
            PersistMode mode,
            String subject,
            HotTier hot,
            WriteBudget budget,
            Callbacks callbacks,
            Function<KvSink.Listener, @Nullable WriteQueue<Submission>> opener) {
        this.mode = mode;
        this.subject = subject;
        this.hot = hot;
        this.pending = new PendingWrites(hot);
        this.budget = budget;
        this.callbacks = callbacks;
        this.queue = opener.apply(this);
    }

    /**
     * Refused writes that nobody has been told of.
     *
     * @param example key of one
     * @param reason of that one
     */
    private record Untold(long count, String example, Exception reason) {}

    /** What is to be read before the hot tier. */
    PendingWrites pending() {
        return pending;
    }

    /** Does something while nobody else writes. */
    <T extends @Nullable Object> T alone(Supplier<T> work) {
        order.lock();
        try {
            return work.get();
        } finally {
            order.unlock();
        }
    }

    /**
     * A future to be completed with the commit, where the mode says that a put waits for it; null where it does not.
     */
    @Nullable
    CompletableFuture<Void> waitedFor() {
        return mode == PersistMode.WRITE_THROUGH ? new CompletableFuture<>() : null;
    }

    /** Submits writes of different keys that belong together; returns as the mode promises. */
    void write(List<Write> writes) {
        CompletableFuture<Void> done = waitedFor();
        submit(writes, done, false);
        await(done);
    }

    /**
     * Gives writes of different keys their place in the order.
     *
     * @param done completed when they are committed; null if nobody asks
     * @param callback whether completing it may run code of the user
     */
    void submit(List<Write> writes, @Nullable CompletableFuture<Void> done, boolean callback) {
        order.lock();
        try {
            requireOpen();
            WriteQueue<Submission> file = queue;
            if (file == null) {
                for (Write write : writes) {
                    hot.committed(write.key(), write.value());
                }
                if (done != null) {
                    done.complete(null);
                }
                return;
            }
            long bytes = 0;
            for (Write write : writes) {
                bytes += write.bytes();
            }
            takeRoom(file, bytes);
            // First, so that the writer finds it when it has committed it.
            pending.add(writes);
            if (callback && done != null) {
                promise(done);
            }
            enqueue(file, new Submission.Writes(writes, bytes, done, callback));
        } finally {
            order.unlock();
        }
    }

    /** Removes all entries of a namespace; returns when that is committed. Other writers wait. */
    void clear(Namespace namespace, boolean drop) {
        order.lock();
        try {
            requireOpen();
            WriteQueue<Submission> file = queue;
            if (file == null) {
                hot.cleared(namespace.id());
                return;
            }
            CompletableFuture<Void> done = new CompletableFuture<>();
            takeRoom(file, 0);
            pending.clear(namespace);
            enqueue(file, new Submission.Clear(namespace, drop, done));
            // The writer of a lazy store waits for more.
            file.flush(Duration.ZERO);
            // Under the lock: what is put next comes after it in memory as in the file.
            await(done);
        } finally {
            order.unlock();
        }
    }

    /** Returns when all that was submitted before is committed, or fails with the first failure. */
    void flush() {
        if (queue != null) {
            queue.flushOrFail();
            callbacks.awaitPublished();
        }
    }

    /**
     * Waits for a commit.
     *
     * @param done of {@link #waitedFor}; null for nothing to wait for
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be written; the write is kept and tried again
     */
    void await(@Nullable CompletableFuture<Void> done) {
        WriteQueue<Submission> file = queue;
        if (done == null || file == null) {
            return;
        }
        long failuresBefore = file.failures();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    done.get(FAILURE_POLL_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException e) {
                    if (file.failures() > failuresBefore) {
                        throw file.notWritable();
                    }
                    if (ended) {
                        throw new IllegalStateException("Closed before it could be written: " + subject);
                    }
                    file.retry();
                } catch (InterruptedException e) {
                    // It is accepted, and whether it is committed is what the caller has to know.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException(
                            "The file refuses an entry (" + subject + "): " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    long flushes() {
        return flushes.sum();
    }

    long written() {
        return written.sum();
    }

    long refused() {
        return refused.sum();
    }

    /** What says once that the file refused writes that nobody waited for; null if it took all. */
    @Nullable
    IllegalStateException refusal() {
        Untold what = untold.getAndSet(null);
        return what == null
                ? null
                : new IllegalStateException(
                        "The file refuses " + what.count() + " of the entries that were put, "
                                + Keys.shown(what.example())
                                + " among them (" + subject + "): " + what.reason()
                                + ". What was there before stays.",
                        what.reason());
    }

    long failures() {
        return queue == null ? 0 : queue.failures();
    }

    /** @throws IllegalStateException once the store is closed */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The store is closed: " + subject);
        }
    }

    /** Accepts nothing more; false if that is so already. */
    boolean refuseMore() {
        order.lock();
        try {
            boolean open = !closed;
            closed = true;
            return open;
        } finally {
            order.unlock();
        }
    }

    /** Writes what waits and closes the file; null, or what says how much is lost. */
    @Nullable
    IllegalStateException end() {
        if (queue != null) {
            queue.close();
            callbacks.awaitPublished();
        }
        ended = true;
        IllegalStateException lost = lost();
        if (lost != null) {
            promised.forEach(future -> callbacks.fail(future, lost));
        }
        return lost;
    }

    private @Nullable IllegalStateException lost() {
        if (queue == null || (pending.keys() == 0 && pending.clears() == 0 && promised.isEmpty())) {
            return null;
        }
        String example = pending.example()
                .map(key -> ", " + Keys.shown(key) + " among them")
                .orElse("");
        Throwable reason = queue.failure();
        return new IllegalStateException(
                "Lost " + pending.keys() + " entries" + example + " and " + pending.clears()
                        + " clearings of namespaces that could not be written to " + subject + " before it was closed"
                        + (reason == null ? "." : ": " + reason.getMessage()),
                reason);
    }

    private void enqueue(WriteQueue<Submission> file, Submission submission) {
        if (!file.put(submission)) {
            refused(submission, new IllegalStateException("The JVM is ending (" + subject + ")."));
            throw new IllegalStateException("Cannot write to " + subject + ": the JVM is ending.");
        }
    }

    private void takeRoom(WriteQueue<Submission> file, long bytes) {
        if (budget.tryTake(bytes)) {
            return;
        }
        long failuresBefore = file.failures();
        // What waits may be too little for the writer to start by itself.
        file.flush(Duration.ZERO);
        budget.take(bytes, () -> {
            if (file.failures() > failuresBefore) {
                throw noRoom(file);
            }
            file.retry();
        });
    }

    private DatabaseException noRoom(WriteQueue<Submission> file) {
        return file.notWritable("This write is not kept: " + budget.count() + " others wait already (" + budget.bytes()
                + " bytes), which are kept and tried again.");
    }

    @Override
    public void committed(List<Submission> submissions) {
        List<CompletableFuture<Void>> callback = new ArrayList<>();
        List<CompletableFuture<Void>> direct = new ArrayList<>();
        long writes = 0;
        boolean clears = false;
        for (Submission submission : submissions) {
            if (submission instanceof Submission.Writes some) {
                writes += some.writes().size();
            } else {
                clears = true;
            }
            CompletableFuture<Void> done = submission.done();
            if (done != null) {
                (submission.callback() ? callback : direct).add(done);
            }
        }
        // A clear hides what is written after it until it is published, so it is before that is.
        if (writes < MANY || clears) {
            publish(submissions);
        } else {
            // The next transaction need not wait for the hot tier: what is pending is read first.
            List<Submission> copy = List.copyOf(submissions);
            callbacks.publish(() -> publish(copy));
        }
        // Before anybody is told, who may ask for the statistics.
        written.add(writes);
        flushes.increment();
        direct.forEach(done -> done.complete(null));
        if (!callback.isEmpty()) {
            callback.forEach(this::keep);
            callbacks.complete(callback);
        }
    }

    private void publish(List<Submission> submissions) {
        long bytes = 0;
        for (Submission submission : submissions) {
            bytes += submission.bytes();
            pending.publish(submission);
        }
        budget.giveBack(bytes, submissions.size());
    }

    /** The file does not take it, whatever is tried: forgotten, and told to who waits. */
    @Override
    public void refused(Submission submission, Exception reason) {
        pending.forget(submission);
        budget.giveBack(submission.bytes(), 1);
        CompletableFuture<Void> done = submission.done();
        int entries =
                submission instanceof Submission.Writes writes ? writes.writes().size() : 0;
        refused.add(entries);
        if (done == null) {
            noteUntold(submission, entries, reason);
            return;
        }
        if (submission.callback()) {
            keep(done);
            callbacks.fail(done, reason);
        } else {
            // Here: who waits for it may be the thread that completes futures.
            done.completeExceptionally(reason);
        }
    }

    private void noteUntold(Submission submission, int entries, Exception reason) {
        if (submission instanceof Submission.Writes writes) {
            String example = writes.writes().get(0).key().key();
            untold.updateAndGet(before -> before == null
                    ? new Untold(entries, example, reason)
                    : new Untold(before.count() + entries, before.example(), before.reason()));
        }
    }

    @SuppressWarnings("CollectionUndefinedEquality") // each future is itself
    private void promise(CompletableFuture<Void> done) {
        promised.add(done);
    }

    /** A promise is kept. */
    @SuppressWarnings("CollectionUndefinedEquality") // each future is itself
    private void keep(CompletableFuture<Void> done) {
        promised.remove(done);
    }
}
