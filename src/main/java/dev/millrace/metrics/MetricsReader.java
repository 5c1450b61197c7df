package dev.millrace.metrics;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads a metrics file, also while it is being written and after a crash. Sees whole batches only. Superseded values are left
 * out.
 *
 * <p>One thread at a time; who opens it closes it. Each method is one short read, so that it does not hold up the writer's
 * checkpoints. A series costs one range of the table {@code point}, whatever else is in the file.
 */
public final class MetricsReader implements AutoCloseable {
    static final String RUNS = """
            SELECT run_id, name, status, started_ms, ended_ms, heartbeat_ms, host, user_name, process_id, process_started_ms,
              run_uuid
            FROM run ORDER BY run_id""";
    /** Followers ask for one run several times a second: what the others were set to must not cost them. */
    static final String RUN = RUNS.replace("ORDER BY run_id", "WHERE run_id = ?");
    /** Those of all runs at once: a thousand statements take longer than the rows. */
    static final String PARAMS = "SELECT run_id, name, value FROM param ORDER BY run_id, name";

    static final String PARAMS_OF_RUN = "SELECT name, value FROM param WHERE run_id = ? ORDER BY name";
    static final String TAGS = "SELECT run_id, tag FROM tag ORDER BY run_id, tag";
    static final String TAGS_OF_RUN = "SELECT tag FROM tag WHERE run_id = ? ORDER BY tag";
    /** SEARCH stage by stages_of_run. */
    static final String STAGES = """
            SELECT name, status, started_ms, duration_seconds FROM stage WHERE run_id = ? ORDER BY started_ms, stage_id""";

    static final String STEP_NAMES = "SELECT name FROM series WHERE run_id = ? AND kind = 'step' ORDER BY name";
    /** Numbers run from 1 without gaps, so the greatest is the count. */
    static final String SERIES_OF_RUN = """
            SELECT s.series_id, s.kind, s.name, s.scope, s.unit, coalesce(CASE s.kind
              WHEN 'epoch' THEN (SELECT max(number) FROM epoch_point e WHERE e.series_id = s.series_id)
              WHEN 'generation' THEN (SELECT max(number) FROM generation g WHERE g.series_id = s.series_id)
              ELSE (SELECT max(number) FROM point p WHERE p.series_id = s.series_id) END, 0)
            FROM series s WHERE s.run_id = ? ORDER BY s.kind, s.name, s.scope""";
    /** SEARCH series by its unique key, SEARCH point by its primary key. */
    static final String SERIES = """
            SELECT p.step, p.value, p.flag, p.time_ms
            FROM series s JOIN point p ON p.series_id = s.series_id
            WHERE s.kind = 'step' AND s.name = ? AND s.scope = '' AND s.run_id = ? AND p.superseded = 0
            ORDER BY p.number""";
    /** SEARCH series by series_of_run, SEARCH epoch_point by its primary key. */
    static final String EPOCHS = """
            SELECT s.name, s.scope, p.round_number, p.epoch_number, p.value, p.flag, p.step, p.time_ms
            FROM series s JOIN epoch_point p ON p.series_id = s.series_id
            WHERE s.run_id = ? AND s.kind = 'epoch' AND p.superseded = 0
            ORDER BY s.name, s.scope, p.number""";

    static final String GENERATION_SUMMARIES = """
            SELECT s.name, g.round_number, count(*), sum(g.samples_generated), total(g.duration_seconds),
              avg(g.memory_used_mb)
            FROM series s JOIN generation g ON g.series_id = s.series_id
            WHERE s.run_id = ? AND s.kind = 'generation'
            GROUP BY s.name, g.round_number ORDER BY s.name, g.round_number""";
    /** SEARCH series by series_of_run, SEARCH generation by its primary key. */
    static final String GENERATIONS = """
            SELECT s.name, g.round_number, g.chunk_number, g.started_ms, g.duration_seconds, g.samples_generated,
              g.memory_used_mb
            FROM series s JOIN generation g ON g.series_id = s.series_id
            WHERE s.run_id = ? AND s.kind = 'generation'
            ORDER BY g.time_ms, s.series_id, g.number""";

    static final String EVENTS = "SELECT time_ms, level, text FROM event WHERE run_id = ? ORDER BY time_ms, event_id";
    /** Numbers run from 1 without gaps, so the greatest is the count: one seek per series instead of a scan. */
    static final String COUNTS = """
            SELECT s.kind, sum(CASE s.kind
              WHEN 'epoch' THEN (SELECT max(number) FROM epoch_point e WHERE e.series_id = s.series_id)
              WHEN 'generation' THEN (SELECT max(number) FROM generation g WHERE g.series_id = s.series_id)
              ELSE (SELECT max(number) FROM point p WHERE p.series_id = s.series_id) END)
            FROM series s GROUP BY s.kind""";

    static final String LAST_TIME = """
            SELECT max(coalesce(
              (SELECT p.time_ms FROM point p WHERE p.series_id = s.series_id ORDER BY p.number DESC LIMIT 1),
              (SELECT e.time_ms FROM epoch_point e WHERE e.series_id = s.series_id ORDER BY e.number DESC LIMIT 1),
              (SELECT g.time_ms FROM generation g WHERE g.series_id = s.series_id ORDER BY g.number DESC LIMIT 1),
              0))
            FROM series s""";

    /** A running run says so every 10 s. */
    private static final long LONGEST_SILENCE_MILLIS = 30_000;

    private final Database database;
    private final Clock clock;

    private MetricsReader(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Opens a metrics file for reading.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no metrics file, or another version's
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be opened
     */
    public static MetricsReader open(Path file) {
        return open(file, Clock.systemUTC());
    }

    static MetricsReader open(Path file, Clock clock) {
        Database database = Database.open(file, Access.READ);
        try {
            MetricsSchema.SCHEMA.check(database);
            return new MetricsReader(database, clock);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    Database database() {
        return database;
    }

    /** All runs, first started first. */
    public List<RunInfo> runs() {
        Map<Long, Map<String, String>> params = new HashMap<>();
        Map<Long, List<String>> tags = new HashMap<>();
        List<RunInfo> runs = query(RUNS, row -> {
            long runId = row.getLong(1);
            return runOf(
                    row,
                    params.computeIfAbsent(runId, run -> new LinkedHashMap<>()),
                    tags.computeIfAbsent(runId, run -> new ArrayList<>()));
        });
        // After the runs: a run that starts in between is not in the list yet, rather than in it without its settings.
        query(PARAMS, row -> {
            Map<String, String> own = params.getOrDefault(row.getLong(1), new HashMap<>());
            own.put(row.getString(2), row.getString(3));
            return own;
        });
        query(TAGS, row -> {
            List<String> own = tags.get(row.getLong(1));
            return own != null && own.add(row.getString(2));
        });
        return runs;
    }

    /**
     * One run.
     *
     * @throws IllegalArgumentException if there is none of that key
     */
    public RunInfo run(long runId) {
        Map<String, String> params = new LinkedHashMap<>();
        List<String> tags = new ArrayList<>();
        List<RunInfo> found = query(RUN, row -> runOf(row, params, tags), runId);
        if (found.isEmpty()) {
            throw new IllegalArgumentException("Expected a run with id " + runId + ", found "
                    + runs().stream().map(RunInfo::id).toList() + " (" + database.file() + ").");
        }
        query(PARAMS_OF_RUN, row -> params.put(row.getString(1), row.getString(2)), runId);
        query(TAGS_OF_RUN, row -> tags.add(row.getString(1)), runId);
        return found.get(0);
    }

    /** The names recorded at steps of a run, in alphabetical order. */
    public List<String> stepNames(long runId) {
        return query(STEP_NAMES, row -> row.getString(1), runId);
    }

    /** A metric over the steps of a run; empty if there is nothing of that name. */
    public Series series(long runId, String name) {
        return database.read("Cannot read series '" + name + "'", connection -> {
            Series.Builder points = new Series.Builder();
            try (PreparedStatement statement = connection.prepareStatement(SERIES)) {
                statement.setString(1, name);
                statement.setLong(2, runId);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        points.add(row.getLong(1), StoredValue.read(row, 2), row.getLong(4));
                    }
                }
            }
            return points.build();
        });
    }

    /** All series of a run, by kind, name and scope. */
    public List<SeriesInfo> seriesOf(long runId) {
        return query(
                SERIES_OF_RUN,
                row -> new SeriesInfo(
                        row.getLong(1),
                        runId,
                        SeriesKind.of(row.getString(2)),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getLong(6)),
                runId);
    }

    /**
     * A series drawn together into at most about {@code buckets} buckets, over a range of an axis, ends included. Points
     * are put in the order of the axis; those that have no place on it (a resource sample has no step) are left out.
     *
     * @param from lowest place on the axis; −∞ for all
     * @param to highest place on the axis; +∞ for all
     * @param buckets at least 1: about as many as the picture has columns
     */
    public Envelope envelope(SeriesInfo series, Axis axis, double from, double to, int buckets) {
        return EnvelopeQuery.run(database, series, axis, from, to, buckets);
    }

    /**
     * Reads values one after the other, by run, name, scope and order of recording, without holding them.
     *
     * @param consumer takes each value; it must not use this reader meanwhile
     */
    public void points(MetricsFilter filter, Consumer<MetricPoint> consumer) {
        take(filter, point -> {
            consumer.accept(point);
            return true;
        });
    }

    /**
     * The first values that a filter lets pass, by run, name, scope and order of recording.
     *
     * @param limit most values to return
     */
    public List<MetricPoint> points(MetricsFilter filter, int limit) {
        List<MetricPoint> points = new ArrayList<>();
        if (limit > 0) {
            take(filter, point -> {
                points.add(point);
                return points.size() < limit;
            });
        }
        return points;
    }

    private void take(MetricsFilter filter, PointQuery.Taker taker) {
        database.readTogether("Cannot read metrics", connection -> {
            new PointQuery(connection, filter).run(taker);
            return filter;
        });
    }

    /** The finished steps of producing data of a run, in order of recording. */
    public List<Generation> generations(long runId) {
        return query(
                GENERATIONS,
                row -> new Generation(
                        row.getString(1),
                        row.getObject(2) == null ? null : row.getInt(2),
                        row.getObject(3) == null ? null : row.getInt(3),
                        Instant.ofEpochMilli(row.getLong(4)),
                        Rollup.number(row, 5),
                        row.getLong(6),
                        Rollup.number(row, 7)),
                runId);
    }

    /** All epoch metrics of a run, by name, phase and order of recording. */
    public List<EpochPoint> epochMetrics(long runId) {
        return query(
                EPOCHS,
                row -> new EpochPoint(
                        new EpochMetric(
                                row.getString(1),
                                StoredValue.read(row, 5),
                                row.getInt(3),
                                row.getInt(4),
                                row.getString(2)),
                        row.getLong(7),
                        row.getLong(8)),
                runId);
    }

    /** What happened during a run, in order of time. */
    public List<RunEvent> events(long runId) {
        return query(EVENTS, row -> new RunEvent(row.getLong(1), row.getString(2), row.getString(3)), runId);
    }

    /** What a run produced, by operation and round. */
    public List<GenerationSummary> generationSummaries(long runId) {
        return query(
                GENERATION_SUMMARIES,
                row -> {
                    int round = row.getInt(2);
                    Integer ofRound = row.wasNull() ? null : round;
                    double memory = row.getDouble(6);
                    return new GenerationSummary(
                            row.getString(1),
                            ofRound,
                            row.getLong(3),
                            row.getLong(4),
                            row.getDouble(5),
                            row.wasNull() ? Double.NaN : memory);
                },
                runId);
    }

    /** The records of a run as they come; see {@link RunTail}. Usable as long as this reader. */
    public RunTail tail(long runId) {
        return new RunTail(database, this, runId);
    }

    /**
     * The stages of a run, in the order in which they began.
     *
     * @throws IllegalArgumentException if there is no run of that key
     */
    public List<StageSpan> stages(long runId) {
        boolean running = run(runId).status() == RunStatus.RUNNING;
        return query(
                STAGES,
                row -> {
                    StageStatus status = StageStatus.of(row.getString(2));
                    double seconds = row.getDouble(4);
                    Double durationSeconds = row.wasNull() ? null : seconds;
                    return new StageSpan(
                            row.getString(1),
                            status == StageStatus.RUNNING && !running ? StageStatus.FAILED : status,
                            row.getLong(3),
                            durationSeconds);
                },
                runId);
    }

    /** The file in numbers. The cost grows with the number of series, not of points; events are counted one by one. */
    public MetricsSummary summary() {
        Map<String, Long> counts = new LinkedHashMap<>();
        query(COUNTS, row -> counts.put(row.getString(1), row.getLong(2)));
        long first = database.queryLong("SELECT min(started_ms) FROM run");
        long last = Math.max(
                database.queryLong(LAST_TIME),
                database.queryLong("SELECT max(max(started_ms, heartbeat_ms, coalesce(ended_ms, 0))) FROM run"));
        long bytes = database.queryLong("PRAGMA page_count") * database.queryLong("PRAGMA page_size");
        return new MetricsSummary(
                database.queryLong("SELECT count(*) FROM run"),
                counts.getOrDefault("step", 0L),
                counts.getOrDefault("epoch", 0L),
                counts.getOrDefault("resource", 0L),
                counts.getOrDefault("generation", 0L),
                database.queryLong("SELECT count(*) FROM event"),
                database.queryLong("SELECT sum(dropped) FROM dropped"),
                database.queryLong("SELECT sum(rejected) FROM dropped"),
                (last - first) / 60_000.0,
                bytes / (1024.0 * 1024.0));
    }

    /** How runs stand in one value each, by the id of the run; at little cost, for lists of many runs. */
    public Map<Long, RunHeadline> headlines() {
        return HeadlineQuery.run(database);
    }

    /** Records that are missing: lost because a queue was full, or refused by the database. */
    public long lostRecords() {
        return database.queryLong("SELECT sum(dropped + rejected) FROM dropped");
    }

    /** A number that changes whenever another connection has changed the file. Costs no read of a table. */
    public long dataVersion() {
        return database.queryLong("PRAGMA data_version");
    }

    /** Stops what is read once this much time has passed from now; see {@link Database#limitTime}. */
    public void limitTime(Duration limit) {
        database.limitTime(limit);
    }

    @Override
    public void close() {
        database.close();
    }

    private RunInfo runOf(ResultSet row, Map<String, String> params, List<String> tags) throws SQLException {
        long runId = row.getLong(1);
        RunStatus status = RunStatus.of(row.getString(3));
        Origin origin = new Origin(row.getString(7), row.getString(8), row.getLong(9), row.getLong(10));
        long ended = row.getLong(5);
        Optional<Instant> endedAt = row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ended));
        return new RunInfo(
                runId,
                UUID.fromString(row.getString(11)),
                row.getString(2),
                status == RunStatus.RUNNING && isGone(origin, row.getLong(6)) ? RunStatus.CRASHED : status,
                Instant.ofEpochMilli(row.getLong(4)),
                endedAt.orElse(null),
                Instant.ofEpochMilli(row.getLong(6)),
                origin.host(),
                origin.processId(),
                params,
                tags);
    }

    /** A process of this machine can be looked for; of another's, only its silence tells. */
    private boolean isGone(Origin origin, long heartbeatMillis) {
        return origin.isOnThisMachine() ? origin.isGone() : clock.millis() - heartbeatMillis > LONGEST_SILENCE_MILLIS;
    }

    private <R> List<R> query(String sql, RowMapping<R> mapping, Object... arguments) {
        return database.read("Cannot read metrics", connection -> {
            List<R> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < arguments.length; i++) {
                    statement.setObject(i + 1, arguments[i]);
                }
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        found.add(mapping.of(row));
                    }
                }
            }
            return found;
        });
    }

    /** Makes a value of the current row. */
    private interface RowMapping<R> {
        R of(ResultSet row) throws SQLException;
    }
}
