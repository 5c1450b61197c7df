package dev.millrace.genome;

import dev.millrace.sqlite.CorruptDatabaseException;
import java.nio.file.Path;

/** What is said when a window cannot be read. */
final class WindowFault {
    private WindowFault() {}

    static CorruptDatabaseException damaged(String what, Path file, String where) {
        return new CorruptDatabaseException(
                what + " (" + file + ", " + where + "). Run 'millrace genome verify " + file
                        + "'; restore the file or make it again.",
                file,
                null);
    }

    static CorruptDatabaseException noWindow(long window, Path file) {
        return new CorruptDatabaseException(
                "Window " + window + " was not found in " + file
                        + ", window_mappings: its metadata promise it. Precompute its" + " windows again.",
                file,
                null);
    }

    static CorruptDatabaseException noContig(String contigId, String sampleId, Path file) {
        return new CorruptDatabaseException(
                "Contig " + contigId + " not found in the database of sample " + sampleId + " (" + file
                        + "). The windows were made from other sequences: import the contig, or precompute the windows again.",
                file,
                null);
    }

    static CorruptDatabaseException pastTheEnd(
            long window, String contigId, long windowInContig, long start, long length, long expected, Path file) {
        return new CorruptDatabaseException(
                "Window " + window + " does not fit its contig: expected window " + windowInContig + " of " + contigId
                        + ", which begins at base " + start + ", found a contig of " + length + " bases with "
                        + expected
                        + " windows (" + file
                        + "). The windows were made from another length: precompute them again from these sequences.",
                file,
                null);
    }
}
