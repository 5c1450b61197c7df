package dev.millrace.metrics;

import org.jspecify.annotations.Nullable;

/**
 * What one operation produced in one round. Immutable.
 *
 * @param operation what was done
 * @param round training round; null outside of one
 * @param count how often
 * @param samples number of samples produced in all
 * @param seconds how long it took in all
 * @param meanMemoryMb mean of the memory taken, in MiB; NaN when never measured
 */
public record GenerationSummary(
        String operation, @Nullable Integer round, long count, long samples, double seconds, double meanMemoryMb) {}
