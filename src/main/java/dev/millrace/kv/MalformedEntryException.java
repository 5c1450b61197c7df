package dev.millrace.kv;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A line of an import is not an entry. The message names the input, the line and what was stored before it. */
public final class MalformedEntryException extends IOException {
    private static final long serialVersionUID = 1;

    private final long line;
    private final long stored;

    MalformedEntryException(String input, long line, long stored, String detail, @Nullable Throwable cause) {
        super(
                "Cannot import " + input + ", line " + line + ": " + detail + (detail.endsWith(".") ? "" : ".") + " "
                        + (stored == 0 ? "Nothing was stored" : stored + " entries before it were stored")
                        + ". Correct the line and import again: entries that are there already stay as they are.",
                cause);
        this.line = line;
        this.stored = stored;
    }

    /** From 1. */
    public long line() {
        return line;
    }

    /** Entries of this input that were stored before the line was met. */
    public long stored() {
        return stored;
    }
}
