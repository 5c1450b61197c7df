package dev.millrace.sqlite;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether records of a queue go to its backlog. Once one does, all later ones do, until the writer has taken every one of
 * them: so records keep their order, and a record cannot overtake another that was put before it. Thread-safe.
 */
final class Spill<T> {
    static final long REFUSED = 0;

    private final @Nullable Backlog<T> backlog;
    // Those who keep records share it; the writer has it alone when it ends the spilling.
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong count = new AtomicLong();
    private volatile boolean active;

    Spill(@Nullable Backlog<T> backlog) {
        this.backlog = backlog;
    }

    boolean isPossible() {
        return backlog != null;
    }

    boolean isActive() {
        return active;
    }

    /** Number of the last record kept. */
    long kept() {
        return kept.get();
    }

    /** How many records were kept. */
    long count() {
        return count.get();
    }

    /** Keeps a record; {@link #REFUSED} if that is not possible, {@link RecordRing#CLOSED} if the queue is closed. */
    long keep(T record, RecordRing<T> ring) {
        Backlog<T> open = backlog;
        if (open == null) {
            return REFUSED;
        }
        lock.readLock().lock();
        try {
            if (ring.isClosed()) {
                return RecordRing.CLOSED;
            }
            // Before the record is anywhere: who sees that this call has ended must see this too.
            active = true;
            long number = open.keep(record);
            if (number == REFUSED) {
                return REFUSED;
            }
            kept.accumulateAndGet(number, Math::max);
            count.incrementAndGet();
            return number;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Ends the spilling if the writer has taken all: what is put from now on waits in the queue again. */
    boolean endIfTaken(long committed) {
        lock.writeLock().lock();
        try {
            if (kept.get() <= committed) {
                active = false;
            }
            return !active;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
