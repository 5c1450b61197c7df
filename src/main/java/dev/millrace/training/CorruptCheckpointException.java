package dev.millrace.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The checkpoint is damaged: a file is missing or does not have the bytes that were written. */
public final class CorruptCheckpointException extends CheckpointException {
    CorruptCheckpointException(String message, Path path, @Nullable Throwable cause) {
        super(message, path, cause);
    }
}
