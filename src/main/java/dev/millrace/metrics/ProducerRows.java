package dev.millrace.metrics;

import dev.millrace.spool.Position;
import dev.millrace.sqlite.WriteQueueCounts;
import java.sql.SQLException;

/** Writes how far spools are imported and what was lost where. Belongs to one connection; one writer thread. */
final class ProducerRows {
    private static final String PUT_PRODUCER = """
            INSERT INTO producer (producer_uuid, run_id, host, process_id, process_started_ms, segment, segment_offset,
                last_seq, imported_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (producer_uuid) DO UPDATE SET
              segment = excluded.segment, segment_offset = excluded.segment_offset, last_seq = excluded.last_seq,
              imported_ms = excluded.imported_ms""";
    // A worker that reports shows that its run goes on, also where the process that started the run says nothing.
    private static final String BEAT =
            "UPDATE run SET heartbeat_ms = max(heartbeat_ms, ?) WHERE run_id = ? AND status = 'running'";
    private static final String PUT_LOST = """
            INSERT INTO dropped (opened_ms, source, stream, time_ms, dropped, rejected)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (opened_ms, source, stream) DO UPDATE SET
              time_ms = excluded.time_ms, dropped = max(dropped, excluded.dropped),
              rejected = rejected + excluded.rejected""";
    private static final String PUT_LOST_BY_QUEUE = """
            INSERT INTO dropped (opened_ms, source, stream, time_ms, dropped, rejected)
            VALUES (?, 'queue', ?, ?, ?, ?)
            ON CONFLICT (opened_ms, source, stream) DO UPDATE SET
              time_ms = excluded.time_ms, dropped = excluded.dropped, rejected = excluded.rejected""";

    static final String TRAINING = "training";
    static final String RESOURCE = "resource";

    private final Statements statements;

    ProducerRows(Statements statements) {
        this.statements = statements;
    }

    void imported(MetricRecord.Imported imported) throws SQLException {
        Position position = imported.position();
        Origin origin = imported.origin();
        statements.update(
                PUT_PRODUCER,
                imported.producer().toString(),
                imported.runId(),
                origin.host(),
                origin.processId(),
                origin.processStartedMillis(),
                position.segment(),
                position.offset(),
                position.number(),
                imported.timeMillis());
        if (imported.lastMillis() > 0 && imported.runId() > 0) {
            statements.update(BEAT, imported.lastMillis(), imported.runId());
        }
    }

    void lost(MetricRecord.Lost lost) throws SQLException {
        statements.update(
                PUT_LOST,
                lost.openedMillis(),
                lost.producer().toString(),
                lost.stream(),
                lost.timeMillis(),
                lost.dropped(),
                lost.rejected());
    }

    void lostByQueue(long openedMillis, long nowMillis, WriteQueueCounts counts) throws SQLException {
        statements.update(PUT_LOST_BY_QUEUE, openedMillis, TRAINING, nowMillis, counts.dropped(), counts.rejected());
        if (counts.droppedSamples() > 0) {
            statements.update(PUT_LOST_BY_QUEUE, openedMillis, RESOURCE, nowMillis, counts.droppedSamples(), 0);
        }
    }

    static boolean haveLostAlike(WriteQueueCounts one, WriteQueueCounts other) {
        return one.dropped() == other.dropped()
                && one.rejected() == other.rejected()
                && one.droppedSamples() == other.droppedSamples();
    }
}
