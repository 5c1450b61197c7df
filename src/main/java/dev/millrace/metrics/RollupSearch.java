package dev.millrace.metrics;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Finds where in a series a range of an axis begins and ends, by way of the rollups: some ten short look-ups, however long
 * the series. Where points are out of order it finds the outermost ones. One thread at a time.
 */
final class RollupSearch {
    /** SEARCH rollup by its primary key. AXIS is {@code step} or {@code time_ms}. */
    static final String FIRST_ROLLUP = """
            SELECT min(bucket) FROM rollup
            WHERE series_id = ? AND level = ? AND bucket >= ? AND bucket < ? AND count > 0 AND max_AXIS >= ?""";

    static final String LAST_ROLLUP = """
            SELECT max(bucket) FROM rollup
            WHERE series_id = ? AND level = ? AND bucket >= ? AND bucket < ? AND count > 0 AND min_AXIS <= ?""";
    /** SEARCH point by its primary key. */
    static final String FIRST_POINT = """
            SELECT min(number) FROM point WHERE series_id = ? AND number > ? AND number <= ? AND superseded = 0 AND AXIS >= ?""";

    static final String LAST_POINT = """
            SELECT max(number) FROM point WHERE series_id = ? AND number > ? AND number <= ? AND superseded = 0 AND AXIS <= ?""";
    static final String LAST_NUMBER = "SELECT max(number) FROM point WHERE series_id = ?";

    private final Statements statements;
    private final long seriesId;
    private final String axisColumn;
    private final long last;

    RollupSearch(Statements statements, long seriesId, String axisColumn) throws SQLException {
        this.statements = statements;
        this.seriesId = seriesId;
        this.axisColumn = axisColumn;
        Long found = statements.queryLong(LAST_NUMBER, seriesId);
        this.last = found == null ? 0 : found;
    }

    /** The number of the first point, not superseded, that is at {@code bound} or beyond; null if there is none. */
    @Nullable
    Long firstFrom(long bound) throws SQLException {
        String rollups = FIRST_ROLLUP.replace("AXIS", axisColumn);
        // Buckets before `from` are known not to reach the bound.
        long from = 0;
        for (int level = Rollup.LEVELS; level >= 1; level--) {
            long end = fullBuckets(level);
            if (from < end) {
                Long found = statements.queryLong(rollups, seriesId, level, from, end, bound);
                from = found == null ? end : found;
            }
            from <<= Rollup.BITS_PER_LEVEL;
        }
        return statements.queryLong(FIRST_POINT.replace("AXIS", axisColumn), seriesId, from, last, bound);
    }

    /** The number of the last point, not superseded, that is at {@code bound} or before; null if there is none. */
    @Nullable
    Long lastUpTo(long bound) throws SQLException {
        String points = LAST_POINT.replace("AXIS", axisColumn);
        String rollups = LAST_ROLLUP.replace("AXIS", axisColumn);
        Long found = statements.queryLong(points, seriesId, last & -Rollup.FAN_OUT, last, bound);
        int level = 0;
        while (found == null && level < Rollup.LEVELS) {
            level++;
            long end = fullBuckets(level);
            found = statements.queryLong(rollups, seriesId, level, end & -Rollup.FAN_OUT, end, bound);
        }
        while (found != null && level > 0) {
            level--;
            long from = found << Rollup.BITS_PER_LEVEL;
            long end = from + Rollup.FAN_OUT;
            found = level == 0
                    ? statements.queryLong(points, seriesId, from, end, bound)
                    : statements.queryLong(rollups, seriesId, level, from, end, bound);
        }
        return found;
    }

    private long fullBuckets(int level) {
        return last >> (Rollup.BITS_PER_LEVEL * level);
    }
}
