package dev.millrace.build;

import java.nio.file.Path;

/** The database exists, but was built from other inputs or with other settings. Ask for a rebuild, or choose another name. */
public final class OutdatedDatabaseException extends RuntimeException {
    private final Path database;

    /**
     * @param message what differs and what to do
     * @param database the file that was left as it is
     */
    public OutdatedDatabaseException(String message, Path database) {
        super(message);
        this.database = database;
    }

    /** The file that was left as it is. */
    public Path database() {
        return database;
    }
}
