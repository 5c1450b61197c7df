package dev.millrace.batch;

import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ReadOnlyQuery;
import dev.millrace.sqlite.ReadPool;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A person's query about the samples of a dataset: their ids, or their ids and a number each. One SELECT, on a connection that
 * cannot write. Immutable.
 *
 * @param word what it is for, as errors call it
 */
record SampleQuery(String word, String sql) {
    /*
     * Codes by which SQLite, or its driver, says that the query is wrong: its text (ERROR), what it wants to do (READONLY, AUTH),
     * a value in it (TOOBIG, MISMATCH, RANGE), or that it yields nothing (0, −1). Any other is about the file or the machine.
     */
    private static final Set<Integer> FAULTS_OF_THE_QUERY = Set.of(0, 1, 8, 18, 20, 23, 25, 0xFF);

    /** Takes the rows of the answer. */
    interface Rows {
        /** One of them; {@code number} is 0 in a query of ids only. */
        void take(long id, double number);
    }

    /**
     * Runs the query.
     *
     * @param numbered whether it has a second column, of numbers
     * @throws SampleQueryException if it may not run, does not, or yields something else
     * @throws DatabaseException if the file cannot be read
     */
    void forEach(RowSource<?> source, boolean numbered, Rows rows) {
        SampleTables tables = source.tables();
        if (tables == null) {
            throw fault("expected samples of a database to ask by SQL, found others. Give a function of the id.", null);
        }
        try {
            ReadOnlyQuery.requireOneSelect(sql);
        } catch (ReadOnlyQuery.RefusedException e) {
            throw fault(String.valueOf(e.getMessage()), e);
        }
        String text = tables.definitions().isEmpty() ? sql : CommonTables.before(tables.definitions(), sql);
        try (ReadPool.Lease lease = tables.connections().get()) {
            Path file = lease.database().file();
            try (PreparedStatement select = lease.database().connection().prepareStatement(text)) {
                run(select, file, numbered, rows);
            } catch (SQLException e) {
                if (FAULTS_OF_THE_QUERY.contains(e.getErrorCode() & 0xFF)) {
                    throw fault(e.getMessage() + " (" + file + ").", e);
                }
                throw DatabaseException.of("Cannot read the " + word, file, e);
            }
        }
    }

    private void run(PreparedStatement select, Path file, boolean numbered, Rows rows) throws SQLException {
        if (select.getParameterMetaData().getParameterCount() > 0) {
            throw fault("expected values, found parameters (?).", null);
        }
        try (ResultSet row = select.executeQuery()) {
            int columns = row.getMetaData().getColumnCount();
            if (columns != (numbered ? 2 : 1)) {
                throw fault(
                        "expected a query of " + (numbered ? "two columns, id and weight" : "one column, the id")
                                + ", found " + columns + " columns (" + file + ").",
                        null);
            }
            while (row.next()) {
                Object id = row.getObject(1);
                if (!(id instanceof Long || id instanceof Integer)) {
                    throw fault("expected ids, integers, found " + kind(id) + " (" + file + ").", null);
                }
                rows.take(((Number) id).longValue(), numbered ? number(row.getObject(2), id, file) : 0);
            }
        }
    }

    private double number(@Nullable Object value, Object id, Path file) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw fault("expected numbers ≥ 0, found " + kind(value) + " for id " + id + " (" + file + ").", null);
    }

    private static String kind(@Nullable Object value) {
        return value == null
                ? "NULL"
                : value instanceof Number ? value.toString() : value instanceof String ? "a text" : "a BLOB";
    }

    SampleQueryException fault(String reason, @Nullable Throwable cause) {
        return new SampleQueryException(word, reason, cause);
    }
}
