package dev.millrace.central;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL server, started once for all tests of this JVM; its own hook stops it. */
final class Postgres {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;
    private static @Nullable String reason;

    private Postgres() {}

    /** The server; skips the test, saying why, where it cannot be started. */
    static synchronized EmbeddedPostgres server() {
        if (server == null && reason == null) {
            try {
                server = EmbeddedPostgres.start();
            } catch (IOException | RuntimeException e) {
                reason = "PostgreSQL cannot be started here: " + e;
            }
        }
        assumeTrue(server != null, reason);
        return java.util.Objects.requireNonNull(server);
    }

    /** A place of its own for one test, so that it sees only what it put there. */
    static CentralSettings freshSchema() throws SQLException {
        String schema = "test" + SCHEMAS.incrementAndGet();
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
        }
        return settings(server().getPort(), schema);
    }

    static CentralSettings settings(int port, String schema) {
        return CentralSettings.of("jdbc:postgresql://127.0.0.1:" + port + "/postgres?currentSchema=" + schema)
                .withUser("postgres");
    }

    /** The only value of a query, as text. */
    static String query(CentralSettings settings, String sql) throws SQLException {
        try (Connection connection = java.sql.DriverManager.getConnection(settings.url(), "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getObject(1)) : "nothing";
        }
    }
}
