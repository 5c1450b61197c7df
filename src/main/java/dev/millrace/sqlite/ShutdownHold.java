package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Says that somebody goes on recording for a while when the JVM is asked to end, a training that finishes its step for
 * example. Queues then stay open until it is closed, 30 s at most; without a hold, until nothing has come for a moment.
 *
 * <p>Thread-safe. Who takes it closes it.
 */
@Internal
public final class ShutdownHold implements AutoCloseable {
    private static final Set<ShutdownHold> HELD = new HashSet<>();
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Duration LONGEST_GRACE = Duration.ofSeconds(1);
    private static final long QUIET_MILLIS = 100;
    private static final long POLL_MILLIS = 10;

    private ShutdownHold() {}

    /** Takes a hold. */
    public static ShutdownHold take() {
        ShutdownHold hold = new ShutdownHold();
        synchronized (HELD) {
            HELD.add(hold);
        }
        return hold;
    }

    /** The recording is done. Harmless when repeated. */
    @Override
    public void close() {
        synchronized (HELD) {
            HELD.remove(this);
            HELD.notifyAll();
        }
    }

    /** Waits until every hold is closed, or {@code over} says that there is nothing to wait for any more. */
    static void awaitRecording(BooleanSupplier over, java.util.function.LongSupplier accepted) {
        long start = System.nanoTime();
        boolean held = false;
        long last = accepted.getAsLong();
        long quietSince = start;
        synchronized (HELD) {
            while (!over.getAsBoolean()) {
                long now = System.nanoTime();
                held |= !HELD.isEmpty();
                if (held ? HELD.isEmpty() : now - quietSince >= QUIET_MILLIS * 1_000_000) {
                    return;
                }
                if (now - start >= (held ? LONGEST : LONGEST_GRACE).toNanos()) {
                    return;
                }
                try {
                    HELD.wait(POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                long count = accepted.getAsLong();
                if (count != last) {
                    last = count;
                    quietSince = System.nanoTime();
                }
            }
        }
    }
}
