package dev.millrace.metrics;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Marks what a run recorded after a step, and makes the rollups over it anew. One writer thread. */
final class Supersession {
    /** SEARCH point by its primary key, from the first number that is concerned. */
    static final String MARK_POINTS =
            "UPDATE point SET superseded = 1 WHERE series_id = ? AND number >= ? AND step > ? AND superseded = 0";

    static final String MARK_EPOCH_POINTS = """
            UPDATE epoch_point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM series WHERE run_id = ? AND kind = 'epoch')
              AND step > ? AND superseded = 0""";
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
            Long first = superseded.afterStep() == Long.MAX_VALUE
                    ? null
                    : new RollupSearch(statements, seriesId, "step").firstFrom(superseded.afterStep() + 1);
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
}
