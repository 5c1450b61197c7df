package dev.millrace.metrics;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The rollups of one series while points are added at its end: at each level the one that is not full yet. One thread at a
 * time.
 */
final class RollupTree {
    /** SEARCH point and rollup by their primary keys. */
    static final String POINTS_FROM = """
            SELECT number, time_ms, step, value, flag, superseded FROM point
            WHERE series_id = ? AND number BETWEEN ? AND ? ORDER BY number""";

    static final String ROLLUPS_FROM = "SELECT " + Rollup.COLUMNS
            + " FROM rollup WHERE series_id = ? AND level = ? AND bucket >= ? AND bucket < ? ORDER BY bucket";

    /** Takes the rollups that are full. */
    interface Target {
        void full(long seriesId, int level, long bucket, Rollup rollup) throws SQLException;
    }

    private final long seriesId;
    private final Rollup[] open = new Rollup[Rollup.LEVELS + 1];

    private RollupTree(long seriesId) {
        this.seriesId = seriesId;
    }

    /** The tree of a series without points. */
    static RollupTree empty(long seriesId) {
        return new RollupTree(seriesId);
    }

    /** The tree as it stood after the points up to {@code count}, whose full rollups are in the file. */
    static RollupTree restore(Connection connection, long seriesId, long count) throws SQLException {
        RollupTree tree = new RollupTree(seriesId);
        for (int level = 1; level <= Rollup.LEVELS && count >= Rollup.points(level - 1); level++) {
            long inside = count >> (Rollup.BITS_PER_LEVEL * (level - 1));
            long from = inside & -Rollup.FAN_OUT;
            if (level == 1) {
                tree.addPoints(connection, from + 1, count, null);
            } else {
                tree.addRollups(connection, level - 1, from, inside);
            }
        }
        return tree;
    }

    /** Adds a point, {@code step} null where it has none; full rollups go to {@code target}. */
    void add(long number, @Nullable Long step, long timeMillis, double value, Target target) throws SQLException {
        if (step == null) {
            open(1).addTimed(timeMillis, value);
        } else {
            open(1).addAtStep(step, timeMillis, value);
        }
        close(number, target);
    }

    /** Adds points of the file, from one number to another inclusive; without a target none may fill a rollup. */
    void addPoints(Connection connection, long from, long to, @Nullable Target target) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POINTS_FROM)) {
            select.setLong(1, seriesId);
            select.setLong(2, from);
            select.setLong(3, to);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (row.getInt(6) == 0) {
                        addRow(row);
                    }
                    if (target != null) {
                        close(row.getLong(1), target);
                    }
                }
            }
        }
    }

    private void addRow(ResultSet row) throws SQLException {
        double value = StoredValue.read(row, 4);
        long step = row.getLong(3);
        if (row.wasNull()) {
            open(1).addTimed(row.getLong(2), value);
        } else {
            open(1).addAtStep(step, row.getLong(2), value);
        }
    }

    private void addRollups(Connection connection, int level, long from, long end) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ROLLUPS_FROM)) {
            select.setLong(1, seriesId);
            select.setInt(2, level);
            select.setLong(3, from);
            select.setLong(4, end);
            try (ResultSet row = select.executeQuery()) {
                Rollup stored = new Rollup();
                while (row.next()) {
                    stored.read(row, 1);
                    open(level + 1).add(stored);
                }
            }
        }
    }

    private void close(long number, Target target) throws SQLException {
        long full = number;
        for (int level = 1; (full & (Rollup.FAN_OUT - 1)) == 0; level++) {
            full >>= Rollup.BITS_PER_LEVEL;
            Rollup rollup = open(level);
            target.full(seriesId, level, full - 1, rollup);
            if (level < Rollup.LEVELS) {
                open(level + 1).add(rollup);
            }
            rollup.clear();
        }
    }

    private Rollup open(int level) {
        Rollup rollup = open[level];
        if (rollup == null) {
            rollup = new Rollup();
            open[level] = rollup;
        }
        return rollup;
    }
}
