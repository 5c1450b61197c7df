package dev.millrace.metrics;

import org.jspecify.annotations.Nullable;

/**
 * One recorded value and all that is known of it. Immutable.
 *
 * @param runId the run
 * @param kind what its series consists of
 * @param name what is measured
 * @param scope the phase of an epoch metric, the type of a resource, else empty
 * @param unit of the value; empty where it has none
 * @param number its place in its series, from 1
 * @param timeMillis when, UTC milliseconds since 1970
 * @param step the step; null for a resource
 * @param round the training round; null unless it is of an epoch
 * @param epoch the epoch; null unless it is of an epoch
 * @param value the value, which may be NaN or infinite
 * @param superseded whether a resumed run has gone over its step again
 */
public record MetricPoint(
        long runId,
        SeriesKind kind,
        String name,
        String scope,
        String unit,
        long number,
        long timeMillis,
        @Nullable Long step,
        @Nullable Integer round,
        @Nullable Integer epoch,
        double value,
        boolean superseded) {}
