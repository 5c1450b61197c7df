package dev.millrace.metrics;

import dev.millrace.sqlite.Schema;
import java.util.List;

/**
 * A metrics file: compact tables, and views over them with the names and columns that people query.
 *
 * <p>A series is everything of one kind, name and scope in a run. Points are stored in the order of their series and their
 * arrival, numbered from 1 without gaps, so that reading a series is one range of one b-tree and needs no index beside it.
 * {@code flag}: 0 finite, 1 NaN, 2 +∞, 3 −∞; {@code value} is NULL unless it is 0, because SQLite has no NaN.
 * {@code superseded}: 1 once a resumed run goes over the same steps again.
 *
 * <p>Version 2 added what several processes need (run_uuid, producer), tags, stages, units, rollups and supersessions.
 */
final class MetricsSchema {
    static final String KIND = "metrics";
    static final int VERSION = 2;

    static final String RUN = """
            CREATE TABLE run (
              run_id INTEGER PRIMARY KEY,
              run_uuid TEXT NOT NULL UNIQUE,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
              status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'interrupted')),
              started_ms INTEGER NOT NULL,
              ended_ms INTEGER,
              heartbeat_ms INTEGER NOT NULL,
              host TEXT NOT NULL,
              user_name TEXT NOT NULL,
              process_id INTEGER NOT NULL,
              process_started_ms INTEGER NOT NULL
            )""";
    static final String PARAM = """
            CREATE TABLE param (
              run_id INTEGER NOT NULL,
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (run_id, name)
            ) WITHOUT ROWID""";
    static final String TAG = """
            CREATE TABLE tag (
              run_id INTEGER NOT NULL,
              tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 500),
              PRIMARY KEY (run_id, tag)
            ) WITHOUT ROWID""";
    // scope: phase of an epoch metric, type of a resource metric, else empty.
    static final String SERIES = """
            CREATE TABLE series (
              series_id INTEGER PRIMARY KEY,
              kind TEXT NOT NULL CHECK (kind IN ('step', 'epoch', 'resource', 'generation')),
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
              scope TEXT NOT NULL CHECK (length(scope) <= 500),
              unit TEXT NOT NULL DEFAULT '' CHECK (length(unit) <= 50),
              run_id INTEGER NOT NULL,
              UNIQUE (kind, name, scope, run_id)
            )""";
    static final String POINT = """
            CREATE TABLE point (
              series_id INTEGER NOT NULL,
              number INTEGER NOT NULL,
              time_ms INTEGER NOT NULL,
              step INTEGER,
              value REAL,
              flag INTEGER NOT NULL CHECK (flag BETWEEN 0 AND 3),
              superseded INTEGER NOT NULL DEFAULT 0,
              PRIMARY KEY (series_id, number)
            ) WITHOUT ROWID""";
    // Level l, bucket b sums up the points (16^l)·b + 1 … (16^l)·(b + 1) of a series, without those superseded. Every
    // full
    // bucket is stored, and no other. min, max and sum are over finite values, NULL if there are none; count is of all;
    // first and last in the order of arrival. Times are 0 where count is 0.
    static final String ROLLUP = """
            CREATE TABLE rollup (
              series_id INTEGER NOT NULL,
              level INTEGER NOT NULL,
              bucket INTEGER NOT NULL,
              count INTEGER NOT NULL,
              not_finite INTEGER NOT NULL,
              min_step INTEGER,
              max_step INTEGER,
              min_time_ms INTEGER NOT NULL,
              max_time_ms INTEGER NOT NULL,
              first_value REAL,
              min_value REAL,
              max_value REAL,
              last_value REAL,
              sum_value REAL,
              PRIMARY KEY (series_id, level, bucket)
            ) WITHOUT ROWID""";
    static final String EPOCH_POINT = """
            CREATE TABLE epoch_point (
              series_id INTEGER NOT NULL,
              number INTEGER NOT NULL,
              time_ms INTEGER NOT NULL,
              step INTEGER NOT NULL,
              round_number INTEGER NOT NULL,
              epoch_number INTEGER NOT NULL,
              value REAL,
              flag INTEGER NOT NULL CHECK (flag BETWEEN 0 AND 3),
              superseded INTEGER NOT NULL DEFAULT 0,
              PRIMARY KEY (series_id, number)
            ) WITHOUT ROWID""";
    static final String GENERATION = """
            CREATE TABLE generation (
              series_id INTEGER NOT NULL,
              number INTEGER NOT NULL,
              time_ms INTEGER NOT NULL,
              round_number INTEGER,
              chunk_number INTEGER,
              started_ms INTEGER NOT NULL,
              duration_seconds REAL,
              samples_generated INTEGER NOT NULL,
              memory_used_mb REAL,
              PRIMARY KEY (series_id, number)
            ) WITHOUT ROWID""";
    static final String EVENT = """
            CREATE TABLE event (
              event_id INTEGER PRIMARY KEY,
              run_id INTEGER NOT NULL,
              time_ms INTEGER NOT NULL,
              level TEXT NOT NULL,
              text TEXT NOT NULL
            )""";
    // A named part of a run; parts of parts have dots in their names.
    static final String STAGE = """
            CREATE TABLE stage (
              stage_id INTEGER PRIMARY KEY,
              run_id INTEGER NOT NULL,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
              status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
              started_ms INTEGER NOT NULL,
              duration_seconds REAL
            )""";
    // Each time that a run went back to an earlier step.
    static final String SUPERSESSION = """
            CREATE TABLE supersession (
              supersession_id INTEGER PRIMARY KEY,
              run_id INTEGER NOT NULL,
              time_ms INTEGER NOT NULL,
              after_step INTEGER NOT NULL
            )""";
    // A process that wrote spool files, and how far they are imported: always in the transaction of the rows
    // themselves.
    static final String PRODUCER = """
            CREATE TABLE producer (
              producer_id INTEGER PRIMARY KEY,
              producer_uuid TEXT NOT NULL UNIQUE,
              run_id INTEGER NOT NULL,
              host TEXT NOT NULL,
              process_id INTEGER NOT NULL,
              process_started_ms INTEGER NOT NULL,
              segment INTEGER NOT NULL,
              segment_offset INTEGER NOT NULL,
              last_seq INTEGER NOT NULL,
              imported_ms INTEGER NOT NULL
            )""";
    // What could not be kept. source: 'queue' or a producer's uuid; stream: 'training' or 'resource'.
    static final String DROPPED = """
            CREATE TABLE dropped (
              opened_ms INTEGER NOT NULL,
              source TEXT NOT NULL,
              stream TEXT NOT NULL,
              time_ms INTEGER NOT NULL,
              dropped INTEGER NOT NULL,
              rejected INTEGER NOT NULL,
              PRIMARY KEY (opened_ms, source, stream)
            ) WITHOUT ROWID""";

    private static final String RESOURCE_METRICS = """
            CREATE VIEW resource_metrics AS
            SELECT
              s.run_id AS run_id,
              s.scope AS metric_type,
              s.name AS metric_name,
              p.value AS value,
              p.flag = 0 AS is_finite,
              s.unit AS unit,
              p.time_ms / 1000.0 AS timestamp,
              p.time_ms AS time_ms
            FROM series s JOIN point p ON p.series_id = s.series_id
            WHERE s.kind = 'resource' AND p.superseded = 0""";
    private static final String GENERATION_METRICS = """
            CREATE VIEW generation_metrics AS
            SELECT
              s.run_id AS run_id,
              s.name AS operation,
              g.round_number AS round_number,
              g.chunk_number AS chunk_number,
              g.started_ms / 1000.0 AS start_time,
              g.duration_seconds AS duration_seconds,
              g.samples_generated AS samples_generated,
              g.memory_used_mb AS memory_used_mb,
              g.time_ms / 1000.0 AS timestamp,
              g.time_ms AS time_ms
            FROM series s JOIN generation g ON g.series_id = s.series_id
            WHERE s.kind = 'generation'""";
    private static final String TRAINING_METRICS = """
            CREATE VIEW training_metrics AS
            SELECT
              s.run_id AS run_id,
              s.name AS metric_name,
              p.value AS metric_value,
              p.flag = 0 AS is_finite,
              p.round_number AS round_number,
              p.epoch_number AS epoch_number,
              s.scope AS phase,
              p.step AS step,
              p.time_ms / 1000.0 AS timestamp,
              p.time_ms AS time_ms
            FROM series s JOIN epoch_point p ON p.series_id = s.series_id
            WHERE s.kind = 'epoch' AND p.superseded = 0""";
    private static final String STEP_METRICS = """
            CREATE VIEW step_metrics AS
            SELECT
              s.run_id AS run_id,
              s.name AS metric_name,
              p.value AS metric_value,
              p.flag = 0 AS is_finite,
              p.step AS step,
              p.time_ms / 1000.0 AS timestamp,
              p.time_ms AS time_ms
            FROM series s JOIN point p ON p.series_id = s.series_id
            WHERE s.kind = 'step' AND p.superseded = 0""";
    private static final String PIPELINE_STAGES = """
            CREATE VIEW pipeline_stages AS
            SELECT
              run_id,
              name AS stage,
              status,
              started_ms / 1000.0 AS start_time,
              started_ms / 1000.0 + duration_seconds AS end_time,
              duration_seconds
            FROM stage""";
    private static final String SERIES_OF_RUN = "CREATE INDEX series_of_run ON series (run_id, kind)";
    private static final String EVENTS_OF_RUN = "CREATE INDEX events_of_run ON event (run_id, time_ms)";
    private static final String STAGES_OF_RUN = "CREATE INDEX stages_of_run ON stage (run_id, started_ms)";

    /** What comes after the rows: indexes and views. */
    static final List<String> AFTERWARDS = List.of(
            SERIES_OF_RUN,
            EVENTS_OF_RUN,
            STAGES_OF_RUN,
            PIPELINE_STAGES,
            RESOURCE_METRICS,
            GENERATION_METRICS,
            TRAINING_METRICS,
            STEP_METRICS);

    static final Schema SCHEMA = new Schema(
            KIND,
            VERSION,
            List.of(
                    RUN,
                    PARAM,
                    TAG,
                    SERIES,
                    POINT,
                    ROLLUP,
                    EPOCH_POINT,
                    GENERATION,
                    EVENT,
                    STAGE,
                    SUPERSESSION,
                    PRODUCER,
                    DROPPED),
            AFTERWARDS,
            MetricsUpgrade.FROM_VERSION_1);

    private MetricsSchema() {}
}
