package dev.millrace.metrics;

import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the points of a series and draws them together. */
final class EnvelopeQuery {
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
        EnvelopeQuery query = new EnvelopeQuery(series, axis, from, to);
        return drawTogether(query.points(database), buckets);
    }

    private List<Point> points(Database database) {
        return database.read("Cannot read series '" + series.name() + "'", connection -> {
            List<Point> points = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql())) {
                statement.setLong(1, series.id());
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        add(points, row);
                    }
                }
            }
            points.sort(Comparator.comparingDouble(Point::at));
            return points;
        });
    }

    private void add(List<Point> points, ResultSet row) throws SQLException {
        double at = row.getDouble(1);
        if (!row.wasNull() && at >= from && at <= to) {
            points.add(new Point(at, StoredValue.read(row, 2)));
        }
    }

    private String sql() {
        boolean ofEpochs = series.kind() == SeriesKind.EPOCH;
        String place = switch (axis) {
            case TIME -> "time_ms";
            case STEP -> series.kind() == SeriesKind.GENERATION ? "NULL" : "step";
            case EPOCH -> ofEpochs ? "epoch_number" : "NULL";
        };
        return switch (series.kind()) {
            case STEP, RESOURCE ->
                "SELECT " + place + ", value, flag FROM point WHERE series_id = ? AND superseded = 0 ORDER BY number";
            case EPOCH ->
                "SELECT " + place
                        + ", value, flag FROM epoch_point WHERE series_id = ? AND superseded = 0 ORDER BY number";
            case GENERATION ->
                "SELECT " + place
                        + ", duration_seconds, duration_seconds IS NULL FROM generation WHERE series_id = ? ORDER BY number";
        };
    }

    private static Envelope drawTogether(List<Point> points, int buckets) {
        Envelope.Builder envelope = new Envelope.Builder();
        if (points.size() <= buckets) {
            points.forEach(point -> envelope.addPoint(point.at, point.value));
            return envelope.build();
        }
        for (int bucket = 0; bucket < buckets; bucket++) {
            int first = (int) ((long) points.size() * bucket / buckets);
            int end = (int) ((long) points.size() * (bucket + 1) / buckets);
            addBucket(envelope, points.subList(first, end));
        }
        return envelope.build();
    }

    private static void addBucket(Envelope.Builder envelope, List<Point> points) {
        double min = Double.NaN;
        double max = Double.NaN;
        double sum = 0;
        long finite = 0;
        for (Point point : points) {
            if (Double.isFinite(point.value)) {
                min = finite == 0 ? point.value : Math.min(min, point.value);
                max = finite == 0 ? point.value : Math.max(max, point.value);
                sum += point.value;
                finite++;
            }
        }
        Point first = points.get(0);
        Point last = points.get(points.size() - 1);
        envelope.add(
                first.at,
                last.at,
                shown(first.value),
                min,
                max,
                shown(last.value),
                finite == 0 ? Double.NaN : sum / finite,
                points.size(),
                points.size() - finite);
    }

    private static double shown(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }

    private record Point(double at, double value) {}
}
