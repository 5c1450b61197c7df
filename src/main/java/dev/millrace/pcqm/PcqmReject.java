package dev.millrace.pcqm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A record that was not used, and why. Immutable.
 *
 * @param record its number in the input, from 0
 * @param idx as far as it could be read
 * @param detail what was expected and what was found
 */
record PcqmReject(long record, @Nullable Long idx, Reason reason, String detail) implements PcqmEntry {
    private static final int LONGEST_DETAIL = 300;

    /** Kinds of fault; the name in lower case stands in the database and in the reject file. */
    enum Reason {
        /** Not as many fields as the header has, or a quote out of place. */
        MALFORMED_RECORD,
        /** A record beyond all measure. */
        TOO_LONG,
        /** No whole number from 0. */
        BAD_IDX,
        /** The same idx as an earlier molecule. */
        DUPLICATE_IDX,
        /** No SMILES, or no molecule that may exist. */
        BAD_SMILES,
        /** No MOL block, or no molecule that may exist. */
        BAD_STRUCTURE,
        /** A target that is neither a number nor missing. */
        BAD_TARGET,
        /** BLOBs of sizes that do not fit each other. */
        BAD_BLOB,
        /** A feature code that its list does not have. */
        BAD_CODE,
        /** A bond to an atom that is not there. */
        BAD_EDGE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    PcqmReject {
        StringBuilder clean = new StringBuilder();
        detail.codePoints()
                .limit(LONGEST_DETAIL)
                .forEach(point -> clean.appendCodePoint(
                        Character.isISOControl(point) || (point >= 0xD800 && point <= 0xDFFF) ? '?' : point));
        detail = clean.toString();
    }
}
