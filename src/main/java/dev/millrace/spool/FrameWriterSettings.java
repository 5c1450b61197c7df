package dev.millrace.spool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FrameWriter} uses the disk. Immutable.
 *
 * @param segmentBytes size at which a segment is full and the next one begins
 * @param largestBytes what all segments of this producer may take that nobody has taken over yet
 * @param syncInterval how often what was appended is forced to the disk; null to leave that to the operating system, which
 *     loses nothing unless the power fails
 */
public record FrameWriterSettings(
        long segmentBytes, long largestBytes, @Nullable Duration syncInterval) {
    public FrameWriterSettings {
        if (segmentBytes < 1_024 || largestBytes < segmentBytes) {
            throw new IllegalArgumentException("Expected segments of at least 1024 bytes and room for one, found "
                    + segmentBytes + " of " + largestBytes + ".");
        }
        if (syncInterval != null && (syncInterval.isNegative() || syncInterval.isZero())) {
            throw new IllegalArgumentException("Expected an interval > 0, found " + syncInterval + ".");
        }
    }

    /** Segments of 64 MiB, 1 GiB in all, left to the operating system. */
    public static FrameWriterSettings defaults() {
        return new FrameWriterSettings(64L << 20, 1L << 30, null);
    }

    /** The same with other sizes. */
    public FrameWriterSettings withSizes(long segment, long largest) {
        return new FrameWriterSettings(segment, largest, syncInterval);
    }

    /** The same, forced to the disk this often. */
    public FrameWriterSettings withSync(Duration interval) {
        return new FrameWriterSettings(segmentBytes, largestBytes, interval);
    }
}
