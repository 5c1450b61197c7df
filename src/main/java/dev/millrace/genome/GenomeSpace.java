package dev.millrace.genome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** How much room sequences take at least, judged by what they come from. */
final class GenomeSpace {
    /*
     * A base is a byte of a store, and of a file of a sample; line ends and headers are not. Of gzip, and of windows, the least that
     * was measured: docs/decisions/0018.
     */
    private static final double PER_FASTA_BYTE = 0.9;
    private static final double PER_GZIP_BYTE = 2.5;
    private static final long PER_WINDOW = 14;

    private GenomeSpace() {}

    static long ofFasta(Collection<Path> files) throws IOException {
        double bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file) * (FastaInput.isGzip(file) ? PER_GZIP_BYTE : PER_FASTA_BYTE);
        }
        return (long) bytes;
    }

    /** Of the samples of a folder in the original's layout, as a store. */
    static long ofFolder(ShardedFolder folder) throws IOException {
        long bytes = 0;
        for (Path file : folder.files().values()) {
            bytes += Files.size(file);
        }
        return (long) (bytes * PER_FASTA_BYTE);
    }

    /** Contigs with what their windows take in a window database, as they are read. */
    static final class Windows implements ContigLengths {
        private final ContigLengths contigs;
        private final WindowGeometry geometry;
        private long bytes;

        Windows(ContigLengths contigs, WindowGeometry geometry) {
            this.contigs = contigs;
            this.geometry = geometry;
        }

        @Override
        public void forEach(Sink sink) throws IOException {
            contigs.forEach((contigId, length, row) -> {
                sink.add(contigId, length, row);
                // The name is in the row and in the index.
                bytes += geometry.windows(length) * (PER_WINDOW + 2L * contigId.length());
            });
        }

        @Override
        public String description() {
            return contigs.description();
        }

        @Override
        public String place(long row) {
            return contigs.place(row);
        }

        /** Of all windows of the contigs that were read. */
        long bytes() {
            return bytes;
        }
    }
}
