package dev.millrace.spectra;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A record that was not used, and why. Immutable.
 *
 * @param file name of the file, without folders
 * @param line line of the fault, from 1; 0 when the fault is not in one line
 * @param sourceId text of the {@code ID:} field, if it was read before the fault
 * @param reason the kind of fault
 * @param detail what was expected and what was found
 */
public record MspReject(String file, long line, @Nullable String sourceId, Reason reason, String detail)
        implements MspEntry {
    /** Kinds of fault; the name in lower case stands in the reject file. */
    public enum Reason {
        /** A header line that is no {@code key: value}. */
        MALFORMED_LINE,
        /** A name, but no line that announces peaks. */
        NO_PEAK_COUNT,
        /** The number of peaks is no number, or another one than was announced. */
        PEAK_COUNT,
        /** A peak line with something else than pairs of numbers and quoted annotations. */
        MALFORMED_PEAK,
        /** A negative or infinite m/z or intensity. */
        PEAK_VALUE,
        /** No peak of positive intensity, so there is no base peak. */
        NO_PEAKS,
        /** A line or a record beyond all measure. */
        TOO_LONG,
        /** A NUL character: not text. */
        NUL_CHARACTER,
        /** The same {@code ID:} as an earlier record. */
        DUPLICATE_ID,
        /** No peak within the range that the spectrum options keep. */
        OUT_OF_RANGE,
        /** The record's MOL file or SMILES cannot be used; its spectrum is kept, without a graph. */
        BAD_STRUCTURE,
        /** Neither a MOL file nor a SMILES; the spectrum is kept, without a graph. */
        NO_STRUCTURE;

        /** As it stands in the reject file. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
