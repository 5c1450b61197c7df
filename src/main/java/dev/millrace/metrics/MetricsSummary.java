package dev.millrace.metrics;

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
        double dbSizeMb) {}
