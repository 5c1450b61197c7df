package dev.millrace.spectra;

import org.jspecify.annotations.Nullable;

/**
 * One spectrum of an MSP file with what the file says about its compound. A field that is missing, blank or {@code NA} is
 * null. Immutable.
 *
 * @param line line where the record starts, from 1
 * @param sourceId text of {@code ID:}
 * @param name compound name; empty when the file gives none
 * @param inchiKey as in the file
 * @param inchi as in the file
 * @param smiles of a field, else of the comment
 * @param formula molecular formula as in the file
 * @param molWeight {@code MW}, in u
 * @param exactMass monoisotopic mass in u
 * @param casNo CAS number; in the form 7732-18-5 when its check digit is right
 * @param retentionIndex of a field, else of the comment
 * @param peaks at least one of them with a positive intensity
 */
public record MspRecord(
        long line,
        @Nullable String sourceId,
        String name,
        @Nullable String inchiKey,
        @Nullable String inchi,
        @Nullable String smiles,
        @Nullable String formula,
        @Nullable Double molWeight,
        @Nullable Double exactMass,
        @Nullable String casNo,
        @Nullable Double retentionIndex,
        Peaks peaks)
        implements MspEntry {}
