package dev.millrace.metrics;

import dev.millrace.metrics.MetricsFilter.Range;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * First the series, of which there are few; then, of each, the stretch of its points that the rollups point to. So no query
 * walks through the points of series that are not asked for, or through the whole of a long one for a few of its steps.
 */
/** Reads values by a filter. Used once; one thread. */
final class PointQuery {
    private static final String POINTS = """
            SELECT number, time_ms, step, NULL, NULL, value, flag, superseded FROM point
            WHERE series_id = ? AND number BETWEEN ? AND ?""";
    private static final String EPOCH_POINTS = """
            SELECT number, time_ms, step, round_number, epoch_number, value, flag, superseded FROM epoch_point
            WHERE series_id = ? AND number BETWEEN ? AND ?""";

    private final Connection connection;
    private final MetricsFilter filter;

    PointQuery(Connection connection, MetricsFilter filter) {
        this.connection = connection;
        this.filter = filter;
    }

    /** Takes the values, one after the other; returns false when it wants no more. */
    interface Taker {
        boolean take(MetricPoint point);
    }

    void run(Taker taker) throws SQLException {
        if (isEmpty(filter.runIds())
                || isEmpty(filter.names())
                || isEmpty(filter.scopes())
                || isEmpty(filter.rounds())
                || isEmpty(filter.epochs())) {
            return;
        }
        boolean more = true;
        for (SeriesInfo series : series()) {
            more = more && read(series, taker);
        }
    }

    static String seriesSql(MetricsFilter filter) {
        return "SELECT series_id, run_id, name, scope, unit FROM series WHERE kind = ?"
                + in("name", filter.names())
                + in("scope", filter.scopes())
                + in("run_id", filter.runIds())
                + " ORDER BY run_id, name, scope";
    }

    static String pointsSql(MetricsFilter filter) {
        return (filter.kind() == SeriesKind.EPOCH ? EPOCH_POINTS : POINTS)
                + (filter.includesSuperseded() ? "" : " AND superseded = 0")
                + (filter.includesNotFinite() ? "" : " AND flag = 0")
                + (filter.times().isAll() ? "" : " AND time_ms BETWEEN ? AND ?")
                + (filter.steps().isAll() ? "" : " AND step BETWEEN ? AND ?")
                + in("round_number", filter.rounds())
                + in("epoch_number", filter.epochs())
                + " ORDER BY number";
    }

    private static String in(String column, @Nullable List<?> values) {
        return values == null ? "" : " AND " + column + " IN (?" + ", ?".repeat(values.size() - 1) + ")";
    }

    private List<SeriesInfo> series() throws SQLException {
        List<SeriesInfo> found = new ArrayList<>();
        if (filter.kind() != SeriesKind.EPOCH && (filter.rounds() != null || filter.epochs() != null)) {
            return found;
        }
        try (PreparedStatement select = connection.prepareStatement(seriesSql(filter))) {
            int place = 1;
            select.setString(place++, filter.kind().stored());
            place = bind(select, place, filter.names());
            place = bind(select, place, filter.scopes());
            bind(select, place, filter.runIds());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new SeriesInfo(
                            row.getLong(1),
                            row.getLong(2),
                            filter.kind(),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            0));
                }
            }
        }
        return found;
    }

    private boolean read(SeriesInfo series, Taker taker) throws SQLException {
        Range numbers = numbers(series.id());
        if (numbers == null) {
            return true;
        }
        try (PreparedStatement select = connection.prepareStatement(pointsSql(filter))) {
            int place = 1;
            select.setLong(place++, series.id());
            place = bind(select, place, numbers);
            place = filter.times().isAll() ? place : bind(select, place, filter.times());
            place = filter.steps().isAll() ? place : bind(select, place, filter.steps());
            place = bind(select, place, filter.rounds());
            bind(select, place, filter.epochs());
            try (ResultSet row = select.executeQuery()) {
                boolean more = true;
                while (more && row.next()) {
                    more = taker.take(point(series, row));
                }
                return more;
            }
        }
    }

    /** Where to look in a series; null for nowhere. Rollups know nothing of superseded points. */
    private @Nullable Range numbers(long seriesId) throws SQLException {
        Range numbers = Range.ALL;
        if (filter.kind() == SeriesKind.EPOCH || filter.includesSuperseded()) {
            return numbers;
        }
        if (!filter.times().isAll()) {
            numbers = within(numbers, seriesId, "time_ms", filter.times());
        }
        if (numbers != null && !filter.steps().isAll()) {
            numbers = within(numbers, seriesId, "step", filter.steps());
        }
        return numbers;
    }

    private @Nullable Range within(Range numbers, long seriesId, String axis, Range range) throws SQLException {
        try (Statements statements = new Statements(connection)) {
            RollupSearch search = new RollupSearch(statements, seriesId, axis);
            Long first = search.firstFrom(range.from());
            Long last = search.lastUpTo(range.to());
            return first == null || last == null
                    ? null
                    : new Range(Math.max(numbers.from(), first), Math.min(numbers.to(), last));
        }
    }

    private static MetricPoint point(SeriesInfo series, ResultSet row) throws SQLException {
        return new MetricPoint(
                series.runId(),
                series.kind(),
                series.name(),
                series.scope(),
                series.unit(),
                row.getLong(1),
                row.getLong(2),
                whole(row, 3),
                small(row, 4),
                small(row, 5),
                StoredValue.read(row, 6),
                row.getInt(8) != 0);
    }

    private static @Nullable Long whole(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Integer small(ResultSet row, int column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    private static int bind(PreparedStatement select, int place, Range range) throws SQLException {
        select.setLong(place, range.from());
        select.setLong(place + 1, range.to());
        return place + 2;
    }

    private static int bind(PreparedStatement select, int place, @Nullable List<?> values) throws SQLException {
        int next = place;
        if (values != null) {
            for (Object value : values) {
                select.setObject(next++, value);
            }
        }
        return next;
    }

    private static boolean isEmpty(@Nullable List<?> values) {
        return values != null && values.isEmpty();
    }
}
