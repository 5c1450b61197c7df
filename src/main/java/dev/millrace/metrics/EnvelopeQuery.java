package dev.millrace.metrics;

import dev.millrace.metrics.RollupDescent.Node;
import dev.millrace.sqlite.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a series, in one read transaction, and draws it together. */
final class EnvelopeQuery {
    private static final Comparator<Node> IN_ORDER =
            Comparator.comparingDouble(Node::from).thenComparingLong(Node::firstNumber);

    private final SeriesInfo series;
    private final Axis axis;
    private final double from;
    private final double to;

    private EnvelopeQuery(SeriesInfo series, Axis axis, double from, double to) {
        this.series = series;
        this.axis = axis;
        this.from = from;
        this.to = to;
    }

    static Envelope run(Database database, SeriesInfo series, Axis axis, double from, double to, int buckets) {
        if (buckets < 1) {
            throw new IllegalArgumentException("Expected at least 1 bucket, found " + buckets + ".");
        }
        if (Double.isNaN(from) || Double.isNaN(to)) {
            throw new IllegalArgumentException("Expected a range, found " + from + " to " + to + ".");
        }
        EnvelopeQuery query = new EnvelopeQuery(series, axis, from, to);
        List<Node> nodes = database.readTogether(
                "Cannot read series '" + series.name() + "'", connection -> query.nodes(connection, buckets));
        nodes.sort(IN_ORDER);
        return drawTogether(nodes, buckets);
    }

    private List<Node> nodes(Connection connection, int buckets) throws SQLException {
        String place = place();
        if (place == null) {
            return new ArrayList<>();
        }
        return switch (series.kind()) {
            case STEP, RESOURCE -> new RollupDescent(connection, series.id(), place, from, to).run(buckets);
            case EPOCH ->
                points(
                        connection,
                        "SELECT " + place + ", value, flag, number FROM epoch_point"
                                + " WHERE series_id = ? AND superseded = 0 ORDER BY number");
            case GENERATION ->
                points(
                        connection,
                        "SELECT " + place + ", duration_seconds, duration_seconds IS NULL, number FROM generation"
                                + " WHERE series_id = ? ORDER BY number");
        };
    }

    /** The column of the axis; null if the series has no place on it. */
    private @Nullable String place() {
        return switch (axis) {
            case TIME -> "time_ms";
            case STEP -> series.kind() == SeriesKind.STEP || series.kind() == SeriesKind.EPOCH ? "step" : null;
            case EPOCH -> series.kind() == SeriesKind.EPOCH ? "epoch_number" : null;
        };
    }

    private List<Node> points(Connection connection, String sql) throws SQLException {
        List<Node> points = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, series.id());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    double at = row.getDouble(1);
                    if (at >= from && at <= to) {
                        points.add(Node.ofPoint(row.getLong(4), at, StoredValue.read(row, 2)));
                    }
                }
            }
        }
        return points;
    }

    /** Joins neighbours into buckets of about the same number of points. */
    private static Envelope drawTogether(List<Node> nodes, int buckets) {
        Envelope.Builder envelope = new Envelope.Builder();
        long total = nodes.stream().mapToLong(Node::count).sum();
        boolean join = nodes.size() > buckets;
        long before = 0;
        int start = 0;
        while (start < nodes.size()) {
            long bucket = join ? bucketOf(before, buckets, total) : 0;
            int end = start;
            do {
                before += nodes.get(end++).count();
            } while (join && end < nodes.size() && bucketOf(before, buckets, total) == bucket);
            addBucket(envelope, nodes.subList(start, end));
            start = end;
        }
        return envelope.build();
    }

    private static long bucketOf(long pointsBefore, int buckets, long total) {
        return (long) ((double) pointsBefore * buckets / total);
    }

    private static void addBucket(Envelope.Builder envelope, List<Node> nodes) {
        double min = Double.NaN;
        double max = Double.NaN;
        double sum = 0;
        double end = Double.NEGATIVE_INFINITY;
        long count = 0;
        long notFinite = 0;
        for (Node node : nodes) {
            if (node.count() > node.notFinite()) {
                boolean firstFinite = count == notFinite;
                min = firstFinite ? node.min() : Math.min(min, node.min());
                max = firstFinite ? node.max() : Math.max(max, node.max());
                sum += node.sum();
            }
            end = Math.max(end, node.to());
            count += node.count();
            notFinite += node.notFinite();
        }
        Node first = nodes.get(0);
        Node last = nodes.get(nodes.size() - 1);
        double mean = count == notFinite ? Double.NaN : sum / (count - notFinite);
        envelope.add(first.from(), end, first.first(), min, max, last.last(), mean, count, notFinite);
    }
}
