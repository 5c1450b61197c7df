package dev.millrace.central;

import dev.millrace.metrics.RunInfo;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One transaction that brings a run nearer to what its file says: asks how far the database is, reads the file from there,
 * stores. Who copies the same run at the same time waits for the other, and then finds less to do.
 */
final class RunPush {
    private static final String LOCK = "SELECT pg_advisory_xact_lock(?)";
    private static final String SELECT_RUN = "SELECT run_id FROM metric_run WHERE run_uuid = ?";
    private static final String SELECT_PROGRESS = """
            SELECT
              coalesce((SELECT max(seq) FROM metric_event WHERE run_id = ?), 0),
              coalesce(
                (SELECT min(seq) FROM metric_stage WHERE run_id = ? AND status = 'running'),
                (SELECT max(seq) FROM metric_stage WHERE run_id = ?),
                0),
              coalesce((SELECT max(seq) FROM metric_supersession WHERE run_id = ?), 0)""";
    private static final String SELECT_SERIES = """
            SELECT s.kind, s.name, s.scope, s.series_id, s.unit, coalesce(CASE s.kind
              WHEN 'epoch' THEN (SELECT max(seq) FROM metric_epoch_point p WHERE p.series_id = s.series_id)
              WHEN 'generation' THEN (SELECT max(seq) FROM metric_generation p WHERE p.series_id = s.series_id)
              ELSE (SELECT max(seq) FROM metric_point p WHERE p.series_id = s.series_id) END, 0)
            FROM metric_series s WHERE s.run_id = ?""";
    private static final String UPSERT_RUN = """
            INSERT INTO metric_run (run_uuid, name, status, started_ms, ended_ms, heartbeat_ms, host, process_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_uuid) DO UPDATE SET
              status = excluded.status, ended_ms = excluded.ended_ms, heartbeat_ms = excluded.heartbeat_ms,
              host = excluded.host, process_id = excluded.process_id
            RETURNING run_id""";
    private static final String UPSERT_PARAM = """
            INSERT INTO metric_param (run_id, name, value) VALUES (?, ?, ?)
            ON CONFLICT (run_id, name) DO UPDATE SET value = excluded.value WHERE metric_param.value <> excluded.value""";
    private static final String INSERT_TAG =
            "INSERT INTO metric_tag (run_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING";
    private static final String UPSERT_SERIES = """
            INSERT INTO metric_series (producer, run_id, kind, name, scope, unit) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (producer) DO UPDATE SET unit = excluded.unit
            RETURNING series_id""";
    private static final String INSERT_EVENT = """
            INSERT INTO metric_event (run_id, seq, time_ms, level, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""";
    private static final String UPSERT_STAGE = """
            INSERT INTO metric_stage (run_id, seq, name, status, started_ms, duration_seconds) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, seq) DO UPDATE SET
              status = excluded.status, duration_seconds = excluded.duration_seconds
            WHERE metric_stage.status <> excluded.status""";
    private static final String INSERT_SUPERSESSION = """
            INSERT INTO metric_supersession (run_id, seq, time_ms, after_step) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING""";
    private static final String SUPERSEDE_POINTS = """
            UPDATE metric_point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM metric_series WHERE run_id = ? AND kind = 'step')
              AND step > ? AND superseded = 0""";
    private static final String SUPERSEDE_EPOCH_POINTS = """
            UPDATE metric_epoch_point SET superseded = 1
            WHERE series_id IN (SELECT series_id FROM metric_series WHERE run_id = ? AND kind = 'epoch')
              AND step > ? AND superseded = 0""";

    private final MetricsFile file;
    private final RunInfo run;
    private final int mostPoints;

    RunPush(MetricsFile file, RunInfo run, int mostPoints) {
        this.file = file;
        this.run = run;
        this.mostPoints = mostPoints;
    }

    /**
     * What a transaction did.
     *
     * @param complete whether nothing was left to do
     */
    record Outcome(CentralCounts counts, boolean complete) {}

    /** Does one step; in a transaction. */
    Outcome step(Connection connection) throws SQLException {
        UUID uuid = run.uuid();
        query(connection, LOCK, uuid.getMostSignificantBits() ^ uuid.getLeastSignificantBits());
        Long known = query(connection, SELECT_RUN, uuid);
        SeriesIds series = new SeriesIds();
        MetricsFile.Progress progress =
                known == null ? MetricsFile.Progress.NOTHING : progress(connection, known, series);
        MetricsFile.News news = file.news(run.id(), progress, series, mostPoints);

        long runId = putRun(connection);
        long others = putWords(connection, runId);
        putSeries(connection, runId, news.series(), series);
        // Before the points: the newer ones among them are not concerned.
        for (MetricsFile.Supersession back : news.supersessions()) {
            update(connection, SUPERSEDE_POINTS, runId, back.afterStep());
            update(connection, SUPERSEDE_EPOCH_POINTS, runId, back.afterStep());
            update(connection, INSERT_SUPERSESSION, runId, back.seq(), back.timeMillis(), back.afterStep());
        }
        for (MetricsFile.Event event : news.events()) {
            others += update(
                    connection,
                    INSERT_EVENT,
                    runId,
                    event.seq(),
                    event.timeMillis(),
                    text(event.level()),
                    text(event.text()));
        }
        for (MetricsFile.Stage stage : news.stages()) {
            others += update(
                    connection,
                    UPSERT_STAGE,
                    runId,
                    stage.seq(),
                    text(stage.name()),
                    stage.status(),
                    stage.startedMillis(),
                    stage.seconds());
        }
        long points = 0;
        for (PointColumns columns : news.points()) {
            points += columns.insert(connection, series);
        }
        return new Outcome(new CentralCounts(points, others, 1, 0, 0), news.complete());
    }

    private static MetricsFile.Progress progress(Connection connection, long runId, SeriesIds series)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELECT_SERIES)) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    SeriesKey key = new SeriesKey(row.getString(1), row.getString(2), row.getString(3));
                    series.put(key, row.getLong(4), row.getString(5), row.getLong(6));
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(SELECT_PROGRESS)) {
            for (int i = 1; i <= 4; i++) {
                statement.setLong(i, runId);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new MetricsFile.Progress(row.getLong(1), row.getLong(2), row.getLong(3));
            }
        }
    }

    private long putRun(Connection connection) throws SQLException {
        Long id = query(
                connection,
                UPSERT_RUN,
                run.uuid(),
                text(run.name()),
                run.status().name().toLowerCase(Locale.ROOT),
                run.startedAt().toEpochMilli(),
                run.endedAt() == null ? null : run.endedAt().toEpochMilli(),
                run.lastSeenAt().toEpochMilli(),
                text(run.host()),
                run.processId());
        if (id == null) {
            throw new IllegalStateException("A run that was stored has no key.");
        }
        return id;
    }

    private long putWords(Connection connection, long runId) throws SQLException {
        long changed = 0;
        for (Map.Entry<String, String> param : run.params().entrySet()) {
            changed += update(connection, UPSERT_PARAM, runId, text(param.getKey()), text(param.getValue()));
        }
        for (String tag : run.tags()) {
            changed += update(connection, INSERT_TAG, runId, text(tag));
        }
        return changed;
    }

    private void putSeries(Connection connection, long runId, Map<SeriesKey, String> found, SeriesIds series)
            throws SQLException {
        for (Map.Entry<SeriesKey, String> entry : found.entrySet()) {
            SeriesKey key = entry.getKey();
            if (!series.has(key, text(entry.getValue()))) {
                Long id = query(
                        connection,
                        UPSERT_SERIES,
                        key.producer(run.uuid()),
                        runId,
                        key.kind(),
                        text(key.name()),
                        text(key.scope()),
                        text(entry.getValue()));
                if (id != null) {
                    series.put(key, id, entry.getValue(), series.lastNumber(key));
                }
            }
        }
    }

    /** PostgreSQL has no zero character, and no half of a surrogate pair. */
    static String text(String any) {
        String text = any.replace('\0', '\uFFFD');
        return text.codePoints().noneMatch(RunPush::isHalf)
                ? text
                : text.codePoints()
                        .map(point -> isHalf(point) ? 0xFFFD : point)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static @Nullable Long query(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (ResultSet row = statement.executeQuery()) {
                // What the lock returns is of type void.
                return row.next() && row.getMetaData().getColumnType(1) == Types.BIGINT ? (Long) row.getLong(1) : null;
            }
        }
    }

    private static long update(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
