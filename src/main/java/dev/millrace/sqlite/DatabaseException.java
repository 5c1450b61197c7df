package dev.millrace.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** SQLite refused or failed. Subclasses exist where the person at the keyboard has something different to do. */
public sealed class DatabaseException extends RuntimeException
        permits CorruptDatabaseException, SchemaMismatchException, StorageFullException {
    private static final int SQLITE_BUSY = 5;
    private static final int SQLITE_CORRUPT = 11;
    private static final int SQLITE_FULL = 13;
    private static final int SQLITE_CANTOPEN = 14;
    private static final int SQLITE_NOTADB = 26;

    private final Path file;

    DatabaseException(String message, Path file, @Nullable Throwable cause) {
        super(message, cause);
        this.file = file;
    }

    /** The database file concerned. */
    public Path file() {
        return file;
    }

    /** Wraps what the driver threw, as the subclass that tells what to do. */
    public static DatabaseException of(String action, Path file, SQLException cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return switch (cause.getErrorCode() & 0xFF) {
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                new CorruptDatabaseException(
                        action + ": the file is damaged or no SQLite database (" + file + "): " + reason
                                + ". Restore it or build it again.",
                        file,
                        cause);
            case SQLITE_FULL -> new StorageFullException(action, file, cause);
            case SQLITE_CANTOPEN ->
                new DatabaseException(
                        action + ": cannot open " + file + ": " + reason + ". Check that it exists and may be read.",
                        file,
                        cause);
            case SQLITE_BUSY ->
                new DatabaseException(
                        action + ": others are using the file (" + file + "): " + reason
                                + ". Wait until what reads or writes it ends, a training for example, and try again.",
                        file,
                        cause);
            default -> new DatabaseException(action + ": " + reason + " (" + file + ")", file, cause);
        };
    }
}
