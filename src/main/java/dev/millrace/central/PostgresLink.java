package dev.millrace.central;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.ServiceLoader;

/**
 * A connection to PostgreSQL, with explicit transactions: the only place that knows its driver. One thread at a time, but
 * {@link #abort} may come from another; who opens it closes it.
 */
final class PostgresLink implements AutoCloseable {
    private static final String DRIVER = "org.postgresql.Driver";

    private final Connection connection;
    private final String place;

    private PostgresLink(Connection connection, String place) {
        this.connection = connection;
        this.place = place;
    }

    /** Work in a transaction. */
    interface Work<R> {
        R in(Connection connection) throws SQLException;
    }

    /**
     * Connects and makes sure that the tables are there.
     *
     * @throws CentralException if that cannot be
     */
    static PostgresLink open(CentralSettings settings) {
        Properties options = new Properties();
        // What the URL says wins over these.
        options.setProperty("ApplicationName", "millrace");
        options.setProperty("connectTimeout", "10");
        options.setProperty("loginTimeout", "15");
        options.setProperty("socketTimeout", "60");
        options.setProperty("tcpKeepAlive", "true");
        if (settings.user() != null) {
            options.setProperty("user", settings.user());
        }
        if (settings.password() != null) {
            options.setProperty("password", settings.password());
        }
        PostgresLink link = new PostgresLink(connect(settings, options), settings.place());
        try {
            link.transaction("Cannot prepare the tables", CentralSchema::ensure);
            return link;
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private static Connection connect(CentralSettings settings, Properties options) {
        try {
            Connection opened = driver(settings).connect(settings.url(), options);
            if (opened == null) {
                throw new CentralException(
                        "Cannot connect: expected a URL jdbc:postgresql://HOST/DATABASE, found one that the driver does not know.",
                        null);
            }
            return opened;
        } catch (SQLException e) {
            throw CentralException.of("Cannot connect", settings.place(), e);
        }
    }

    /** By name only: who collects nothing centrally needs no driver, not even to compile. */
    private static Driver driver(CentralSettings settings) {
        return ServiceLoader.load(Driver.class, PostgresLink.class.getClassLoader()).stream()
                .filter(found -> found.type().getName().equals(DRIVER))
                .findFirst()
                .orElseThrow(() -> new CentralException(
                        "Cannot connect to " + settings.place()
                                + ": expected the PostgreSQL driver on the class path, found none."
                                + " Add org.postgresql:postgresql, an optional dependency.",
                        null))
                .get();
    }

    /** Runs work in one transaction: all of it is kept, or nothing and the error is thrown. */
    <R> R transaction(String action, Work<R> work) {
        try {
            run("BEGIN");
            R result;
            try {
                result = work.in(connection);
            } catch (SQLException | RuntimeException | Error e) {
                undo(e);
                throw e;
            }
            run("COMMIT");
            return result;
        } catch (SQLException e) {
            throw CentralException.of(action, place, e);
        }
    }

    private void undo(Throwable reason) {
        try {
            run("ROLLBACK");
        } catch (SQLException lost) {
            // The server undoes what a lost connection began.
            reason.addSuppressed(lost);
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Ends whatever goes on in another thread, without waiting for the server. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException ignored) {
            // It is given up in any case.
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException ignored) {
            // Every transaction has ended; the server notices the rest.
        }
    }
}
