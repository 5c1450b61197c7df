package dev.millrace.genome;

import java.nio.file.Path;

/**
 * What a reader needs to know of the windows it reads. Immutable.
 *
 * @param table which windows there are
 * @param format how many bases of a contig a window takes
 * @param epoch that the windows are read for
 */
record WindowReading(WindowTable table, WindowFormat format, long epoch) {
    /** Where a window lies in a contig of a length. */
    ContigSpan span(long window, String contigId, long windowInContig, long length, Path file) {
        return ContigSpan.of(
                table.geometry(), window, contigId, windowInContig, length, format.effectiveBases(contigId), file);
    }
}
