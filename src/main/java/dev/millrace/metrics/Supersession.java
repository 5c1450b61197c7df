package dev.millrace.metrics;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Marks what a run recorded after a step, and makes the rollups over it anew. One writer thread. */
final class Supersession {
    /** SEARCH point by its primary key, from the first number that is concerned. */
    static final String MARK_POINTS =
            "UPDATE point SET superseded = 1 WHERE series_id = ? AND number >= ? AND step > ? AND superseded = 0";

    static final String MARK_EPOCH_POINTS = """
            UPDATE epoch_point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM series WHERE run_id = ? AND kind = 'epoch')
              AND step > ? AND superseded = 0""";
    static final String FIRST_ROLLUP = """
            SELECT min(bucket) FROM rollup
            WHERE series_id = ? AND level = ? AND bucket >= ? AND bucket < ? AND max_step > ?""";
    static final String FIRST_POINT = """
            SELECT min(number) FROM point WHERE series_id = ? AND number > ? AND number <= ? AND step > ? AND superseded = 0""";
    private static final String LAST_NUMBER = "SELECT max(number) FROM point WHERE series_id = ?";
    private static final String STEP_SERIES = "SELECT series_id FROM series WHERE run_id = ? AND kind = 'step'";
    private static final String INSERT = "INSERT INTO supersession (run_id, time_ms, after_step) VALUES (?, ?, ?)";

    private final Statements statements;
    private final RollupRows rollups;

    Supersession(Statements statements, RollupRows rollups) {
        this.statements = statements;
        this.rollups = rollups;
    }

    void apply(MetricRecord.Superseded superseded) throws SQLException {
        for (long seriesId : seriesOf(superseded.runId())) {
            Long first = firstAfter(seriesId, superseded.afterStep());
            if (first != null) {
                statements.update(MARK_POINTS, seriesId, first, superseded.afterStep());
                rollups.rebuild(seriesId, first);
            }
        }
        statements.update(MARK_EPOCH_POINTS, superseded.runId(), superseded.afterStep());
        statements.update(INSERT, superseded.runId(), superseded.timeMillis(), superseded.afterStep());
    }

    private List<Long> seriesOf(long runId) throws SQLException {
        List<Long> series = new ArrayList<>();
        PreparedStatement select = statements.prepare(STEP_SERIES);
        select.setLong(1, runId);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                series.add(row.getLong(1));
            }
        }
        return series;
    }

    /** The number of the first point after a step, by way of the rollups; null if there is none. */
    private @Nullable Long firstAfter(long seriesId, long step) throws SQLException {
        Long last = statements.queryLong(LAST_NUMBER, seriesId);
        if (last == null) {
            return null;
        }
        // What is left to look through at each level: buckets from `from` on, before `end`.
        long from = 0;
        for (int level = Rollup.LEVELS; level >= 1; level--) {
            long end = last >> (Rollup.BITS_PER_LEVEL * level);
            from <<= level == Rollup.LEVELS ? 0 : Rollup.BITS_PER_LEVEL;
            if (from < end) {
                Long found = statements.queryLong(FIRST_ROLLUP, seriesId, level, from, end, step);
                from = found == null ? end : found;
            }
        }
        return statements.queryLong(FIRST_POINT, seriesId, from << Rollup.BITS_PER_LEVEL, last, step);
    }
}
