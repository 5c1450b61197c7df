package dev.millrace.metrics;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/*
 * From the highest level of rollups down: of each level, those are read that are below one which overlaps the range; as long
 * as these are fewer than the buckets wanted, all of them are looked at more closely on the next level. From then on only
 * those that lie partly in the range are, so that nothing outside of it counts. What has no rollup (the end of the series, or
 * a gap) is read one level further down, at last as points.
 *
 * For a series in the order of the axis this reads at most about 16 × buckets rows and 15 more per level, however long the
 * series is. Points that are out of order make rollups wide on the axis; then more of them lie partly in the range, and more
 * is read, but nothing is left out.
 */
/** Reads a part of a long series as rollups and points, about as many as wanted. Used once; one thread. */
final class RollupDescent {
    /** SEARCH rollup by its primary key; the axis is {@code step} or {@code time_ms}. */
    static final String ROLLUPS = """
            SELECT bucket, count, not_finite, min_AXIS, max_AXIS, first_value, min_value, max_value, last_value, sum_value
            FROM rollup WHERE series_id = ? AND level = ? AND bucket >= ? AND bucket < ? ORDER BY bucket""";
    /** SEARCH point by its primary key. */
    static final String POINTS = """
            SELECT number, AXIS, value, flag FROM point
            WHERE series_id = ? AND number > ? AND number <= ? AND superseded = 0 AND AXIS BETWEEN ? AND ?
            ORDER BY number""";

    private static final String LAST_NUMBER = "SELECT max(number) FROM point WHERE series_id = ?";

    private final Connection connection;
    private final long seriesId;
    private final String axisColumn;
    private final double from;
    private final double to;
    private final List<Node> nodes = new ArrayList<>();

    /** @param axisColumn {@code step} or {@code time_ms} */
    RollupDescent(Connection connection, long seriesId, String axisColumn, double from, double to) {
        this.connection = connection;
        this.seriesId = seriesId;
        this.axisColumn = axisColumn;
        this.from = from;
        this.to = to;
    }

    /** One stretch of a series. Bounds on the axis are inclusive; values are NaN if not finite. */
    record Node(
            long firstNumber,
            double from,
            double to,
            long count,
            long notFinite,
            double first,
            double min,
            double max,
            double last,
            double sum) {
        static Node ofPoint(long number, double at, double value) {
            boolean finite = Double.isFinite(value);
            double shown = finite ? value : Double.NaN;
            return new Node(number, at, at, 1, finite ? 0 : 1, shown, shown, shown, shown, shown);
        }
    }

    /** The stretches that lie in the range, in no particular order: at least {@code wanted}, if there are as many points. */
    List<Node> run(int wanted) throws SQLException {
        long last = lastNumber();
        int level = 0;
        while (level < Rollup.LEVELS && Rollup.points(level + 1) <= last) {
            level++;
        }
        Ranges looked = new Ranges();
        boolean enough = false;
        for (; level >= 1; level--) {
            long end = last >> (Rollup.BITS_PER_LEVEL * level);
            looked.add(end & -Rollup.FAN_OUT, end);
            List<Node> overlapping = new ArrayList<>();
            Ranges closer = new Ranges();
            for (int i = 0; i < looked.size(); i++) {
                read(level, looked.from(i), Math.min(end, looked.end(i)), overlapping, closer);
            }
            enough |= overlapping.size() >= wanted;
            for (Node node : overlapping) {
                if (enough && node.from >= from && node.to <= to) {
                    nodes.add(node);
                } else {
                    closer.addBucket((node.firstNumber - 1) >> (Rollup.BITS_PER_LEVEL * level));
                }
            }
            looked = closer.children();
        }
        looked.add(last & -Rollup.FAN_OUT, last);
        for (int i = 0; i < looked.size(); i++) {
            readPoints(looked.from(i), Math.min(last, looked.end(i)));
        }
        return nodes;
    }

    private long lastNumber() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LAST_NUMBER)) {
            select.setLong(1, seriesId);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** Reads rollups; those that should be there and are not go to {@code missing}. */
    private void read(int level, long first, long end, List<Node> overlapping, Ranges missing) throws SQLException {
        long expected = first;
        try (PreparedStatement select = connection.prepareStatement(ROLLUPS.replace("AXIS", axisColumn))) {
            select.setLong(1, seriesId);
            select.setInt(2, level);
            select.setLong(3, first);
            select.setLong(4, end);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long bucket = row.getLong(1);
                    missing.add(expected, bucket);
                    expected = bucket + 1;
                    addOverlapping(row, (bucket << (Rollup.BITS_PER_LEVEL * level)) + 1, overlapping);
                }
            }
        }
        missing.add(expected, end);
    }

    private void addOverlapping(ResultSet row, long firstNumber, List<Node> overlapping) throws SQLException {
        long count = row.getLong(2);
        double lowest = row.getDouble(4);
        double highest = row.getDouble(5);
        // Without a place on the axis it is NULL, which reads as 0.
        if (count == 0 || highest < from || lowest > to || row.getObject(5) == null) {
            return;
        }
        overlapping.add(new Node(
                firstNumber,
                lowest,
                highest,
                count,
                row.getLong(3),
                Rollup.number(row, 6),
                Rollup.number(row, 7),
                Rollup.number(row, 8),
                Rollup.number(row, 9),
                Rollup.number(row, 10)));
    }

    private void readPoints(long after, long last) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POINTS.replace("AXIS", axisColumn))) {
            select.setLong(1, seriesId);
            select.setLong(2, after);
            select.setLong(3, last);
            select.setDouble(4, from);
            select.setDouble(5, to);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    nodes.add(Node.ofPoint(row.getLong(1), row.getDouble(2), StoredValue.read(row, 3)));
                }
            }
        }
    }

    /** Ranges of buckets, joined where they touch. They are added in ascending order, but for gaps, which are rare. */
    private static final class Ranges {
        private long[] bounds = new long[16];
        private int size;

        void addBucket(long bucket) {
            add(bucket, bucket + 1);
        }

        void add(long from, long end) {
            if (from >= end) {
                return;
            }
            if (size > 0 && bounds[2 * size - 1] == from) {
                bounds[2 * size - 1] = end;
                return;
            }
            if (2 * size == bounds.length) {
                bounds = Arrays.copyOf(bounds, 4 * size);
            }
            bounds[2 * size] = from;
            bounds[2 * size + 1] = end;
            size++;
        }

        int size() {
            return size;
        }

        long from(int i) {
            return bounds[2 * i];
        }

        long end(int i) {
            return bounds[2 * i + 1];
        }

        Ranges children() {
            Ranges children = new Ranges();
            for (int i = 0; i < size; i++) {
                children.add(from(i) << Rollup.BITS_PER_LEVEL, end(i) << Rollup.BITS_PER_LEVEL);
            }
            return children;
        }
    }
}
