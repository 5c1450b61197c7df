package dev.millrace.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file in numbers. Immutable.
 *
 * @param runCount runs
 * @param stepMetricsCount values recorded at steps, superseded ones included, here and below
 * @param trainingMetricsCount values recorded for epochs
 * @param resourceMetricsCount resource samples
 * @param generationMetricsCount steps of producing data
 * @param eventCount events
 * @param droppedCount records that were lost because the queue was full
 * @param rejectedCount records that the database refused
 * @param durationMinutes from the first start of a run to the last thing recorded
 * @param dbSizeMb size of the file in MiB
 */
public record MetricsSummary(
        long runCount,
        long stepMetricsCount,
        long trainingMetricsCount,
        long resourceMetricsCount,
        long generationMetricsCount,
        long eventCount,
        long droppedCount,
        long rejectedCount,
        double durationMinutes,
        double dbSizeMb) {
    /** The same under the names that the summary statistics of metrics databases have by custom. */
    public Map<String, Number> asMap() {
        Map<String, Number> map = new LinkedHashMap<>();
        map.put("run_count", runCount);
        map.put("step_metrics_count", stepMetricsCount);
        map.put("training_metrics_count", trainingMetricsCount);
        map.put("resource_metrics_count", resourceMetricsCount);
        map.put("generation_metrics_count", generationMetricsCount);
        map.put("event_count", eventCount);
        map.put("dropped_count", droppedCount);
        map.put("rejected_count", rejectedCount);
        map.put("duration_minutes", durationMinutes);
        map.put("db_size_mb", dbSizeMb);
        return map;
    }
}
