package dev.millrace.metrics;

import dev.millrace.spool.Position;
import java.util.Map;
import java.util.UUID;

/** One thing that a run reports, on its way to the writer. Times are UTC milliseconds since 1970. */
sealed interface MetricRecord {
    long runId();

    long timeMillis();

    record RunStarted(long runId, UUID runUuid, long timeMillis, String name, Map<String, String> params, Origin origin)
            implements MetricRecord {}

    record RunResumed(long runId, long timeMillis, Map<String, String> params, Origin origin) implements MetricRecord {}

    record RunEnded(long runId, long timeMillis, RunStatus status) implements MetricRecord {}

    record StepPoint(long runId, long timeMillis, long step, String name, double value) implements MetricRecord {}

    /**
     * A value of an epoch.
     *
     * @param step the last step before the epoch's end, so that resuming before it supersedes it too
     */
    record EpochPoint(long runId, long timeMillis, long step, EpochMetric metric) implements MetricRecord {}

    /**
     * A sample of a resource.
     *
     * @param unit of the value; empty where it has none
     */
    record ResourcePoint(long runId, long timeMillis, String type, String name, String unit, double value)
            implements MetricRecord {}

    record GenerationPoint(long runId, long timeMillis, Generation generation) implements MetricRecord {}

    record Event(long runId, long timeMillis, String level, String text) implements MetricRecord {}

    record Param(long runId, long timeMillis, String name, String value) implements MetricRecord {}

    record Tag(long runId, long timeMillis, String tag) implements MetricRecord {}

    record StageStarted(long runId, long timeMillis, long stageId, String name) implements MetricRecord {}

    record StageEnded(long runId, long timeMillis, long stageId, boolean failed, double durationSeconds)
            implements MetricRecord {}

    record Superseded(long runId, long timeMillis, long afterStep) implements MetricRecord {}

    /**
     * How far the spool of a producer is imported.
     *
     * @param runId the run it names; 0 if it names none
     * @param lastMillis time of the last record imported
     */
    record Imported(long runId, long timeMillis, UUID producer, Origin origin, Position position, long lastMillis)
            implements MetricRecord {}

    /**
     * What a producer could not keep, or what of it is damaged.
     *
     * @param openedMillis when it started
     * @param dropped how many it dropped so far
     * @param rejected how many more are damaged or no records
     */
    record Lost(
            long runId, long timeMillis, long openedMillis, UUID producer, String stream, long dropped, long rejected)
            implements MetricRecord {}
}
