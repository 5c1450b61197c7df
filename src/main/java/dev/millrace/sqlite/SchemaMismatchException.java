package dev.millrace.sqlite;

import java.nio.file.Path;

/** The file is sound, but not what was asked for: another program's, another kind, too old, too new, or other settings. */
public final class SchemaMismatchException extends DatabaseException {
    /** How the file differs. */
    public enum Kind {
        FOREIGN,
        OTHER_KIND,
        TOO_OLD,
        TOO_NEW,
        OTHER_TABLES,
        OTHER_SETTINGS
    }

    private final Kind kind;

    public SchemaMismatchException(Kind kind, String message, Path file) {
        super(message, file, null);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
