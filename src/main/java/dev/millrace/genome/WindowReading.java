package dev.millrace.genome;

import java.nio.file.Path;
import java.util.function.ToIntFunction;

/**
 * What a reader needs to know of the windows it reads. Immutable.
 *
 * @param table which windows there are
 * @param bases how many bases of a contig the format takes
 * @param epoch that the windows are read for
 */
record WindowReading(WindowTable table, ToIntFunction<String> bases, long epoch) {
    /** Where a window lies in a contig of a length. */
    ContigSpan span(long window, String contigId, long windowInContig, long length, Path file) {
        return ContigSpan.of(
                table.geometry(), window, contigId, windowInContig, length, bases.applyAsInt(contigId), file);
    }
}
