package dev.millrace.kv;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How much may wait to be committed. The writer thread gives room back and takes no lock for it that anybody holds who waits
 * here. Thread-safe.
 */
final class WriteBudget {
    private static final long POLL_MILLIS = 20;

    private final long maxBytes;
    private final int maxCount;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private long bytes;
    private int count;

    WriteBudget(long maxBytes, int maxCount) {
        this.maxBytes = maxBytes;
        this.maxCount = maxCount;
    }

    /** Takes room if there is some. */
    boolean tryTake(long size) {
        lock.lock();
        try {
            boolean enough = hasRoom();
            if (enough) {
                bytes += size;
                count++;
            }
            return enough;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        return bytes < maxBytes && count < maxCount;
    }

    /**
     * Waits for room. One write may exceed the limit in bytes, or a large one would wait for ever.
     *
     * @param whileWaiting called again and again while there is no room; what it throws is thrown
     */
    void take(long size, Runnable whileWaiting) {
        boolean interrupted = false;
        lock.lock();
        try {
            while (!hasRoom()) {
                try {
                    if (!room.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                        whileWaiting.run();
                    }
                } catch (InterruptedException e) {
                    // What was asked for is a put, and it will have room soon.
                    interrupted = true;
                }
            }
            bytes += size;
            count++;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void giveBack(long size, int submissions) {
        lock.lock();
        try {
            bytes -= size;
            count -= submissions;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }
}
