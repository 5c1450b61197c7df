package dev.millrace.spool;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Path;

/** There is no room for frames: the disk is full, or nobody takes over what is there. Frames before them are kept. */
@Internal
public final class SpoolFullException extends IOException {
    private final int kept;

    SpoolFullException(Path file, int kept, String reason, @org.jspecify.annotations.Nullable IOException cause) {
        super(
                "Cannot append to " + file + ": " + reason + ". Free some space, or start the process that imports it.",
                cause);
        this.kept = kept;
    }

    /** How many of the frames were appended all the same, from the first on. */
    public int kept() {
        return kept;
    }
}
