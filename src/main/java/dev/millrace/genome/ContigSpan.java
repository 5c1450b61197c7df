package dev.millrace.genome;

import java.nio.file.Path;

/**
 * The bases of one window in its contig. Immutable.
 *
 * @param start first base, from 0
 * @param bases how many of them
 */
record ContigSpan(long start, int bases) {
    /**
     * Finds it.
     *
     * @param length bases of the contig
     * @param most bases that the format takes
     * @throws dev.millrace.sqlite.CorruptDatabaseException if a contig of this length has no such window
     */
    static ContigSpan of(
            WindowGeometry geometry,
            long window,
            String contigId,
            long windowInContig,
            long length,
            int most,
            Path file) {
        long windows = geometry.windows(length);
        if (windowInContig < 0 || windowInContig >= windows) {
            throw WindowFault.pastTheEnd(
                    window, contigId, windowInContig, windowInContig * geometry.stride(), length, windows, file);
        }
        return new ContigSpan(
                geometry.start(length, windowInContig), (int) Math.min(most, geometry.bases(length, windowInContig)));
    }
}
