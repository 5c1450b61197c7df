package dev.millrace.metrics;

import dev.millrace.sqlite.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Finds the headline of every run with a few seeks each, so that a thousand runs take milliseconds. */
final class HeadlineQuery {
    /** The newest point of each series is one seek. */
    static final String LAST_STEPS = """
            SELECT s.run_id, max((SELECT p.step FROM point p
              WHERE p.series_id = s.series_id ORDER BY p.number DESC LIMIT 1))
            FROM series s WHERE s.kind = 'step' GROUP BY s.run_id""";
    /** Worse candidates first, so that the better overwrite them. Epochs are few: all of them are looked at. */
    static final String EPOCH_LOSSES = """
            SELECT s.run_id, s.scope, p.value, p.flag,
              (SELECT min(b.value) FROM epoch_point b WHERE b.series_id = s.series_id AND b.superseded = 0)
            FROM series s JOIN epoch_point p ON p.series_id = s.series_id
            WHERE s.kind = 'epoch' AND s.name = 'loss'
              AND p.number = (SELECT max(n.number) FROM epoch_point n
                              WHERE n.series_id = s.series_id AND n.superseded = 0)
            ORDER BY s.scope = 'val', s.scope = 'train'""";

    static final String STEP_LOSSES = """
            SELECT s.run_id, s.series_id, p.value, p.flag, p.number
            FROM series s JOIN point p ON p.series_id = s.series_id
            WHERE s.kind = 'step' AND s.name = 'loss'
              AND p.number = (SELECT max(n.number) FROM point n WHERE n.series_id = s.series_id)""";

    static final String LEAST = "SELECT min(value) FROM point WHERE series_id = ? AND superseded = 0";
    /** A list must not wait for the points of a long run; its chart shows the lowest value anyway. */
    private static final long LARGEST_SCAN = 20_000;

    private HeadlineQuery() {}

    static Map<Long, RunHeadline> run(Database database) {
        return database.read("Cannot read how the runs stand", connection -> {
            Map<Long, Long> steps = new HashMap<>();
            try (PreparedStatement statement = connection.prepareStatement(LAST_STEPS);
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long run = row.getLong(1);
                    long step = row.getLong(2);
                    steps.put(run, row.wasNull() ? -1 : step);
                }
            }
            Map<Long, RunHeadline> found = new HashMap<>();
            steps.forEach((run, step) -> found.put(run, new RunHeadline(step, "", "", Double.NaN, Double.NaN)));
            addStepLosses(connection, found);
            addEpochLosses(connection, found);
            return found;
        });
    }

    private static void addStepLosses(Connection connection, Map<Long, RunHeadline> found) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STEP_LOSSES);
                PreparedStatement least = connection.prepareStatement(LEAST);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                double best = Double.NaN;
                if (row.getLong(5) <= LARGEST_SCAN) {
                    least.setLong(1, row.getLong(2));
                    try (ResultSet lowest = least.executeQuery()) {
                        best = lowest.next() ? numberOrNaN(lowest, 1) : Double.NaN;
                    }
                }
                put(found, row.getLong(1), "", StoredValue.read(row, 3), best);
            }
        }
    }

    private static void addEpochLosses(Connection connection, Map<Long, RunHeadline> found) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EPOCH_LOSSES);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                put(found, row.getLong(1), row.getString(2), StoredValue.read(row, 3), numberOrNaN(row, 5));
            }
        }
    }

    private static void put(Map<Long, RunHeadline> found, long run, String phase, double last, double best) {
        RunHeadline before = found.get(run);
        found.put(run, new RunHeadline(before == null ? -1 : before.lastStep(), "loss", phase, last, best));
    }

    private static double numberOrNaN(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? Double.NaN : value;
    }
}
