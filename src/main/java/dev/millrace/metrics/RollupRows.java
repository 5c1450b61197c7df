package dev.millrace.metrics;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Writes the rows of table {@code rollup}. Belongs to one connection; who makes it closes it. */
final class RollupRows implements RollupTree.Target, AutoCloseable {
    private static final String INSERT = "INSERT INTO rollup (series_id, level, bucket, " + Rollup.COLUMNS
            + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    static final String DELETE_FROM = "DELETE FROM rollup WHERE series_id = ? AND level = ? AND bucket >= ?";
    private static final int BATCH = 1_000;

    private final Connection connection;
    private final PreparedStatement insert;
    private int pending;

    RollupRows(Connection connection) throws SQLException {
        this.connection = connection;
        this.insert = connection.prepareStatement(INSERT);
    }

    @Override
    public void full(long seriesId, int level, long bucket, Rollup rollup) throws SQLException {
        insert.setLong(1, seriesId);
        insert.setInt(2, level);
        insert.setLong(3, bucket);
        rollup.bind(insert, 4);
        insert.addBatch();
        if (++pending >= BATCH) {
            flush();
        }
    }

    void flush() throws SQLException {
        if (pending > 0) {
            pending = 0;
            insert.executeBatch();
        }
    }

    /** Makes the rollups anew of which a point from {@code number} on is a part; returns the tree at the end of the series. */
    RollupTree rebuild(long seriesId, long number) throws SQLException {
        flush();
        long kept = (number - 1) & -Rollup.FAN_OUT;
        try (PreparedStatement delete = connection.prepareStatement(DELETE_FROM)) {
            for (int level = 1; level <= Rollup.LEVELS; level++) {
                delete.setLong(1, seriesId);
                delete.setInt(2, level);
                delete.setLong(3, kept >> (Rollup.BITS_PER_LEVEL * level));
                delete.executeUpdate();
            }
        }
        RollupTree tree = RollupTree.restore(connection, seriesId, kept);
        tree.addPoints(connection, kept + 1, Long.MAX_VALUE, this);
        flush();
        return tree;
    }

    /** Makes all rollups of a file anew. */
    void rebuildAll() throws SQLException {
        flush();
        try (PreparedStatement series = connection.prepareStatement(
                        "SELECT series_id FROM series WHERE kind IN ('step', 'resource') ORDER BY series_id");
                ResultSet row = series.executeQuery()) {
            while (row.next()) {
                rebuild(row.getLong(1), 1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        insert.close();
    }
}
