package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.graph.Graph;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of molecules. Immutable; what it opens is for one thread at a time, what that yields may be read on any. */
sealed interface PcqmInput permits CsvSource, PygSource, SdfSource {
    /** The file. */
    Path file();

    /** One word: {@code csv}, {@code pyg}, {@code sdf}. */
    String kind();

    /** Targets beside the gap, in the order of the target tensor. */
    List<String> furtherTargets();

    /** Names of the feature specifications that it can give, the default first. */
    List<String> featureSpecs();

    /** What beside the file decides what is read, as settings. */
    List<String> settings() throws IOException;

    /** Whether the file says that it describes no real molecules. */
    default boolean isSynthetic() throws IOException {
        return false;
    }

    /** Reads the whole file once, without the chemistry. */
    Scan scan(BuildProgress.Meter meter) throws IOException;

    /**
     * Starts reading.
     *
     * @param skip number of records to pass over
     */
    Records open(long skip, String featureSpec) throws IOException;

    /**
     * What a first pass found.
     *
     * @param records number of records
     * @param maxIdx largest idx; −1 without any
     * @param disorder number of the first record whose idx is not larger than all before it; −1 when all ascend
     * @param textBytes bytes of all records as text, unpacked; 0 where they are none
     * @param sha256 of the file
     */
    record Scan(long records, long maxIdx, long disorder, long textBytes, String sha256) {
        boolean ascending() {
            return disorder < 0;
        }
    }

    /** Finds out whether numbers ascend. */
    final class Order {
        private long records;
        private long maxIdx = -1;
        private long disorder = -1;
        private long textBytes;

        /** @param idx of the next record; negative when it has none */
        void add(long idx) {
            if (idx >= 0) {
                if (idx <= maxIdx && disorder < 0) {
                    disorder = records;
                }
                maxIdx = Math.max(maxIdx, idx);
            }
            records++;
        }

        void addText(long bytes) {
            textBytes += bytes;
        }

        long records() {
            return records;
        }

        Scan scan(String sha256) {
            return new Scan(records, maxIdx, disorder, textBytes, sha256);
        }
    }

    /** Records of a file, some at a time. */
    interface Records extends Closeable {
        /** The next ones; null at the end. */
        @Nullable
        Chunk next() throws IOException;
    }

    /** Records that are not yet read. Immutable. */
    interface Chunk {
        /** Number of records. */
        int size();

        /** Reads them in order: each is refused, or offered and, if it is wanted, given. */
        void read(Sink sink);
    }

    /** Takes what is in a chunk. */
    interface Sink {
        /** Whether to read further. */
        boolean wants(long record, long idx);

        /**
         * A molecule.
         *
         * @param gap in eV; NaN when missing
         * @param further other targets; NaN when missing
         */
        void molecule(
                long record, long idx, @Nullable String smiles, Graph graph, int edges, double gap, float[] further);

        void reject(PcqmReject reject);
    }
}
