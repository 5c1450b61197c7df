package dev.millrace.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** The SQLite inside the driver. */
public final class SqliteLibrary {
    private SqliteLibrary() {}

    /**
     * Its version, such as 3.54.1. Loads the library; opens no file. Thread-safe.
     *
     * @throws IllegalStateException if it cannot be loaded
     */
    public static String version() {
        try (Connection memory = org.sqlite.JDBC.createConnection("jdbc:sqlite::memory:", new Properties());
                Statement statement = memory.createStatement();
                ResultSet row = statement.executeQuery("SELECT sqlite_version()")) {
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot load SQLite: " + e.getMessage(), e);
        }
    }
}
