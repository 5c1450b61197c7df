package dev.millrace.sqlite;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The file, or a row in it, is damaged: restore it or build it again. The message names file, table and key. */
public final class CorruptDatabaseException extends DatabaseException {
    public CorruptDatabaseException(String message, Path file, @Nullable Throwable cause) {
        super(message, file, cause);
    }
}
