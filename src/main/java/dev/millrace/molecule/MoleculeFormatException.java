package dev.millrace.molecule;

import org.jspecify.annotations.Nullable;

/**
 * An input that is not a molecule we accept: broken syntax, an impossible valence, an aromatic system without a Kekulé form,
 * or a size beyond the limits.
 *
 * <p>What to do: correct or leave out the record that {@link #source()} and {@link #line()} name.
 */
public final class MoleculeFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final @Nullable String source;
    private final long line;

    MoleculeFormatException(String reason) {
        this(reason, null, 0);
    }

    MoleculeFormatException(String reason, long line) {
        this(reason, null, line);
    }

    private MoleculeFormatException(String reason, @Nullable String source, long line) {
        super(message(reason, source, line));
        this.reason = reason;
        this.source = source;
        this.line = line;
    }

    /** The same fault, placed in a file: {@code firstLine} is the 1-based line where the record starts. */
    MoleculeFormatException in(String file, long firstLine) {
        long place = line > 0 ? firstLine + line - 1 : firstLine;
        MoleculeFormatException placed = new MoleculeFormatException(reason, file, place);
        placed.initCause(this);
        return placed;
    }

    private static String message(String reason, @Nullable String source, long line) {
        if (source == null) {
            return line > 0 ? reason + " (line " + line + ")" : reason;
        }
        return reason + " (" + source + (line > 0 ? ", line " + line : "") + ")";
    }

    /** What is wrong, without the place. */
    public String reason() {
        return reason;
    }

    /** File the record was read from, or null for text given directly. */
    public @Nullable String source() {
        return source;
    }

    /** 1-based line of the fault or of the record's start; 0 when unknown. */
    public long line() {
        return line;
    }
}
