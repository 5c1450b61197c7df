package dev.millrace.metrics;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of reading a metrics file completely: SQLite's own structure, the tables, the numbering of every series, what
 * rows refer to, every rollup against its points. Immutable.
 *
 * @param file the file
 * @param rows rows read, by table
 * @param faults what is wrong, at most {@value #MOST_FAULTS} of them; empty for a sound file
 */
public record MetricsVerification(Path file, Map<String, Long> rows, List<String> faults) {
    static final int MOST_FAULTS = 50;

    /** Tables that name a run. */
    private static final List<String> OF_RUNS = List.of("param", "tag", "series", "event", "stage", "supersession");

    private static final String SERIES = "SELECT series_id, run_id, kind, name FROM series ORDER BY series_id";
    /** Steps from one series to the next through the primary key, past the points of each. */
    static final String SERIES_OF_TABLE = """
            WITH RECURSIVE ids (id) AS (
              SELECT min(series_id) FROM TABLE_NAME
              UNION ALL
              SELECT (SELECT min(series_id) FROM TABLE_NAME WHERE series_id > ids.id) FROM ids WHERE ids.id IS NOT NULL)
            SELECT id FROM ids WHERE id IS NOT NULL AND id NOT IN (SELECT series_id FROM series WHERE kind IN (KINDS))""";

    static final String ROLLUP =
            "SELECT " + Rollup.COLUMNS + " FROM rollup WHERE series_id = ? AND level = ? AND bucket = ?";
    private static final String ROLLUPS_OF_SERIES = "SELECT count(*) FROM rollup WHERE series_id = ?";

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }

    /**
     * Reads the whole file, as it is at one moment: also one that is being written, or was when its process died.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no metrics file, or another version's
     * @throws DatabaseException if it cannot be opened at all
     */
    public static MetricsVerification verify(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            MetricsSchema.SCHEMA.check(database);
            Check check = new Check();
            check.guard("SQLite structure", () -> {
                String verdict = database.queryText("PRAGMA integrity_check(1)");
                if (!"ok".equals(verdict)) {
                    check.fault("SQLite structure: " + verdict);
                }
            });
            check.guard("views", () -> MetricsSchema.SCHEMA.checkAfterwards(database));
            check.guard(
                    "rows",
                    () -> database.readTogether("Cannot read metrics", connection -> {
                        check.rows(connection);
                        return file;
                    }));
            return new MetricsVerification(database.file(), check.rows, List.copyOf(check.faults));
        }
    }

    private static final class Check {
        private final Map<String, Long> rows = new LinkedHashMap<>();
        private final List<String> faults = new ArrayList<>();

        void fault(String text) {
            if (faults.size() < MOST_FAULTS) {
                faults.add(text);
            }
        }

        /* A damaged file may fail anywhere; the rest of it is looked at all the same. */
        void guard(String what, Runnable work) {
            try {
                work.run();
            } catch (DatabaseException e) {
                fault("In " + what + ": " + e.getMessage());
            }
        }

        void rows(Connection connection) throws SQLException {
            for (String table : OF_RUNS) {
                long strangers = count(
                        connection, "SELECT count(*) FROM " + table + " WHERE run_id NOT IN (SELECT run_id FROM run)");
                if (strangers > 0) {
                    fault("Table " + table + ": expected rows of known runs, found " + strangers + " of others");
                }
            }
            strangers(connection, "point", "'step', 'resource'");
            strangers(connection, "rollup", "'step', 'resource'");
            strangers(connection, "epoch_point", "'epoch'");
            strangers(connection, "generation", "'generation'");
            rows.put("run", count(connection, "SELECT count(*) FROM run"));
            try (PreparedStatement select = connection.prepareStatement(SERIES);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(3) + " series " + row.getLong(1) + " '" + row.getString(4) + "' of run "
                            + row.getLong(2);
                    series(connection, row.getLong(1), SeriesKind.of(row.getString(3)), name);
                }
            }
        }

        private void strangers(Connection connection, String table, String kinds) throws SQLException {
            String sql = SERIES_OF_TABLE.replace("TABLE_NAME", table).replace("KINDS", kinds);
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    fault("Table " + table + ": expected rows of known series, found some of series " + row.getLong(1));
                }
            }
        }

        private void series(Connection connection, long id, SeriesKind kind, String name) throws SQLException {
            String table = switch (kind) {
                case STEP, RESOURCE -> "point";
                case EPOCH -> "epoch_point";
                case GENERATION -> "generation";
            };
            long last = count(connection, "SELECT coalesce(max(number), 0) FROM " + table + " WHERE series_id = " + id);
            long found =
                    count(connection, "SELECT count(*) FROM " + table + " WHERE number >= 1 AND series_id = " + id);
            rows.merge("series", 1L, Long::sum);
            rows.merge(table, found, Long::sum);
            if (found != last) {
                fault(name + ": expected points numbered 1 to " + last + ", found " + found);
            } else if (table.equals("point")) {
                rollups(connection, id, last, name);
            }
        }

        private void rollups(Connection connection, long id, long points, String name) throws SQLException {
            long[] expected = new long[1];
            try (PreparedStatement select = connection.prepareStatement(ROLLUP)) {
                Rollup stored = new Rollup();
                RollupTree.empty(id).addPoints(connection, 1, points, (seriesId, level, bucket, rollup) -> {
                    expected[0]++;
                    select.setLong(1, seriesId);
                    select.setInt(2, level);
                    select.setLong(3, bucket);
                    try (ResultSet row = select.executeQuery()) {
                        if (!row.next()) {
                            fault(name + ": no rollup of level " + level + ", bucket " + bucket);
                            return;
                        }
                        stored.read(row, 1);
                    }
                    if (!stored.equalsRollup(rollup)) {
                        fault(name + ": the rollup of level " + level + ", bucket " + bucket
                                + " is not what its points come to");
                    }
                });
            }
            long found = count(connection, ROLLUPS_OF_SERIES.replace("?", Long.toString(id)));
            rows.merge("rollup", found, Long::sum);
            if (found > expected[0]) {
                fault(name + ": expected " + expected[0] + " rollups, found " + found);
            }
        }

        private static long count(Connection connection, String sql) throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }
}
