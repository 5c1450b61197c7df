package dev.millrace.metrics;

import java.sql.SQLException;
import java.util.Map;

/** Writes what is known of a run beside its values. Belongs to one connection; one writer thread. */
final class RunRows {
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
            WHERE status = 'running' AND host = ? AND process_id = ? AND process_started_ms = ?""";
    private static final String FAIL_STAGES_OF_RUNS = """
            UPDATE stage SET status = 'failed', duration_seconds = max(0, ? - started_ms) / 1000.0
            WHERE status = 'running' AND run_id IN (SELECT run_id FROM run
              WHERE status = 'running' AND host = ? AND process_id = ? AND process_started_ms = ?)""";
    // Never back in time, so that a clock that is set back does not make a live run look dead.
    private static final String BEAT = """
            UPDATE run SET heartbeat_ms = max(heartbeat_ms, ?)
            WHERE status = 'running' AND host = ? AND process_id = ? AND process_started_ms = ?""";
    private static final String INSERT_PARAM = "INSERT OR REPLACE INTO param (run_id, name, value) VALUES (?, ?, ?)";
    // Not OR IGNORE, which would ignore the CHECK on its length too.
    private static final String INSERT_TAG =
            "INSERT INTO tag (run_id, tag) VALUES (?, ?) ON CONFLICT (run_id, tag) DO NOTHING";
    private static final String INSERT_EVENT = "INSERT INTO event (run_id, time_ms, level, text) VALUES (?, ?, ?, ?)";
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

    private final Statements statements;

    RunRows(Statements statements) {
        this.statements = statements;
    }

    void start(MetricRecord.RunStarted start) throws SQLException {
        Origin origin = start.origin();
        statements.update(
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

    void resume(MetricRecord.RunResumed resumed) throws SQLException {
        Origin origin = resumed.origin();
        statements.update(
                RESUME_RUN,
                resumed.timeMillis(),
                origin.host(),
                origin.user(),
                origin.processId(),
                origin.processStartedMillis(),
                resumed.runId());
        statements.update(FAIL_STAGES_LEFT, resumed.runId());
        putParams(resumed.runId(), resumed.params());
    }

    void end(MetricRecord.RunEnded end) throws SQLException {
        statements.update(FAIL_STAGES, end.timeMillis(), end.runId());
        statements.update(END_RUN, end.status().stored(), end.timeMillis(), end.timeMillis(), end.runId());
    }

    /** All runs of a process that did not end are interrupted. */
    void interruptAll(Origin origin, long nowMillis) throws SQLException {
        statements.update(
                FAIL_STAGES_OF_RUNS, nowMillis, origin.host(), origin.processId(), origin.processStartedMillis());
        statements.update(
                INTERRUPT_RUNS, nowMillis, nowMillis, origin.host(), origin.processId(), origin.processStartedMillis());
    }

    /** Says that the running runs of a process are alive. */
    void beat(Origin origin, long nowMillis) throws SQLException {
        statements.update(BEAT, nowMillis, origin.host(), origin.processId(), origin.processStartedMillis());
    }

    void param(MetricRecord.Param param) throws SQLException {
        statements.update(INSERT_PARAM, param.runId(), param.name(), param.value());
    }

    void tag(MetricRecord.Tag tag) throws SQLException {
        statements.update(INSERT_TAG, tag.runId(), tag.tag());
    }

    void event(MetricRecord.Event event) throws SQLException {
        statements.update(INSERT_EVENT, event.runId(), event.timeMillis(), event.level(), event.text());
    }

    void startStage(MetricRecord.StageStarted stage) throws SQLException {
        statements.update(INSERT_STAGE, stage.stageId(), stage.runId(), stage.name(), stage.timeMillis());
    }

    void endStage(MetricRecord.StageEnded stage) throws SQLException {
        StageStatus status = stage.failed() ? StageStatus.FAILED : StageStatus.DONE;
        statements.update(END_STAGE, status.stored(), stage.durationSeconds(), stage.stageId());
    }

    private void putParams(long runId, Map<String, String> params) throws SQLException {
        for (Map.Entry<String, String> param : params.entrySet()) {
            statements.update(INSERT_PARAM, runId, param.getKey(), param.getValue());
        }
    }
}
