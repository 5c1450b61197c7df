package dev.millrace.central;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables in PostgreSQL, in the first schema of the connection's search path: those of a metrics file, with keys that hold
 * across files, and its views under the same names with the same columns.
 *
 * <p>{@code producer} is the UUID of a series of a run, {@code seq} its number within: together they name a point wherever it
 * comes from. Values that are not finite are NULL with a {@code flag} as in the file: 1 NaN, 2 +∞, 3 −∞.
 */
final class CentralSchema {
    static final int VERSION = 1;
    /** Any number that nobody else takes: "Mill". */
    private static final long LOCK = 0x4D696C6CL;

    private static final List<String> TABLES = List.of("""
            CREATE TABLE metric_schema (version INTEGER NOT NULL)""", """
            CREATE TABLE metric_run (
              run_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              run_uuid UUID NOT NULL UNIQUE,
              name TEXT NOT NULL,
              status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted', 'crashed')),
              started_ms BIGINT NOT NULL,
              ended_ms BIGINT,
              heartbeat_ms BIGINT NOT NULL,
              host TEXT NOT NULL,
              process_id BIGINT NOT NULL
            )""", """
            CREATE TABLE metric_param (
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (run_id, name)
            )""", """
            CREATE TABLE metric_tag (
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              tag TEXT NOT NULL,
              PRIMARY KEY (run_id, tag)
            )""", """
            CREATE TABLE metric_series (
              series_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              producer UUID NOT NULL UNIQUE,
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              kind TEXT NOT NULL CHECK (kind IN ('step', 'epoch', 'resource', 'generation')),
              name TEXT NOT NULL,
              scope TEXT NOT NULL,
              unit TEXT NOT NULL
            )""", """
            CREATE TABLE metric_point (
              series_id BIGINT NOT NULL REFERENCES metric_series ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              time_ms BIGINT NOT NULL,
              step BIGINT,
              value DOUBLE PRECISION,
              flag BIGINT NOT NULL,
              superseded BIGINT NOT NULL,
              PRIMARY KEY (series_id, seq)
            )""", """
            CREATE TABLE metric_epoch_point (
              series_id BIGINT NOT NULL REFERENCES metric_series ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              time_ms BIGINT NOT NULL,
              step BIGINT NOT NULL,
              round_number BIGINT NOT NULL,
              epoch_number BIGINT NOT NULL,
              value DOUBLE PRECISION,
              flag BIGINT NOT NULL,
              superseded BIGINT NOT NULL,
              PRIMARY KEY (series_id, seq)
            )""", """
            CREATE TABLE metric_generation (
              series_id BIGINT NOT NULL REFERENCES metric_series ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              time_ms BIGINT NOT NULL,
              round_number BIGINT,
              chunk_number BIGINT,
              started_ms BIGINT NOT NULL,
              duration_seconds DOUBLE PRECISION,
              samples_generated BIGINT NOT NULL,
              memory_used_mb DOUBLE PRECISION,
              PRIMARY KEY (series_id, seq)
            )""", """
            CREATE TABLE metric_event (
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              time_ms BIGINT NOT NULL,
              level TEXT NOT NULL,
              text TEXT NOT NULL,
              PRIMARY KEY (run_id, seq)
            )""", """
            CREATE TABLE metric_stage (
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              name TEXT NOT NULL,
              status TEXT NOT NULL,
              started_ms BIGINT NOT NULL,
              duration_seconds DOUBLE PRECISION,
              PRIMARY KEY (run_id, seq)
            )""", """
            CREATE TABLE metric_supersession (
              run_id BIGINT NOT NULL REFERENCES metric_run ON DELETE CASCADE,
              seq BIGINT NOT NULL,
              time_ms BIGINT NOT NULL,
              after_step BIGINT NOT NULL,
              PRIMARY KEY (run_id, seq)
            )""", """
            CREATE INDEX metric_series_of_run ON metric_series (run_id, kind)""", """
            CREATE INDEX metric_series_of_name ON metric_series (kind, name, scope)""");

    private static final List<String> VIEWS = List.of("""
            CREATE VIEW resource_metrics AS
            SELECT s.run_id, s.scope AS metric_type, s.name AS metric_name, p.value, p.flag = 0 AS is_finite, s.unit,
              p.time_ms / 1000.0 AS "timestamp", p.time_ms
            FROM metric_series s JOIN metric_point p ON p.series_id = s.series_id
            WHERE s.kind = 'resource' AND p.superseded = 0""", """
            CREATE VIEW generation_metrics AS
            SELECT s.run_id, s.name AS operation, g.round_number, g.chunk_number, g.started_ms / 1000.0 AS start_time,
              g.duration_seconds, g.samples_generated, g.memory_used_mb, g.time_ms / 1000.0 AS "timestamp", g.time_ms
            FROM metric_series s JOIN metric_generation g ON g.series_id = s.series_id
            WHERE s.kind = 'generation'""", """
            CREATE VIEW training_metrics AS
            SELECT s.run_id, s.name AS metric_name, p.value AS metric_value, p.flag = 0 AS is_finite, p.round_number,
              p.epoch_number, s.scope AS phase, p.step, p.time_ms / 1000.0 AS "timestamp", p.time_ms
            FROM metric_series s JOIN metric_epoch_point p ON p.series_id = s.series_id
            WHERE s.kind = 'epoch' AND p.superseded = 0""", """
            CREATE VIEW step_metrics AS
            SELECT s.run_id, s.name AS metric_name, p.value AS metric_value, p.flag = 0 AS is_finite, p.step,
              p.time_ms / 1000.0 AS "timestamp", p.time_ms
            FROM metric_series s JOIN metric_point p ON p.series_id = s.series_id
            WHERE s.kind = 'step' AND p.superseded = 0""", """
            CREATE VIEW pipeline_stages AS
            SELECT run_id, name AS stage, status, started_ms / 1000.0 AS start_time,
              started_ms / 1000.0 + duration_seconds AS end_time, duration_seconds
            FROM metric_stage""");

    private CentralSchema() {}

    /** Makes the tables unless they are there; of many that try at once, one does. In a transaction. */
    static int ensure(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
            if (!exists(statement)) {
                for (String sql : TABLES) {
                    statement.execute(sql);
                }
                for (String sql : VIEWS) {
                    statement.execute(sql);
                }
                statement.execute("INSERT INTO metric_schema (version) VALUES (" + VERSION + ")");
            }
            return check(statement);
        }
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT count(*) FROM information_schema.tables
                WHERE table_schema = current_schema() AND table_name = 'metric_schema'""")) {
            return row.next() && row.getLong(1) > 0;
        }
    }

    private static int check(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT max(version) FROM metric_schema")) {
            int found = row.next() ? row.getInt(1) : 0;
            if (found != VERSION) {
                throw new CentralException(
                        "Cannot use the central database: expected tables of version " + VERSION + ", found version "
                                + found
                                + ". Use the Millrace that made them, or name another schema with ?currentSchema=.",
                        null);
            }
            return found;
        }
    }
}
