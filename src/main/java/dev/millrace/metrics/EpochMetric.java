package dev.millrace.metrics;

/**
 * A value that describes a whole epoch. Immutable.
 *
 * @param name for example {@code loss} or {@code learning_rate}
 * @param value may be NaN or infinite
 * @param round number of the training round, 0 where there are none
 * @param epoch number of the epoch within its round
 * @param phase {@code train}, {@code val} or what else the caller distinguishes
 */
public record EpochMetric(String name, double value, int round, int epoch, String phase) {}
