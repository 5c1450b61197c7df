package dev.millrace.genome;

import java.io.IOException;
import java.util.List;

/**
 * The contigs of a split with their lengths, in any order; read from {@link SplitFile}s as they go by, so that there may be
 * more than fit into memory. One thread at a time.
 */
public interface ContigLengths {
    /** Takes contigs one after another. */
    @FunctionalInterface
    interface Sink {
        /**
         * One contig.
         *
         * @param row its place in the source, from 1, as {@link ContigLengths#place} takes it
         */
        void add(String contigId, long length, long row) throws IOException;
    }

    /**
     * Hands over all of them.
     *
     * @throws IOException if they cannot be read
     */
    void forEach(Sink sink) throws IOException;

    /** Where they come from, for errors and for what is built of them: the path of a file. */
    String description();

    /** A row in words: {@code contigs.csv:12}. */
    default String place(long row) {
        return description() + ", row " + row;
    }

    /** Contigs that are in memory. */
    static ContigLengths of(String description, List<ContigLength> contigs) {
        List<ContigLength> all = List.copyOf(contigs);
        return new ContigLengths() {
            @Override
            public void forEach(Sink sink) throws IOException {
                long row = 0;
                for (ContigLength contig : all) {
                    sink.add(contig.contigId(), contig.length(), ++row);
                }
            }

            @Override
            public String description() {
                return description;
            }
        };
    }
}
