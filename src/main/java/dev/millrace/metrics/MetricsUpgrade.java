package dev.millrace.metrics;

import dev.millrace.sqlite.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;

/**
 * How metrics files of earlier versions become files of this one. The table of points stays as it is, whatever its size; it
 * is read once, for its rollups.
 */
final class MetricsUpgrade {
    private static final String RUN_1 = """
            CREATE TABLE run (
              run_id INTEGER PRIMARY KEY,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
              status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted')),
              started_ms INTEGER NOT NULL,
              ended_ms INTEGER,
              heartbeat_ms INTEGER NOT NULL,
              host TEXT NOT NULL,
              user_name TEXT NOT NULL,
              process_id INTEGER NOT NULL,
              process_started_ms INTEGER NOT NULL
            )""";
    private static final String SERIES_1 = """
            CREATE TABLE series (
              series_id INTEGER PRIMARY KEY,
              kind TEXT NOT NULL CHECK (kind IN ('step', 'epoch', 'resource', 'generation')),
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
              scope TEXT NOT NULL CHECK (length(scope) <= 500),
              run_id INTEGER NOT NULL,
              UNIQUE (kind, name, scope, run_id)
            )""";
    private static final String DROPPED_1 = """
            CREATE TABLE dropped (
              opened_ms INTEGER PRIMARY KEY,
              time_ms INTEGER NOT NULL,
              dropped INTEGER NOT NULL,
              rejected INTEGER NOT NULL
            )""";

    static final Schema VERSION_1 = new Schema(
            MetricsSchema.KIND,
            1,
            List.of(
                    RUN_1,
                    MetricsSchema.PARAM,
                    SERIES_1,
                    MetricsSchema.POINT,
                    MetricsSchema.EPOCH_POINT,
                    MetricsSchema.GENERATION,
                    MetricsSchema.EVENT,
                    DROPPED_1),
            List.of());

    static final Schema.Upgrade FROM_VERSION_1 = new Schema.Upgrade(
            VERSION_1,
            "'millrace metrics verify FILE --upgrade' brings it to this version and keeps a copy; so does recording into it.",
            MetricsUpgrade::fromVersion1);

    private static final List<String> VIEWS_AND_INDEXES_1 = List.of(
            "DROP VIEW IF EXISTS resource_metrics",
            "DROP VIEW IF EXISTS generation_metrics",
            "DROP VIEW IF EXISTS training_metrics",
            "DROP VIEW IF EXISTS step_metrics",
            "DROP INDEX IF EXISTS series_of_run",
            "DROP INDEX IF EXISTS events_of_run");

    /*
     * Through a temporary table, not by renaming: ALTER TABLE would change the text that the schema is checked by, and views
     * that people have added.
     */
    private static final List<String> TABLES_1 = List.of(
            """
            CREATE TEMP TABLE old_run AS
            SELECT run_id, name, status, started_ms, ended_ms, heartbeat_ms, host, user_name, process_id,
              process_started_ms FROM main.run""",
            "DROP TABLE main.run",
            MetricsSchema.RUN,
            """
            CREATE TEMP TABLE old_series AS SELECT series_id, kind, name, scope, run_id FROM main.series""",
            "DROP TABLE main.series",
            MetricsSchema.SERIES,
            """
            INSERT INTO main.series (series_id, kind, name, scope, run_id)
            SELECT series_id, kind, name, scope, run_id FROM temp.old_series""",
            "DROP TABLE temp.old_series",
            """
            CREATE TEMP TABLE old_dropped AS SELECT opened_ms, time_ms, dropped, rejected FROM main.dropped""",
            "DROP TABLE main.dropped",
            MetricsSchema.DROPPED,
            """
            INSERT INTO main.dropped (opened_ms, source, stream, time_ms, dropped, rejected)
            SELECT opened_ms, 'queue', 'training', time_ms, dropped, rejected FROM temp.old_dropped""",
            "DROP TABLE temp.old_dropped",
            MetricsSchema.TAG,
            MetricsSchema.ROLLUP,
            MetricsSchema.STAGE,
            MetricsSchema.SUPERSESSION,
            MetricsSchema.PRODUCER);

    private static final String INSERT_RUN = """
            INSERT INTO main.run (run_id, run_uuid, name, status, started_ms, ended_ms, heartbeat_ms, host, user_name,
              process_id, process_started_ms)
            SELECT run_id, ?, name, status, started_ms, ended_ms, heartbeat_ms, host, user_name, process_id,
              process_started_ms FROM temp.old_run WHERE run_id = ?""";

    private MetricsUpgrade() {}

    private static void fromVersion1(Connection connection) throws SQLException {
        execute(connection, VIEWS_AND_INDEXES_1);
        execute(connection, TABLES_1);
        copyRuns(connection);
        execute(connection, List.of("DROP TABLE temp.old_run"));
        execute(connection, MetricsSchema.AFTERWARDS);
        try (RollupRows rollups = new RollupRows(connection)) {
            rollups.rebuildAll();
        }
    }

    private static void copyRuns(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_RUN);
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("SELECT run_id FROM temp.old_run ORDER BY run_id")) {
            while (row.next()) {
                insert.setString(1, UUID.randomUUID().toString());
                insert.setLong(2, row.getLong(1));
                insert.executeUpdate();
            }
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        for (String sql : statements) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }
    }
}
