package dev.millrace.metrics;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes values: the rows of the series, of their points and of the rollups over them. What it remembers is right for the
 * transactions of its connection as long as none is undone; then it must be given up.
 */
final class PointRows implements AutoCloseable {
    private static final String INSERT_SERIES =
            "INSERT INTO series (kind, name, scope, unit, run_id) VALUES (?, ?, ?, ?, ?)";
    private static final String SELECT_SERIES =
            "SELECT series_id FROM series WHERE kind = ? AND name = ? AND scope = ? AND run_id = ?";
    private static final String NAME_UNIT = "UPDATE series SET unit = ? WHERE series_id = ? AND unit = ''";
    private static final String INSERT_POINT =
            "INSERT INTO point (series_id, number, time_ms, step, value, flag) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String INSERT_EPOCH_POINT = """
            INSERT INTO epoch_point (series_id, number, time_ms, step, round_number, epoch_number, value, flag)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String INSERT_GENERATION = """
            INSERT INTO generation (series_id, number, time_ms, round_number, chunk_number, started_ms, duration_seconds,
                samples_generated, memory_used_mb)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Statements statements;
    private final PreparedStatement insertPoint;
    private final PreparedStatement insertEpochPoint;
    private final RollupRows rollups;
    private final Map<SeriesKey, Series> seriesByKey = new HashMap<>();
    private boolean pending;

    PointRows(Statements statements) throws SQLException {
        this.statements = statements;
        this.insertPoint = statements.prepare(INSERT_POINT);
        this.insertEpochPoint = statements.prepare(INSERT_EPOCH_POINT);
        this.rollups = new RollupRows(statements.connection());
    }

    void insert(MetricRecord.StepPoint point) throws SQLException {
        Series series = series(Kind.STEP, point.name(), "", "", point.runId());
        insert(series, point.timeMillis(), point.step(), point.value());
    }

    void insert(MetricRecord.ResourcePoint point) throws SQLException {
        Series series = series(Kind.RESOURCE, point.name(), point.type(), point.unit(), point.runId());
        insert(series, point.timeMillis(), null, point.value());
    }

    private void insert(Series series, long timeMillis, @Nullable Long step, double value) throws SQLException {
        insertPoint.setLong(1, series.id);
        insertPoint.setLong(2, series.nextNumber);
        insertPoint.setLong(3, timeMillis);
        if (step == null) {
            insertPoint.setNull(4, Types.INTEGER);
        } else {
            insertPoint.setLong(4, step);
        }
        StoredValue.bind(insertPoint, 5, value);
        insertPoint.addBatch();
        pending = true;
        series.tree.add(series.nextNumber++, step, timeMillis, value, rollups);
    }

    void insert(MetricRecord.EpochPoint point) throws SQLException {
        EpochMetric metric = point.metric();
        Series series = series(Kind.EPOCH, metric.name(), metric.phase(), "", point.runId());
        insertEpochPoint.setLong(1, series.id);
        insertEpochPoint.setLong(2, series.nextNumber);
        insertEpochPoint.setLong(3, point.timeMillis());
        insertEpochPoint.setLong(4, point.step());
        insertEpochPoint.setInt(5, metric.round());
        insertEpochPoint.setInt(6, metric.epoch());
        StoredValue.bind(insertEpochPoint, 7, metric.value());
        insertEpochPoint.addBatch();
        pending = true;
        series.nextNumber++;
    }

    void insert(MetricRecord.GenerationPoint point) throws SQLException {
        Generation generation = point.generation();
        Series series = series(Kind.GENERATION, generation.operation(), "", "", point.runId());
        // The driver makes NULL of NaN, which is what "not measured" is here.
        statements.update(
                INSERT_GENERATION,
                series.id,
                series.nextNumber,
                point.timeMillis(),
                generation.round(),
                generation.chunk(),
                generation.startedAt().toEpochMilli(),
                generation.durationSeconds(),
                generation.samples(),
                generation.memoryMb());
        series.nextNumber++;
    }

    void supersede(MetricRecord.Superseded superseded) throws SQLException {
        flush();
        new Supersession(statements, rollups).apply(superseded);
        // The rollups that are not full yet have changed.
        seriesByKey.clear();
    }

    /** Executes what was put off. */
    void flush() throws SQLException {
        if (pending) {
            pending = false;
            insertPoint.executeBatch();
            insertEpochPoint.executeBatch();
            rollups.flush();
        }
    }

    @Override
    public void close() throws SQLException {
        rollups.close();
    }

    private Series series(Kind kind, String name, String scope, String unit, long runId) throws SQLException {
        SeriesKey key = new SeriesKey(kind, name, scope, runId);
        Series series = seriesByKey.get(key);
        if (series == null) {
            series = load(key, unit);
            seriesByKey.put(key, series);
        }
        if (!series.unitNamed && !unit.isEmpty()) {
            statements.update(NAME_UNIT, unit, series.id);
            series.unitNamed = true;
        }
        return series;
    }

    private Series load(SeriesKey key, String unit) throws SQLException {
        String stored = key.kind.stored;
        Long id = statements.queryLong(SELECT_SERIES, stored, key.name, key.scope, key.runId);
        if (id == null) {
            statements.update(INSERT_SERIES, stored, key.name, key.scope, unit, key.runId);
            id = statements.queryLong(SELECT_SERIES, stored, key.name, key.scope, key.runId);
        }
        long known = Objects.requireNonNull(id, "the series just inserted");
        Long last = statements.queryLong("SELECT max(number) FROM " + key.kind.table + " WHERE series_id = ?", known);
        long count = last == null ? 0 : last;
        RollupTree tree = key.kind.table.equals("point")
                ? RollupTree.restore(statements.connection(), known, count)
                : RollupTree.empty(known);
        return new Series(known, tree, count + 1);
    }

    /** What a series consists of, and the table that has its points. */
    private enum Kind {
        STEP("step", "point"),
        RESOURCE("resource", "point"),
        EPOCH("epoch", "epoch_point"),
        GENERATION("generation", "generation");

        private final String stored;
        private final String table;

        Kind(String stored, String table) {
            this.stored = stored;
            this.table = table;
        }
    }

    private record SeriesKey(Kind kind, String name, String scope, long runId) {}

    private static final class Series {
        private final long id;
        private final RollupTree tree;
        private long nextNumber;
        private boolean unitNamed;

        Series(long id, RollupTree tree, long nextNumber) {
            this.id = id;
            this.tree = tree;
            this.nextNumber = nextNumber;
        }
    }
}
