package dev.millrace.metrics;

import dev.millrace.spool.FrameWriterSettings;
import java.time.Duration;

/**
 * What a worker process does when nobody takes over what it reports, or the disk is full. Immutable.
 *
 * @param files sizes of its files, and how often they are forced to the disk
 * @param overloadWait longest time that recording waits for room before a record is dropped and counted
 * @param resourceShare share of the room that measurements of the machine may use, so that the training keeps some
 */
public record WorkerSettings(FrameWriterSettings files, Duration overloadWait, double resourceShare) {
    public WorkerSettings {
        if (overloadWait.isNegative() || !(resourceShare >= 0 && resourceShare <= 1)) {
            throw new IllegalArgumentException(
                    "Expected a time ≥ 0 and a share of 0..1, found " + overloadWait + " and " + resourceShare + ".");
        }
    }

    /** 1 GiB, nine tenths of it for measurements too; wait 50 ms. */
    public static WorkerSettings defaults() {
        return new WorkerSettings(FrameWriterSettings.defaults(), Duration.ofMillis(50), 0.9);
    }

    /** The same with other files. */
    public WorkerSettings withFiles(FrameWriterSettings other) {
        return new WorkerSettings(other, overloadWait, resourceShare);
    }
}
