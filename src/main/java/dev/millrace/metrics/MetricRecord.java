package dev.millrace.metrics;

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
}
