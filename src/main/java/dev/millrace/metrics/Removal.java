package dev.millrace.metrics;

import dev.millrace.sqlite.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/*
 * Points go from the end of a series, together with the rollups over them: at each commit what is left is a shorter series,
 * numbered without gaps. A series itself goes when it has no points, because its key is given to the next one.
 */
/** Removes rows of a metrics file that nobody else writes to. One thread. */
final class Removal {
    /** Rows of one transaction, so that the journal stays small. */
    static final int CHUNK = 50_000;

    private static final String SERIES_WITH_SUPERSEDED = """
            SELECT s.series_id, s.run_id, s.kind FROM series s
            WHERE s.kind IN ('step', 'epoch') AND s.run_id IN (SELECT run_id FROM supersession) ORDER BY s.series_id""";

    private final Database database;

    Removal(Database database) {
        this.database = database;
    }

    record SeriesOfRun(long id, long runId, String table) {}

    /** Series that may have superseded points. */
    static List<SeriesOfRun> seriesWithSuperseded(Database database) {
        return series(database, SERIES_WITH_SUPERSEDED);
    }

    static long countSuperseded(Database database, SeriesOfRun series) {
        return database.queryLong(
                "SELECT count(*) FROM " + series.table + " WHERE series_id = ? AND superseded = 1", series.id);
    }

    void removeRun(long runId) {
        database.write(
                "Cannot begin to remove run " + runId,
                connection -> update(
                        connection,
                        "INSERT OR IGNORE INTO tag (run_id, tag) VALUES (?, '" + MetricsRetention.REMOVING + "')",
                        runId));
        for (SeriesOfRun series :
                series(database, "SELECT series_id, run_id, kind FROM series WHERE run_id = " + runId)) {
            removePoints(series);
        }
        database.write("Cannot remove run " + runId, connection -> {
            for (String table : List.of("series", "param", "tag", "event", "stage", "supersession", "run")) {
                update(connection, "DELETE FROM " + table + " WHERE run_id = ?", runId);
            }
        });
    }

    private void removePoints(SeriesOfRun series) {
        long last = lastNumber(series);
        while (last > 0) {
            // At the end of a bucket, so that its rollup goes or stays.
            long kept = Math.max(0, last - CHUNK) & -Rollup.FAN_OUT;
            database.write("Cannot remove points", connection -> {
                update(
                        connection,
                        "DELETE FROM " + series.table + " WHERE series_id = ? AND number > ?",
                        series.id,
                        kept);
                if (series.table.equals("point")) {
                    for (int level = 1; level <= Rollup.LEVELS; level++) {
                        long bucket = kept >> (Rollup.BITS_PER_LEVEL * level);
                        update(connection, RollupRows.DELETE_FROM, series.id, level, bucket);
                    }
                }
            });
            last = kept;
        }
    }

    void removeSuperseded() {
        for (SeriesOfRun series : seriesWithSuperseded(database)) {
            long first = database.queryLong(
                    "SELECT min(number) FROM " + series.table + " WHERE series_id = ? AND superseded = 1", series.id);
            if (first > 0) {
                database.write("Cannot remove superseded points", connection -> closeUp(connection, series, first));
            }
        }
    }

    /** Numbers what is left of a series anew, from its first superseded point on. */
    private static void closeUp(Connection connection, SeriesOfRun series, long first) throws SQLException {
        String columns = series.table.equals("point")
                ? "time_ms, step, value, flag"
                : "time_ms, step, round_number, epoch_number, value, flag";
        String from = " FROM " + series.table + " WHERE series_id = ? AND number >= ?";
        update(connection, "CREATE TEMP TABLE kept AS SELECT " + columns + " FROM " + series.table + " WHERE 0");
        update(
                connection,
                "INSERT INTO temp.kept SELECT " + columns + from + " AND superseded = 0 ORDER BY number",
                series.id,
                first);
        update(connection, "DELETE" + from, series.id, first);
        update(
                connection,
                "INSERT INTO " + series.table + " (series_id, number, " + columns + ") SELECT ?, ? + rowid - 1, "
                        + columns + " FROM temp.kept ORDER BY rowid",
                series.id,
                first);
        update(connection, "DROP TABLE temp.kept");
        if (series.table.equals("point")) {
            try (RollupRows rollups = new RollupRows(connection)) {
                rollups.rebuild(series.id, first);
            }
        }
    }

    private long lastNumber(SeriesOfRun series) {
        return database.queryLong("SELECT max(number) FROM " + series.table + " WHERE series_id = ?", series.id);
    }

    private static List<SeriesOfRun> series(Database database, String sql) {
        return database.read("Cannot read series", connection -> {
            List<SeriesOfRun> found = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String table = switch (SeriesKind.of(row.getString(3))) {
                        case STEP, RESOURCE -> "point";
                        case EPOCH -> "epoch_point";
                        case GENERATION -> "generation";
                    };
                    found.add(new SeriesOfRun(row.getLong(1), row.getLong(2), table));
                }
            }
            return found;
        });
    }

    private static void update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
