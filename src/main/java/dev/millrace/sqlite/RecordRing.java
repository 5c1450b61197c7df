package dev.millrace.sqlite;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue from many threads to one. Any thread may {@link #offer} and {@link #close}; only the consumer may
 * {@link #drain}. Nobody ever waits for a lock, so a producer cannot be held up by the consumer.
 */
final class RecordRing<T> {
    static final long FULL = -1;
    static final long CLOSED = -2;

    /*
     * A producer claims the next position by moving `claimed`, then fills its slot; the consumer takes slots in order and stops
     * at one that is claimed but not filled yet. The sign bit of `claimed` says closed: as claiming and closing change the same
     * word, the number of records is settled at the moment of closing, and none can slip in behind it.
     */
    private static final long CLOSED_BIT = Long.MIN_VALUE;

    private final AtomicReferenceArray<@Nullable T> slots;
    private final int mask;
    private final AtomicLong claimed = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();

    /** @param capacity rounded up to a power of two */
    RecordRing(int capacity) {
        int size = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    /** The number of records accepted before this one, or {@link #FULL} or {@link #CLOSED}. */
    long offer(T element) {
        while (true) {
            long position = claimed.get();
            if (position < 0) {
                return CLOSED;
            }
            if (position - taken.get() > mask) {
                return FULL;
            }
            if (claimed.compareAndSet(position, position + 1)) {
                slots.setRelease((int) position & mask, element);
                return position;
            }
        }
    }

    /** Moves up to {@code limit} records to the end of {@code target}. */
    void drain(List<T> target, int limit) {
        long position = taken.get();
        for (int count = 0; count < limit; count++) {
            int slot = (int) position & mask;
            T element = slots.getAcquire(slot);
            if (element == null) {
                break;
            }
            slots.setRelease(slot, null);
            target.add(element);
            position++;
        }
        taken.setRelease(position);
    }

    /** Refuses further records. */
    void close() {
        claimed.getAndUpdate(position -> position | CLOSED_BIT);
    }

    boolean isClosed() {
        return claimed.get() < 0;
    }

    /** Number of records accepted since the beginning. */
    long accepted() {
        return claimed.get() & ~CLOSED_BIT;
    }

    /** Number of records accepted and not drained. */
    int size() {
        return (int) (accepted() - taken.get());
    }

    int capacity() {
        return mask + 1;
    }
}
