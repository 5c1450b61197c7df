package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Path;

/** A file of numbers, or of FEFF's input, that cannot be used. The message names file, line and what was expected there. */
public final class MalformedTableException extends IOException {
    /** @param line from 1; 0 where no line is at fault */
    MalformedTableException(Path file, int line, String detail) {
        super("Cannot read a file of numbers: " + detail + " (" + file + (line > 0 ? ", line " + line : "") + ").");
    }
}
