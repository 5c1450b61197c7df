package dev.millrace.metrics;

import dev.millrace.sqlite.RecordSink;
import dev.millrace.sqlite.WriteQueueCounts;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Writes records as rows. One writer thread; see {@link RecordSink}. */
final class MetricsSink implements RecordSink<MetricRecord> {
    private static final long HEARTBEAT_MILLIS = 10_000;
    private final Statements statements;
    private final RunRows runs;
    private final PointRows points;
    private final long openedMillis;
    private long lastTimeMillis;
    private long lastBeatMillis;
    private final ProducerRows producers;
    private @Nullable WriteQueueCounts lostBefore;

    /** @param openedMillis when the store was opened: the key under which losses are counted */
    MetricsSink(Connection connection, long openedMillis) throws SQLException {
        this.statements = new Statements(connection);
        this.runs = new RunRows(statements);
        this.points = new PointRows(statements);
        this.producers = new ProducerRows(statements);
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
        } else if (record instanceof MetricRecord.Imported imported) {
            producers.imported(imported);
        } else if (record instanceof MetricRecord.Lost lost) {
            producers.lost(lost);
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
        if (counts.anyLost() && (lostBefore == null || !ProducerRows.haveLostAlike(counts, lostBefore))) {
            producers.lostByQueue(openedMillis, lastTimeMillis, counts);
            lostBefore = counts;
        }
    }

    @Override
    public void idle(long nowMillis) throws SQLException {
        runs.beat(Origin.ofThisProcess(), nowMillis);
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
