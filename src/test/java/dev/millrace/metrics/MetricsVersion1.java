package dev.millrace.metrics;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.Map;

/** Writes files of version 1, with the statements of the release that wrote them. Test support. */
final class MetricsVersion1 {
    private static final String[] TABLES = {
        """
        CREATE TABLE dataset_info (
          key TEXT PRIMARY KEY,
          value TEXT NOT NULL
        ) WITHOUT ROWID""",
        """
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
        )""",
        """
        CREATE TABLE param (
          run_id INTEGER NOT NULL,
          name TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (run_id, name)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE series (
          series_id INTEGER PRIMARY KEY,
          kind TEXT NOT NULL CHECK (kind IN ('step', 'epoch', 'resource', 'generation')),
          name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
          scope TEXT NOT NULL CHECK (length(scope) <= 500),
          run_id INTEGER NOT NULL,
          UNIQUE (kind, name, scope, run_id)
        )""",
        """
        CREATE TABLE point (
          series_id INTEGER NOT NULL,
          number INTEGER NOT NULL,
          time_ms INTEGER NOT NULL,
          step INTEGER,
          value REAL,
          flag INTEGER NOT NULL CHECK (flag BETWEEN 0 AND 3),
          superseded INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (series_id, number)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE epoch_point (
          series_id INTEGER NOT NULL,
          number INTEGER NOT NULL,
          time_ms INTEGER NOT NULL,
          step INTEGER NOT NULL,
          round_number INTEGER NOT NULL,
          epoch_number INTEGER NOT NULL,
          value REAL,
          flag INTEGER NOT NULL CHECK (flag BETWEEN 0 AND 3),
          superseded INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (series_id, number)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE generation (
          series_id INTEGER NOT NULL,
          number INTEGER NOT NULL,
          time_ms INTEGER NOT NULL,
          round_number INTEGER,
          chunk_number INTEGER,
          started_ms INTEGER NOT NULL,
          duration_seconds REAL,
          samples_generated INTEGER NOT NULL,
          memory_used_mb REAL,
          PRIMARY KEY (series_id, number)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE event (
          event_id INTEGER PRIMARY KEY,
          run_id INTEGER NOT NULL,
          time_ms INTEGER NOT NULL,
          level TEXT NOT NULL,
          text TEXT NOT NULL
        )""",
        """
        CREATE TABLE dropped (
          opened_ms INTEGER PRIMARY KEY,
          time_ms INTEGER NOT NULL,
          dropped INTEGER NOT NULL,
          rejected INTEGER NOT NULL
        )""",
        "CREATE INDEX series_of_run ON series (run_id, kind)",
        "CREATE INDEX events_of_run ON event (run_id, time_ms)",
        """
        CREATE VIEW resource_metrics AS
        SELECT
          s.run_id AS run_id,
          s.scope AS metric_type,
          s.name AS metric_name,
          p.value AS value,
          p.flag = 0 AS is_finite,
          p.time_ms / 1000.0 AS timestamp,
          p.time_ms AS time_ms
        FROM series s JOIN point p ON p.series_id = s.series_id
        WHERE s.kind = 'resource' AND p.superseded = 0""",
        """
        CREATE VIEW training_metrics AS
        SELECT
          s.run_id AS run_id,
          s.name AS metric_name,
          p.value AS metric_value,
          p.epoch_number AS epoch_number,
          s.scope AS phase
        FROM series s JOIN epoch_point p ON p.series_id = s.series_id
        WHERE s.kind = 'epoch' AND p.superseded = 0""",
        // Somebody's own, over a table that changes.
        "CREATE VIEW mine AS SELECT name FROM run WHERE status = 'finished'",
    };

    private MetricsVersion1() {}

    /** Two runs: a finished one of {@code points} steps with the values 0.5 · step, and one that crashed. */
    static void write(Path file, int points) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("PRAGMA application_id=" + Schema.APPLICATION_ID, "PRAGMA user_version=1");
            database.execute(TABLES);
            Schema.putInfo(database, Map.of("kind", "metrics"));
            database.execute(
                    "INSERT INTO run VALUES (1, 'old', 'finished', 1000, 9000, 8000, 'host', 'me', 17, 500)",
                    "INSERT INTO run VALUES (2, 'crashed', 'running', 2000, NULL, 8000, 'elsewhere', 'me', 18, 600)",
                    "INSERT INTO param VALUES (1, 'lr', '0.1')",
                    "INSERT INTO series VALUES (1, 'step', 'loss', '', 1)",
                    "INSERT INTO series VALUES (2, 'resource', 'system_total', 'cpu', 1)",
                    "INSERT INTO series VALUES (3, 'epoch', 'loss', 'val', 1)",
                    "INSERT INTO epoch_point VALUES (3, 1, 3000, 10, 0, 1, NULL, 1, 0)",
                    "INSERT INTO point VALUES (2, 1, 3000, NULL, 12.5, 0, 0)",
                    "INSERT INTO event VALUES (1, 1, 3000, 'info', 'text')",
                    "INSERT INTO dropped VALUES (700, 3000, 4, 5)");
            database.write("fill", connection -> {
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO point VALUES (1, ?, ?, ?, ?, 0, ?)")) {
                    for (int number = 1; number <= points; number++) {
                        insert.setLong(1, number);
                        insert.setLong(2, 3_000 + number);
                        insert.setLong(3, number);
                        insert.setDouble(4, 0.5 * number);
                        insert.setInt(5, number % 100 == 0 ? 1 : 0);
                        insert.addBatch();
                    }
                    insert.executeBatch();
                }
            });
            database.execute("PRAGMA journal_mode=DELETE");
        }
    }
}
