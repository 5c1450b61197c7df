package dev.millrace.metrics;

import org.jspecify.annotations.Nullable;

/**
 * One thing that a run reported, as it was recorded. Immutable.
 *
 * @param timeMillis when, UTC milliseconds since 1970
 * @param kind what it is
 * @param name what was measured or done; the level of an event
 * @param scope the phase of an epoch metric, the type of a resource, else empty
 * @param unit of the value, else empty
 * @param step the step; null if it has none
 * @param round the round of an epoch metric or a step of producing data; null if it has none
 * @param epoch the epoch; null if it has none
 * @param value what was measured; the seconds that producing data took; NaN for an event
 * @param samples how many samples were produced; null for everything else
 * @param text the words of an event, else empty
 */
public record TailRecord(
        long timeMillis,
        Kind kind,
        String name,
        String scope,
        String unit,
        @Nullable Long step,
        @Nullable Integer round,
        @Nullable Integer epoch,
        double value,
        @Nullable Long samples,
        String text) {
    /** What was recorded. */
    public enum Kind {
        STEP,
        EPOCH,
        RESOURCE,
        GENERATION,
        EVENT
    }
}
