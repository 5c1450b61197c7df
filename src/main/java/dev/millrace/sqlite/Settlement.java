package dev.millrace.sqlite;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How far the records of a queue have met their end, and who waits for that. Thread-safe; the writer thread reports. */
final class Settlement {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final LongAdder dropped = new LongAdder();
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0);
    private volatile Target wanted = new Target(0, 0, 0);
    private volatile boolean ended;

    /** Waits until everything up to a target is written or rejected; false if that cannot be or did not come about in time. */
    boolean await(Target target, Duration timeout, Runnable wakeWriter) {
        long remaining = timeout.toNanos();
        lock.lock();
        try {
            wanted = wanted.with(target);
            wakeWriter.run();
            while (!progress.reaches(target) && remaining > 0 && !ended && !progress.gaveUp()) {
                remaining = more.awaitNanos(remaining);
            }
            return progress.reaches(target) && !progress.gaveUp();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody waits for something that is not there yet. */
    boolean isAwaited() {
        return !progress.reaches(wanted);
    }

    Progress progress() {
        return progress;
    }

    void report(Progress now) {
        lock.lock();
        try {
            progress = now;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        return ended;
    }

    void countDropped(long count) {
        dropped.add(count);
    }

    long dropped() {
        return dropped.sum();
    }

    /** Positions in the ring, the lane of samples, and the backlog's kept records. */
    record Target(long ring, long samples, long kept) {
        Target with(Target other) {
            return new Target(Math.max(ring, other.ring), Math.max(samples, other.samples), Math.max(kept, other.kept));
        }
    }

    /** Positions up to which all is settled, and how. */
    record Progress(
            long ring,
            long samples,
            long kept,
            long written,
            long rejected,
            long abandoned,
            long deferred,
            long imported,
            long rejectedImports) {
        boolean reaches(Target target) {
            return ring >= target.ring && samples >= target.samples && kept >= target.kept;
        }

        boolean gaveUp() {
            return abandoned + deferred > 0;
        }
    }
}
