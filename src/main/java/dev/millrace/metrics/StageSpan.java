package dev.millrace.metrics;

import org.jspecify.annotations.Nullable;

/**
 * A named part of a run, and when it was. Immutable.
 *
 * @param name its name; parts of parts have dots in their names
 * @param status how it stands; one that was open when its run ended, or its process died, has failed
 * @param startedMillis when it began, UTC milliseconds since 1970
 * @param durationSeconds how long it took; null while it runs, and when its process died
 */
public record StageSpan(
        String name,
        StageStatus status,
        long startedMillis,
        @Nullable Double durationSeconds) {}
