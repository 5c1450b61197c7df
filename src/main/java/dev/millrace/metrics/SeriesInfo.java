package dev.millrace.metrics;

/**
 * One series of a run. Immutable.
 *
 * @param id its key in the file
 * @param runId the run
 * @param kind what it consists of
 * @param name what is measured: {@code loss}, {@code system_total}
 * @param scope the phase of an epoch metric, the type of a resource ({@code cpu}), else empty
 * @param unit of its values, such as {@code percent} or {@code MiB}; empty where it has none or nobody said
 * @param count points recorded so far, superseded ones included
 */
public record SeriesInfo(long id, long runId, SeriesKind kind, String name, String scope, String unit, long count) {}
