package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Inserts many rows with few transactions. One thread at a time; who opens it closes it. {@link #close()} keeps what is
 * pending; after an error the rows since the last commit are given up.
 */
@Internal
public final class BulkWriter implements AutoCloseable {
    /** Rows per transaction, as the source document asks. */
    public static final int DEFAULT_ROWS = 10_000;

    private final Database database;
    private final int rowsPerTransaction;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();
    private int pending;
    private boolean open;

    public BulkWriter(Database database, int rowsPerTransaction) {
        this.database = database;
        this.rowsPerTransaction = rowsPerTransaction;
    }

    /** Executes one insert with its values: {@code byte[]}, String, Integer, Long, Double or null. */
    public void insert(String sql, @org.jspecify.annotations.Nullable Object... values) {
        if (!open) {
            database.begin("Cannot write rows");
            open = true;
        }
        try {
            PreparedStatement statement = statements.get(sql);
            if (statement == null) {
                statement = database.connection().prepareStatement(sql);
                statements.put(sql, statement);
            }
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        } catch (SQLException e) {
            giveUp();
            throw DatabaseException.of("Cannot write a row", database.file(), e);
        }
        if (++pending >= rowsPerTransaction) {
            flush();
        }
    }

    /** Commits what is pending. */
    public void flush() {
        if (open) {
            open = false;
            pending = 0;
            database.commit("Cannot commit rows");
        }
    }

    @Override
    public void close() {
        try {
            flush();
        } finally {
            closeStatements();
        }
    }

    private void giveUp() {
        open = false;
        pending = 0;
        closeStatements();
        database.abandon();
    }

    private void closeStatements() {
        for (PreparedStatement statement : statements.values()) {
            try {
                statement.close();
            } catch (SQLException ignored) {
                // Void with its connection; nothing is lost by it.
            }
        }
        statements.clear();
    }
}
