package dev.millrace.genome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** How much room sequences take at least, judged by what they come from. */
final class GenomeSpace {
    /* A base is a byte of the store; line ends and headers are not. Of gzip the least that was measured, see docs/benchmarks. */
    private static final double PER_FASTA_BYTE = 0.95;
    private static final double PER_GZIP_BYTE = 2.5;

    /** Bytes of a window database for each window, with its index. */
    static final long PER_WINDOW = 60;

    private GenomeSpace() {}

    static long ofFasta(Collection<Path> files) throws IOException {
        double bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file) * (FastaInput.isGzip(file) ? PER_GZIP_BYTE : PER_FASTA_BYTE);
        }
        return (long) bytes;
    }
}
