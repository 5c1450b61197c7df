package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;

/**
 * One connection to one SQLite file, configured for its {@link Access}.
 *
 * <p>Who opens it closes it. One thread at a time. While a {@link #write} transaction fails, its work is undone and the
 * connection replaced, because the driver's own state is not reliable after that; statements prepared on it are void. A
 * file opened to be built is closed for good instead: the build starts anew, or goes on from its last commit.
 *
 * <p>The file must not be read by other means (copy, checksum) in this JVM while it is open for writing: on POSIX systems
 * that would drop SQLite's locks.
 */
@Internal
public final class Database implements AutoCloseable {
    /** No row of ours comes near this; a forged length is refused by SQLite before it is allocated. */
    private static final int LARGEST_VALUE_BYTES = 1 << 28;

    private final Path file;
    private final Access access;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final Map<String, Path> attached = new LinkedHashMap<>();
    private @Nullable Connection connection;
    private @Nullable TimeLimit timeLimit;
    private boolean closed;

    private Database(Path file, Access access) {
        this.file = file;
        this.access = access;
    }

    /**
     * Opens a file. {@link Access#BUILD} and {@link Access#LIVE} create it when absent, readable by its owner only.
     *
     * @throws DatabaseException if it cannot be opened or is no database
     */
    public static Database open(Path file, Access access) {
        Database database = new Database(file.toAbsolutePath().normalize(), access);
        database.connection = database.connect();
        return database;
    }

    /** Absolute path of the file. */
    public Path file() {
        return file;
    }

    /** The connection, for statements that its caller keeps. */
    public Connection connection() {
        if (closed) {
            throw new IllegalStateException("Database is closed: " + file
                    + (access.builds() ? ". After a failed write a build opens the file anew." : ""));
        }
        if (connection == null) {
            connection = connect();
        }
        return connection;
    }

    /**
     * Makes the tables of another file readable as {@code name.table}, as long as this database is open. The same again does
     * nothing.
     *
     * @param name a plain SQL identifier
     * @throws IllegalStateException if this is open for writing, or another file has the name
     * @throws DatabaseException if the other file cannot be opened or is no database
     */
    public void attach(Path other, String name) {
        Path absolute = other.toAbsolutePath().normalize();
        Path before = attached.get(name);
        if (absolute.equals(before)) {
            return;
        }
        if (!access.reads() || before != null) {
            throw new IllegalStateException("Cannot attach " + absolute + " as " + name + " to " + file + ": expected "
                    + (before == null ? "a file open for reading." : "the name to be free, found " + before + "."));
        }
        if (!Files.isRegularFile(absolute)) {
            throw new DatabaseException(
                    "Cannot attach " + absolute + ": expected a database file, found "
                            + (Files.exists(absolute) ? "something else" : "none") + ". Check the path.",
                    absolute,
                    null);
        }
        Connection open = connection();
        try {
            attach(open, absolute, name);
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot attach the database", absolute, e);
        }
        attached.put(name, absolute);
    }

    private static void attach(Connection open, Path other, String name) throws SQLException {
        CheckedTable.requireIdentifier(name);
        try (PreparedStatement attach = open.prepareStatement("ATTACH DATABASE ? AS " + name)) {
            attach.setString(1, DbUri.file(other, "ro"));
            attach.execute();
        }
        run(open, "SELECT count(*) FROM " + name + ".sqlite_schema");
    }

    /**
     * A statement that stays prepared as long as the connection, for queries that come again and again. Not to be closed by
     * its user, and used for one result at a time.
     */
    public PreparedStatement prepared(String sql) {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = read("Cannot prepare a query", open -> open.prepareStatement(sql));
            prepared.put(sql, statement);
        }
        return statement;
    }

    /** Runs something that reads, naming {@code action} in the error if it fails. */
    public <T> T read(String action, SqlWork<T> work) {
        try {
            return work.run(connection());
        } catch (SQLException e) {
            throw DatabaseException.of(action, file, e);
        }
    }

    /** As {@link #read}, in one read transaction: all that it reads is of one moment. */
    public <T> T readTogether(String action, SqlWork<T> work) {
        return read(action, open -> {
            run(open, "BEGIN");
            try {
                T result = work.run(open);
                run(open, "COMMIT");
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                // Gives up the transaction whatever state it is in.
                abandon();
                throw e;
            }
        });
    }

    /**
     * Bounds what is read from now on: a statement still running after {@code limit} fails with an error that says it was
     * interrupted. Counts from this call, not from each statement; call it again for new time.
     */
    public void limitTime(Duration limit) {
        if (timeLimit == null) {
            TimeLimit set = new TimeLimit(limit);
            read("Cannot limit the time of queries", open -> {
                set.watch(open);
                return set;
            });
            timeLimit = set;
        } else {
            timeLimit.set(limit);
        }
    }

    /** Runs {@code task} in one write transaction: all of it is kept, or nothing and the error is thrown. */
    public void write(String action, SqlTask task) {
        begin(action);
        try {
            task.run(connection());
        } catch (SQLException e) {
            abandon();
            throw DatabaseException.of(action, file, e);
        } catch (RuntimeException | Error e) {
            abandon();
            throw e;
        }
        commit(action);
    }

    /** Runs statements outside any explicit transaction. */
    public void execute(String... statements) {
        for (String sql : statements) {
            try {
                run(connection(), sql);
            } catch (SQLException e) {
                throw DatabaseException.of(
                        "Cannot run '" + sql.lines().findFirst().orElse(sql) + "'", file, e);
            }
        }
    }

    /** The single integer that a query yields; 0 when it yields none. */
    public long queryLong(String sql, Object... arguments) {
        return read(sql, open -> {
            try (PreparedStatement statement = bound(open, sql, arguments);
                    ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        });
    }

    /** The first column of the first row as text; null when there is none. */
    public @Nullable String queryText(String sql, Object... arguments) {
        return this.<Optional<String>>read(sql, open -> {
                    try (PreparedStatement statement = bound(open, sql, arguments);
                            ResultSet row = statement.executeQuery()) {
                        return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
                    }
                })
                .orElse(null);
    }

    /** Begins a write transaction; {@link #commit} or {@link #abandon} ends it. Prefer {@link #write}. */
    void begin(String action) {
        try {
            run(connection(), "BEGIN IMMEDIATE");
        } catch (SQLException e) {
            throw DatabaseException.of(action, file, e);
        }
    }

    void commit(String action) {
        try {
            run(connection(), "COMMIT");
        } catch (SQLException e) {
            abandon();
            throw DatabaseException.of(action, file, e);
        }
    }

    /** Drops the connection, and with it whatever was not committed. The next use opens a new one, except in a build. */
    void abandon() {
        closed = access.builds();
        Connection broken = connection;
        connection = null;
        prepared.clear();
        if (broken != null) {
            try {
                broken.close();
            } catch (SQLException ignored) {
                // Its work is given up anyway; the error that led here is the one to report.
            }
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        prepared.clear();
        closed = true;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                throw DatabaseException.of("Cannot close the database", file, e);
            }
        }
    }

    private Connection connect() {
        if (access.needsFile() && !Files.isRegularFile(file)) {
            throw new DatabaseException(
                    "Cannot open " + file + ": expected a database file, found "
                            + (Files.exists(file) ? "something else" : "none") + ". Check the path.",
                    file,
                    null);
        }
        if (!access.needsFile() && !Files.exists(file)) {
            PrivateFile.create(file);
        }
        try {
            return configured(access.reads() ? "ro" : access.needsFile() ? "rw" : "rwc");
        } catch (SQLException e) {
            if (!isLeftInTheMiddle(e)) {
                throw DatabaseException.of("Cannot open the database", file, e);
            }
        }
        try {
            // SQLite undoes the half of a dead writer when it reads, but a reader that may not write cannot.
            configured("rw").close();
            return configured("ro");
        } catch (SQLException e) {
            throw DatabaseException.of(
                    "Cannot undo what a process that died left half done, which needs permission to write", file, e);
        }
    }

    private Connection configured(String mode) throws SQLException {
        java.util.Properties settings = new java.util.Properties();
        // Else the driver asks for the last row id after every insert, which takes as long as the insert.
        settings.setProperty("jdbc.get_generated_keys", "false");
        Connection opened = org.sqlite.JDBC.createConnection(DbUri.of(file, mode), settings);
        try {
            ((SQLiteConnection) opened).setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, LARGEST_VALUE_BYTES);
            for (String pragma : Pragmas.of(access)) {
                run(opened, pragma);
            }
            if (timeLimit != null) {
                timeLimit.watch(opened);
            }
            // A file that is no database is noticed at the first page read, which is here.
            run(opened, "SELECT count(*) FROM sqlite_schema");
            for (Map.Entry<String, Path> other : attached.entrySet()) {
                attach(opened, other.getValue(), other.getKey());
            }
            if (timeLimit != null) {
                timeLimit.watch(opened);
            }
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private boolean isLeftInTheMiddle(SQLException e) {
        return access.reads()
                && e instanceof SQLiteException failed
                && failed.getResultCode() == SQLiteErrorCode.SQLITE_READONLY_ROLLBACK;
    }

    private static void run(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute(sql);
        }
    }

    private static PreparedStatement bound(Connection open, String sql, Object... arguments) throws SQLException {
        PreparedStatement statement = open.prepareStatement(sql);
        int place = 1;
        for (Object argument : List.of(arguments)) {
            statement.setObject(place++, argument);
        }
        return statement;
    }
}
