package dev.millrace.sqlite;

import java.time.Duration;

/**
 * How a {@link WriteQueue} batches and what it does under overload. Immutable.
 *
 * @param capacity records that may wait; rounded up to a power of two
 * @param flushRecords number of waiting records that starts a transaction
 * @param largestBatch most records of one transaction, if so many wait
 * @param flushInterval longest time that a record waits for its transaction to start, however few there are
 * @param overload what happens to a record that finds the queue full for longer than {@code overloadWait}
 * @param overloadWait longest time that a producer is held up
 * @param drainTimeout longest time that closing goes on trying when the database refuses to be written
 * @param idleInterval how often the sink is told that time goes by
 * @param durability what a loss of power may cost
 * @param checkpointInterval how long the log may keep what is committed before it goes to the database file
 */
public record WriteQueueSettings(
        int capacity,
        int flushRecords,
        int largestBatch,
        Duration flushInterval,
        Overload overload,
        Duration overloadWait,
        Duration drainTimeout,
        Duration idleInterval,
        Duration checkpointInterval,
        Durability durability) {
    private static final int LARGEST_CAPACITY = 1 << 24;

    /** What to do with a record for which there is no room. */
    public enum Overload {
        /** Wait for room, however long it takes; only an interrupt of the thread ends that. */
        BLOCK,
        /** Keep it on disk until the writer has caught up; count it if the disk refuses too. Without a backlog as DROP. */
        SPILL,
        /** Count it and go on. */
        DROP,
        /** Throw a {@link DatabaseException} at the producer. */
        FAIL
    }

    public WriteQueueSettings {
        if (capacity < 1 || capacity > LARGEST_CAPACITY) {
            throw new IllegalArgumentException(
                    "Expected a capacity of 1.." + LARGEST_CAPACITY + " records, found " + capacity + ".");
        }
        if (flushRecords < 1 || flushRecords > capacity) {
            throw new IllegalArgumentException(
                    "Expected a flush after 1.." + capacity + " records, found " + flushRecords + ".");
        }
        if (largestBatch < flushRecords) {
            throw new IllegalArgumentException("Expected transactions of " + flushRecords
                    + " records, after which they start, or more, found " + largestBatch + ".");
        }
        requirePositive("flush interval", flushInterval);
        requirePositive("idle interval", idleInterval);
        requirePositive("checkpoint interval", checkpointInterval);
        if (overloadWait.isNegative() || drainTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "Expected times ≥ 0, found " + overloadWait + " and " + drainTimeout + ".");
        }
    }

    /** 65,536 waiting records; 4,096 records or 1 s; wait 50 ms, then spill; 10 s to drain. */
    public static WriteQueueSettings defaults() {
        return new WriteQueueSettings(
                65_536,
                4_096,
                4_096,
                Duration.ofSeconds(1),
                Overload.SPILL,
                Duration.ofMillis(50),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Durability.FULL);
    }

    /** The same with another size of the queue. */
    public WriteQueueSettings withCapacity(int records) {
        return new WriteQueueSettings(
                records,
                Math.min(flushRecords, records),
                largestBatch,
                flushInterval,
                overload,
                overloadWait,
                drainTimeout,
                idleInterval,
                checkpointInterval,
                durability);
    }

    /** The same with other moments of flushing. */
    public WriteQueueSettings withFlush(int records, Duration interval) {
        return new WriteQueueSettings(
                capacity,
                records,
                Math.max(largestBatch, records),
                interval,
                overload,
                overloadWait,
                drainTimeout,
                idleInterval,
                checkpointInterval,
                durability);
    }

    /** The same with another limit of what one transaction writes. */
    public WriteQueueSettings withLargestBatch(int records) {
        return new WriteQueueSettings(
                capacity,
                flushRecords,
                records,
                flushInterval,
                overload,
                overloadWait,
                drainTimeout,
                idleInterval,
                checkpointInterval,
                durability);
    }

    /** The same with another behaviour under overload. */
    public WriteQueueSettings withOverload(Overload behaviour, Duration wait) {
        return new WriteQueueSettings(
                capacity,
                flushRecords,
                largestBatch,
                flushInterval,
                behaviour,
                wait,
                drainTimeout,
                idleInterval,
                checkpointInterval,
                durability);
    }

    /** The same with another patience at closing. */
    public WriteQueueSettings withDrainTimeout(Duration timeout) {
        return new WriteQueueSettings(
                capacity,
                flushRecords,
                largestBatch,
                flushInterval,
                overload,
                overloadWait,
                timeout,
                idleInterval,
                checkpointInterval,
                durability);
    }

    /** The same with other intervals of what is done while records come or not. */
    public WriteQueueSettings withIntervals(Duration idle, Duration checkpoint) {
        return new WriteQueueSettings(
                capacity,
                flushRecords,
                largestBatch,
                flushInterval,
                overload,
                overloadWait,
                drainTimeout,
                idle,
                checkpoint,
                durability);
    }

    /** The same with another promise for a loss of power. */
    public WriteQueueSettings withDurability(Durability promise) {
        return new WriteQueueSettings(
                capacity,
                flushRecords,
                largestBatch,
                flushInterval,
                overload,
                overloadWait,
                drainTimeout,
                idleInterval,
                checkpointInterval,
                promise);
    }

    private static void requirePositive(String what, Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("Expected a " + what + " > 0, found " + interval + ".");
        }
    }
}
