package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Path;

/** A file of numbers, or FEFF's input, that cannot be used. The message names file, line and what was expected there. */
public final class MalformedTableException extends IOException {
    /**
     * @param what kind of file, for the message
     * @param line from 1; 0 where no line is at fault
     */
    MalformedTableException(String what, Path file, int line, String detail) {
        super("Cannot read " + what + ": " + detail + " (" + file + (line > 0 ? ", line " + line : "") + ").");
    }
}
