package dev.millrace.metrics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One finished step of producing data. Immutable.
 *
 * @param operation what was done, {@code spectra_build} for example
 * @param round training round it was done for; null outside of one
 * @param chunk part of a larger whole; null when it is not cut up
 * @param startedAt when it began
 * @param durationSeconds how long it took
 * @param samples number of samples produced
 * @param memoryMb memory taken meanwhile, in MiB; NaN when not measured
 */
public record Generation(
        String operation,
        @Nullable Integer round,
        @Nullable Integer chunk,
        Instant startedAt,
        double durationSeconds,
        long samples,
        double memoryMb) {}
