package dev.millrace.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A checkpoint could not be written or read. */
public class CheckpointException extends RuntimeException {
    private final transient Path path;

    CheckpointException(String message, Path path, @Nullable Throwable cause) {
        super(message, cause);
        this.path = path;
    }

    /** The folder or file concerned. */
    public Path path() {
        return path;
    }
}
