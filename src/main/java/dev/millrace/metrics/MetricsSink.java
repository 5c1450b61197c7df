package dev.millrace.metrics;

import dev.millrace.sqlite.RecordSink;
import dev.millrace.sqlite.WriteQueueCounts;
import java.sql.Connection;
import java.sql.SQLException;

/** Writes records as rows. One writer thread; see {@link RecordSink}. */
final class MetricsSink implements RecordSink<MetricRecord> {
    private static final long HEARTBEAT_MILLIS = 10_000;
    private static final String PUT_DROPPED = """
            INSERT INTO dropped (opened_ms, source, stream, time_ms, dropped, rejected)
            VALUES (?, 'queue', 'training', ?, ?, ?)
            ON CONFLICT (opened_ms, source, stream) DO UPDATE SET
              time_ms = excluded.time_ms, dropped = excluded.dropped, rejected = excluded.rejected""";

    private final Statements statements;
    private final RunRows runs;
    private final PointRows points;
    private final long openedMillis;
    private long lastTimeMillis;
    private long lastBeatMillis;
    private long lostBefore;

    /** @param openedMillis when the store was opened: the key under which losses are counted */
    MetricsSink(Connection connection, long openedMillis) throws SQLException {
        this.statements = new Statements(connection);
        this.runs = new RunRows(statements);
        this.points = new PointRows(statements);
        this.openedMillis = openedMillis;
    }

    @Override
    public void write(MetricRecord record) throws SQLException {
        // The frequent ones first.
        if (record instanceof MetricRecord.StepPoint point) {
            points.insert(point);
        } else if (record instanceof MetricRecord.ResourcePoint point) {
            points.insert(point);
        } else if (record instanceof MetricRecord.EpochPoint point) {
            points.insert(point);
        } else if (record instanceof MetricRecord.GenerationPoint point) {
            points.insert(point);
        } else if (record instanceof MetricRecord.Event event) {
            runs.event(event);
        } else if (record instanceof MetricRecord.RunStarted start) {
            runs.start(start);
        } else if (record instanceof MetricRecord.RunResumed resumed) {
            runs.resume(resumed);
        } else if (record instanceof MetricRecord.Superseded superseded) {
            points.supersede(superseded);
        } else if (record instanceof MetricRecord.RunEnded end) {
            runs.end(end);
        } else if (record instanceof MetricRecord.StageStarted stage) {
            runs.startStage(stage);
        } else if (record instanceof MetricRecord.StageEnded stage) {
            runs.endStage(stage);
        } else if (record instanceof MetricRecord.Param param) {
            runs.param(param);
        } else if (record instanceof MetricRecord.Tag tag) {
            runs.tag(tag);
        }
        lastTimeMillis = record.timeMillis();
    }

    @Override
    public void flush() throws SQLException {
        points.flush();
    }

    @Override
    public void endBatch(WriteQueueCounts counts) throws SQLException {
        beatIfDue(lastTimeMillis);
        long lost = counts.dropped() + counts.rejected();
        if (lost != lostBefore) {
            statements.update(PUT_DROPPED, openedMillis, lastTimeMillis, counts.dropped(), counts.rejected());
            lostBefore = lost;
        }
    }

    @Override
    public void idle(long nowMillis) throws SQLException {
        beatIfDue(nowMillis);
    }

    @Override
    public void endOfProcess() throws SQLException {
        runs.interruptAll(Origin.ofThisProcess(), System.currentTimeMillis());
    }

    @Override
    public void close() throws SQLException {
        points.close();
        statements.close();
    }

    private void beatIfDue(long nowMillis) throws SQLException {
        if (Math.abs(nowMillis - lastBeatMillis) >= HEARTBEAT_MILLIS) {
            runs.beat(Origin.ofThisProcess(), nowMillis);
            lastBeatMillis = nowMillis;
        }
    }
}
