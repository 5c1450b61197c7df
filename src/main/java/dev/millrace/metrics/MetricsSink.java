package dev.millrace.metrics;

import dev.millrace.sqlite.RecordSink;
import dev.millrace.sqlite.WriteQueueCounts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes records as rows. One writer thread; see {@link RecordSink}. */
final class MetricsSink implements RecordSink<MetricRecord> {
    private static final long HEARTBEAT_MILLIS = 10_000;

    private static final String INSERT_RUN = """
            INSERT INTO run (run_id, run_uuid, name, status, started_ms, heartbeat_ms, host, user_name, process_id,
                process_started_ms)
            VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?)""";
    private static final String RESUME_RUN = """
            UPDATE run
            SET status = 'running', ended_ms = NULL, heartbeat_ms = ?, host = ?, user_name = ?, process_id = ?,
                process_started_ms = ?
            WHERE run_id = ?""";
    private static final String END_RUN = "UPDATE run SET status = ?, ended_ms = ?, heartbeat_ms = ? WHERE run_id = ?";
    private static final String INTERRUPT_RUNS = """
            UPDATE run SET status = 'interrupted', ended_ms = ?, heartbeat_ms = ?
            WHERE status = 'running' AND process_id = ? AND process_started_ms = ?""";
    private static final String BEAT = "UPDATE run SET heartbeat_ms = max(heartbeat_ms, ?) WHERE run_id = ?";
    private static final String INSERT_PARAM = "INSERT OR REPLACE INTO param (run_id, name, value) VALUES (?, ?, ?)";
    private static final String INSERT_TAG = "INSERT OR IGNORE INTO tag (run_id, tag) VALUES (?, ?)";
    private static final String INSERT_STAGE =
            "INSERT INTO stage (stage_id, run_id, name, status, started_ms) VALUES (?, ?, ?, 'running', ?)";
    private static final String END_STAGE =
            "UPDATE stage SET status = ?, duration_seconds = ? WHERE stage_id = ? AND status = 'running'";
    private static final String FAIL_STAGES = """
            UPDATE stage SET status = 'failed', duration_seconds = max(0, ? - started_ms) / 1000.0
            WHERE run_id = ? AND status = 'running'""";
    // Nobody knows when the process died in which they began.
    private static final String FAIL_STAGES_LEFT =
            "UPDATE stage SET status = 'failed' WHERE run_id = ? AND status = 'running'";
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
    private static final String INSERT_EVENT = "INSERT INTO event (run_id, time_ms, level, text) VALUES (?, ?, ?, ?)";
    static final String SUPERSEDE_POINTS = """
            UPDATE point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM series WHERE run_id = ? AND kind = 'step')
              AND step > ? AND superseded = 0""";
    static final String SUPERSEDE_EPOCH_POINTS = """
            UPDATE epoch_point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM series WHERE run_id = ? AND kind = 'epoch')
              AND step > ? AND superseded = 0""";
    private static final String INSERT_SUPERSESSION =
            "INSERT INTO supersession (run_id, time_ms, after_step) VALUES (?, ?, ?)";
    private static final String PUT_DROPPED = """
            INSERT INTO dropped (opened_ms, source, stream, time_ms, dropped, rejected)
            VALUES (?, 'queue', 'training', ?, ?, ?)
            ON CONFLICT (opened_ms, source, stream) DO UPDATE SET
              time_ms = excluded.time_ms, dropped = excluded.dropped, rejected = excluded.rejected""";

    private final Connection connection;
    private final long openedMillis;
    private final List<PreparedStatement> statements = new ArrayList<>();
    private final PreparedStatement insertPoint;
    private final PreparedStatement insertEpochPoint;
    private final Map<SeriesKey, Series> seriesByKey = new HashMap<>();
    private final Set<Long> touchedRuns = new HashSet<>();
    private long lastTimeMillis;
    private long lastBeatMillis;
    private long lostBefore;
    private boolean pending;

    /** @param openedMillis when the store was opened: the key under which losses are counted */
    MetricsSink(Connection connection, long openedMillis) throws SQLException {
        this.connection = connection;
        this.openedMillis = openedMillis;
        this.insertPoint = prepare(INSERT_POINT);
        this.insertEpochPoint = prepare(INSERT_EPOCH_POINT);
    }

    @Override
    public void write(MetricRecord record) throws SQLException {
        if (record instanceof MetricRecord.StepPoint point) {
            insertPoint(series(Kind.STEP, point.name(), "", "", point.runId()), point, point.step(), point.value());
        } else if (record instanceof MetricRecord.ResourcePoint point) {
            Series series = series(Kind.RESOURCE, point.name(), point.type(), point.unit(), point.runId());
            insertPoint(series, point, null, point.value());
        } else if (record instanceof MetricRecord.EpochPoint point) {
            insertEpochPoint(point);
        } else if (record instanceof MetricRecord.GenerationPoint point) {
            insertGeneration(point);
        } else if (record instanceof MetricRecord.Event event) {
            update(INSERT_EVENT, event.runId(), event.timeMillis(), event.level(), event.text());
        } else if (record instanceof MetricRecord.RunStarted start) {
            startRun(start);
        } else if (record instanceof MetricRecord.RunResumed resumed) {
            resumeRun(resumed);
        } else if (record instanceof MetricRecord.Superseded superseded) {
            flush();
            update(SUPERSEDE_POINTS, superseded.runId(), superseded.afterStep());
            update(SUPERSEDE_EPOCH_POINTS, superseded.runId(), superseded.afterStep());
            update(INSERT_SUPERSESSION, superseded.runId(), superseded.timeMillis(), superseded.afterStep());
        } else if (record instanceof MetricRecord.RunEnded end) {
            update(FAIL_STAGES, end.timeMillis(), end.runId());
            update(END_RUN, end.status().stored(), end.timeMillis(), end.timeMillis(), end.runId());
        } else if (record instanceof MetricRecord.StageStarted stage) {
            update(INSERT_STAGE, stage.stageId(), stage.runId(), stage.name(), stage.timeMillis());
        } else if (record instanceof MetricRecord.StageEnded stage) {
            StageStatus status = stage.failed() ? StageStatus.FAILED : StageStatus.DONE;
            update(END_STAGE, status.stored(), stage.durationSeconds(), stage.stageId());
        } else if (record instanceof MetricRecord.Param param) {
            update(INSERT_PARAM, param.runId(), param.name(), param.value());
        } else if (record instanceof MetricRecord.Tag tag) {
            update(INSERT_TAG, tag.runId(), tag.tag());
        }
        lastTimeMillis = record.timeMillis();
        touchedRuns.add(record.runId());
    }

    @Override
    public void flush() throws SQLException {
        if (pending) {
            pending = false;
            insertPoint.executeBatch();
            insertEpochPoint.executeBatch();
        }
    }

    @Override
    public void endBatch(WriteQueueCounts counts) throws SQLException {
        if (Math.abs(lastTimeMillis - lastBeatMillis) >= HEARTBEAT_MILLIS) {
            for (long runId : touchedRuns) {
                update(BEAT, lastTimeMillis, runId);
            }
            touchedRuns.clear();
            lastBeatMillis = lastTimeMillis;
        }
        long lost = counts.dropped() + counts.rejected();
        if (lost != lostBefore) {
            update(PUT_DROPPED, openedMillis, lastTimeMillis, counts.dropped(), counts.rejected());
            lostBefore = lost;
        }
    }

    @Override
    public void endOfProcess() throws SQLException {
        Origin origin = Origin.ofThisProcess();
        long now = System.currentTimeMillis();
        update(INTERRUPT_RUNS, now, now, origin.processId(), origin.processStartedMillis());
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements) {
            statement.close();
        }
    }

    private void startRun(MetricRecord.RunStarted start) throws SQLException {
        Origin origin = start.origin();
        update(
                INSERT_RUN,
                start.runId(),
                start.runUuid().toString(),
                start.name(),
                start.timeMillis(),
                start.timeMillis(),
                origin.host(),
                origin.user(),
                origin.processId(),
                origin.processStartedMillis());
        putParams(start.runId(), start.params());
    }

    private void resumeRun(MetricRecord.RunResumed resumed) throws SQLException {
        Origin origin = resumed.origin();
        update(
                RESUME_RUN,
                resumed.timeMillis(),
                origin.host(),
                origin.user(),
                origin.processId(),
                origin.processStartedMillis(),
                resumed.runId());
        update(FAIL_STAGES_LEFT, resumed.runId());
        putParams(resumed.runId(), resumed.params());
    }

    private void putParams(long runId, Map<String, String> params) throws SQLException {
        for (Map.Entry<String, String> param : params.entrySet()) {
            update(INSERT_PARAM, runId, param.getKey(), param.getValue());
        }
    }

    private void insertPoint(Series series, MetricRecord record, @Nullable Long step, double value)
            throws SQLException {
        insertPoint.setLong(1, series.id);
        insertPoint.setLong(2, series.nextNumber);
        insertPoint.setLong(3, record.timeMillis());
        if (step == null) {
            insertPoint.setNull(4, Types.INTEGER);
        } else {
            insertPoint.setLong(4, step);
        }
        StoredValue.bind(insertPoint, 5, value);
        insertPoint.addBatch();
        pending = true;
        series.nextNumber++;
    }

    private void insertEpochPoint(MetricRecord.EpochPoint point) throws SQLException {
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

    private void insertGeneration(MetricRecord.GenerationPoint point) throws SQLException {
        Generation generation = point.generation();
        Series series = series(Kind.GENERATION, generation.operation(), "", "", point.runId());
        // The driver makes NULL of NaN, which is what "not measured" is here.
        update(
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

    private Series series(Kind kind, String name, String scope, String unit, long runId) throws SQLException {
        SeriesKey key = new SeriesKey(kind, name, scope, runId);
        Series series = seriesByKey.get(key);
        if (series == null) {
            String stored = kind.stored;
            Long id = queryLong(SELECT_SERIES, stored, name, scope, runId);
            if (id == null) {
                update(INSERT_SERIES, stored, name, scope, unit, runId);
                id = queryLong(SELECT_SERIES, stored, name, scope, runId);
            }
            long known = Objects.requireNonNull(id, "the series just inserted");
            Long last = queryLong("SELECT max(number) FROM " + kind.table + " WHERE series_id = ?", known);
            series = new Series(known, last == null ? 1 : last + 1);
            seriesByKey.put(key, series);
        }
        if (!series.unitNamed && !unit.isEmpty()) {
            update(NAME_UNIT, unit, series.id);
            series.unitNamed = true;
        }
        return series;
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statements.add(statement);
        return statement;
    }

    private void update(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            statement.executeUpdate();
        }
    }

    private @Nullable Long queryLong(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                long value = row.getLong(1);
                return row.wasNull() ? null : value;
            }
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
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
        private long nextNumber;
        private boolean unitNamed;

        Series(long id, long nextNumber) {
            this.id = id;
            this.nextNumber = nextNumber;
        }
    }
}
