package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/**
 * One SELECT that a person typed, run such that it can neither change anything nor take the machine: a connection that
 * cannot write, one statement, a bound on rows, on bytes and on time.
 */
public final class ReadOnlyQuery {
    private static final int LARGEST_VALUE_BYTES = 16 << 20;
    private static final long LARGEST_RESULT_BYTES = 256L << 20;
    private static final int SQLITE_INTERRUPT = 9;
    private static final List<String> FIRST_WORDS = List.of("SELECT", "WITH", "VALUES");

    private ReadOnlyQuery() {}

    /**
     * What a query found. Values are Long, Double, String, byte[] or null. Immutable, but for the bytes.
     *
     * @param columns names, as the query calls them
     * @param rows at most as many as asked for
     * @param isCut whether there were more
     */
    public record Result(List<String> columns, List<List<@Nullable Object>> rows, boolean isCut) {}

    /** The query is not one that may run here, or SQLite does not understand it, or it took too long. */
    public static final class RefusedException extends RuntimeException {
        RefusedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        /** The message as part of a longer one: without its full stop. */
        public String clause() {
            return String.valueOf(getMessage()).replaceFirst("\\.$", "");
        }
    }

    /**
     * Runs a query on a file of a kind.
     *
     * @param schema what the file must consist of, its views included: a hostile one could make any query endless
     * @param mostRows most rows to return
     * @param limit longest time
     * @throws RefusedException if it is no single SELECT, is wrong, or takes longer
     * @throws SchemaMismatchException if the file is another
     */
    @Internal
    public static Result run(Path file, Schema schema, String sql, int mostRows, Duration limit) {
        requireOneSelect(sql);
        try (Database database = Database.open(file, Access.READ)) {
            schema.check(database);
            schema.checkAfterwards(database);
            // Else a large sort would be held in memory.
            database.execute("PRAGMA temp_store=FILE");
            database.limitTime(limit);
            Connection connection = database.connection();
            ((SQLiteConnection) connection).setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, LARGEST_VALUE_BYTES);
            return read(connection, sql, mostRows);
        } catch (SQLException e) {
            throw refused(e, limit);
        }
    }

    private static RefusedException refused(SQLException e, Duration limit) {
        if ((e.getErrorCode() & 0xFF) == SQLITE_INTERRUPT) {
            return new RefusedException(
                    "The query was stopped: expected an answer within " + limit.toMillis() / 1000.0
                            + " s, found none. Narrow it down by WHERE, or allow it more time.",
                    e);
        }
        return new RefusedException("Cannot run the query: " + e.getMessage(), e);
    }

    private static Result read(Connection connection, String sql, int mostRows) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            if (select.getParameterMetaData().getParameterCount() > 0) {
                throw new RefusedException("Cannot run the query: expected values, found parameters (?).", null);
            }
            try (ResultSet row = select.executeQuery()) {
                int width = row.getMetaData().getColumnCount();
                List<String> columns = new ArrayList<>();
                for (int column = 1; column <= width; column++) {
                    columns.add(row.getMetaData().getColumnLabel(column));
                }
                List<List<@Nullable Object>> rows = new ArrayList<>();
                long bytes = 0;
                while (row.next()) {
                    if (rows.size() == mostRows || bytes > LARGEST_RESULT_BYTES) {
                        return new Result(columns, rows, true);
                    }
                    List<@Nullable Object> values = new ArrayList<>(width);
                    for (int column = 1; column <= width; column++) {
                        Object value = wide(row.getObject(column));
                        bytes += 16 + size(value);
                        values.add(value);
                    }
                    rows.add(values);
                }
                return new Result(columns, rows, false);
            }
        }
    }

    private static @Nullable Object wide(@Nullable Object value) {
        return value instanceof Integer small ? Long.valueOf(small) : value;
    }

    private static long size(@Nullable Object value) {
        return value instanceof String text ? text.length() : value instanceof byte[] blob ? blob.length : 0;
    }

    /**
     * Refuses what is no single SELECT. The driver runs the first statement of a text and forgets the rest without a word.
     *
     * @throws RefusedException saying what was found
     */
    @Internal
    public static void requireOneSelect(String sql) {
        int start = skipBlank(sql, 0);
        int end = start;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        String word = sql.substring(start, end).toUpperCase(Locale.ROOT);
        if (!FIRST_WORDS.contains(word)) {
            throw new RefusedException(
                    "Cannot run the query: expected SELECT or WITH, found '"
                            + (word.isEmpty() ? sql.strip().lines().findFirst().orElse("") : word)
                            + "'. Nothing can be changed here.",
                    null);
        }
        int at = end;
        while (at < sql.length() && sql.charAt(at) != ';') {
            int next = skipQuoted(sql, at);
            next = next == at ? skipBlank(sql, at) : next;
            at = next == at ? at + 1 : next;
        }
        int rest = at < sql.length() ? skipBlank(sql, at + 1) : sql.length();
        while (rest < sql.length() && sql.charAt(rest) == ';') {
            rest = skipBlank(sql, rest + 1);
        }
        if (rest < sql.length()) {
            throw new RefusedException(
                    "Cannot run the query: expected one statement, found more after ';'. Run them one by one.", null);
        }
    }

    /** Past spaces and comments. */
    private static int skipBlank(String sql, int from) {
        int at = from;
        while (at < sql.length()) {
            if (Character.isWhitespace(sql.charAt(at))) {
                at++;
            } else if (sql.startsWith("--", at)) {
                int line = sql.indexOf('\n', at);
                at = line < 0 ? sql.length() : line + 1;
            } else if (sql.startsWith("/*", at)) {
                int close = sql.indexOf("*/", at + 2);
                at = close < 0 ? sql.length() : close + 2;
            } else {
                break;
            }
        }
        return at;
    }

    /** Past a text or a quoted name, if one begins here; a doubled quote begins the next piece of it. */
    private static int skipQuoted(String sql, int at) {
        char open = sql.charAt(at);
        if ("'\"`[".indexOf(open) < 0) {
            return at;
        }
        int close = sql.indexOf(open == '[' ? ']' : open, at + 1);
        return close < 0 ? sql.length() : close + 1;
    }
}
