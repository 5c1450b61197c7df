package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Path;

/** A feffNNNN.dat file that cannot be used. The message names file, line and what was expected there. */
public final class FeffFileException extends IOException {
    /** Why, in a few words that a count can go by. */
    public enum Reason {
        /** Nothing in it, or blanks only. */
        EMPTY,
        /** It ends before its arrays do, or has fewer than four rows of them. */
        TRUNCATED,
        /** A header line is missing or reads otherwise. */
        MALFORMED_HEADER,
        /** The path line promises another number of legs than atoms follow. */
        WRONG_ATOM_COUNT,
        /** A row of the arrays that is no seven numbers. */
        MALFORMED_ROW,
        /** NaN, an infinity, or the asterisks that Fortran prints for a number too wide. */
        NOT_A_NUMBER,
        /** k does not increase from row to row. */
        UNORDERED_K,
        /** The file cannot be read. */
        UNREADABLE
    }

    private final Path file;
    private final int line;
    private final Reason reason;

    /** @param line from 1; 0 where no line is at fault */
    FeffFileException(Path file, int line, Reason reason, String detail) {
        super("Cannot use a FEFF path file: " + detail + " (" + file + (line > 0 ? ", line " + line : "") + ").");
        this.file = file;
        this.line = line;
        this.reason = reason;
    }

    public Path file() {
        return file;
    }

    /** The line at fault, from 1; 0 where none is. */
    public int line() {
        return line;
    }

    public Reason reason() {
        return reason;
    }
}
