package dev.millrace.metrics;

/**
 * An epoch metric as it was recorded. Immutable.
 *
 * @param metric what was recorded
 * @param step the last step before it; 0 when the run records no steps
 * @param timeMillis when, UTC milliseconds since 1970
 */
public record EpochPoint(EpochMetric metric, long step, long timeMillis) {}
