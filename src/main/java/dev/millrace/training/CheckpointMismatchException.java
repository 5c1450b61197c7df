package dev.millrace.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The checkpoint is sound, but belongs to another model, other data or other settings. The message names both sides. */
public final class CheckpointMismatchException extends CheckpointException {
    CheckpointMismatchException(String message, Path path, @Nullable Throwable cause) {
        super(message, path, cause);
    }
}
