package dev.millrace.spectra;

import dev.millrace.graph.Graph;
import org.jspecify.annotations.Nullable;

/** Turns the text of a structure into what is stored of it, by one feature specification. Thread-safe. */
interface StructureReader {
    /** Name of the feature specification. */
    String featureSpec();

    /** Reads a MOL block; the text is kept in the result. */
    Structure ofMolBlock(String molBlock) throws UnusableException;

    /** Reads a SMILES. */
    Structure ofSmiles(String smiles) throws UnusableException;

    /**
     * A structure as it is stored.
     *
     * @param molBlock the text it was read from; null when that was a SMILES
     * @param canonicalSmiles without stereo
     */
    record Structure(
            @Nullable String molBlock,
            Graph graph,
            int atomCount,
            int bondCount,
            boolean threeDimensional,
            String canonicalSmiles) {}

    /** The text is no molecule that the specification can describe. */
    final class UnusableException extends Exception {
        private final long line;

        UnusableException(String reason, long line, @Nullable Throwable cause) {
            super(reason, cause);
            this.line = line;
        }

        /** Line of the text, from 1; 0 when it is not known. */
        long line() {
            return line;
        }
    }
}
