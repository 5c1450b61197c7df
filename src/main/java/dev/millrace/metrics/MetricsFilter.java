package dev.millrace.metrics;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which values to read. Immutable: each method gives a narrower or wider filter. A condition that is not set holds for
 * everything; a list holds for each of its values, an empty one for nothing; ranges include their ends. Superseded values
 * and values that are not finite are left out unless asked for.
 *
 * {@snippet :
 * List<MetricPoint> cpu = reader.points(MetricsFilter.of(SeriesKind.RESOURCE).scopes("cpu").names("system_total"));
 * }
 */
public final class MetricsFilter {
    private final SeriesKind kind;
    private final @Nullable List<Long> runIds;
    private final @Nullable List<String> names;
    private final @Nullable List<String> scopes;
    private final @Nullable List<Integer> rounds;
    private final @Nullable List<Integer> epochs;
    private final Range times;
    private final Range steps;
    private final boolean withSuperseded;
    private final boolean withNotFinite;

    private MetricsFilter(
            SeriesKind kind,
            @Nullable List<Long> runIds,
            @Nullable List<String> names,
            @Nullable List<String> scopes,
            @Nullable List<Integer> rounds,
            @Nullable List<Integer> epochs,
            Range times,
            Range steps,
            boolean withSuperseded,
            boolean withNotFinite) {
        this.kind = kind;
        this.runIds = runIds;
        this.names = names;
        this.scopes = scopes;
        this.rounds = rounds;
        this.epochs = epochs;
        this.times = times;
        this.steps = steps;
        this.withSuperseded = withSuperseded;
        this.withNotFinite = withNotFinite;
    }

    /**
     * All values of a kind.
     *
     * @throws IllegalArgumentException for {@link SeriesKind#GENERATION}: see {@link MetricsReader#generations}
     */
    public static MetricsFilter of(SeriesKind kind) {
        if (kind == SeriesKind.GENERATION) {
            throw new IllegalArgumentException("Expected step, epoch or resource values, found generation.");
        }
        return new MetricsFilter(kind, null, null, null, null, null, Range.ALL, Range.ALL, false, false);
    }

    /** Of these runs. */
    public MetricsFilter runs(Collection<Long> ids) {
        return new MetricsFilter(
                kind, List.copyOf(ids), names, scopes, rounds, epochs, times, steps, withSuperseded, withNotFinite);
    }

    /** Of one run. */
    public MetricsFilter run(long id) {
        return runs(List.of(id));
    }

    /** Of these names. */
    public MetricsFilter names(Collection<String> wanted) {
        return new MetricsFilter(
                kind, runIds, List.copyOf(wanted), scopes, rounds, epochs, times, steps, withSuperseded, withNotFinite);
    }

    /** Of these names. */
    public MetricsFilter names(String... wanted) {
        return names(List.of(wanted));
    }

    /** Of these phases of epoch metrics, or types of resources. */
    public MetricsFilter scopes(Collection<String> wanted) {
        return new MetricsFilter(
                kind, runIds, names, List.copyOf(wanted), rounds, epochs, times, steps, withSuperseded, withNotFinite);
    }

    /** Of these phases of epoch metrics, or types of resources. */
    public MetricsFilter scopes(String... wanted) {
        return scopes(List.of(wanted));
    }

    /** Of these rounds; only epoch metrics have one. */
    public MetricsFilter rounds(Collection<Integer> wanted) {
        return new MetricsFilter(
                kind, runIds, names, scopes, List.copyOf(wanted), epochs, times, steps, withSuperseded, withNotFinite);
    }

    /** Of these epochs; only epoch metrics have one. */
    public MetricsFilter epochs(Collection<Integer> wanted) {
        return new MetricsFilter(
                kind, runIds, names, scopes, rounds, List.copyOf(wanted), times, steps, withSuperseded, withNotFinite);
    }

    /** Recorded from one moment to another, UTC milliseconds since 1970. */
    public MetricsFilter times(long fromMillis, long toMillis) {
        Range range = new Range(fromMillis, toMillis);
        return new MetricsFilter(
                kind, runIds, names, scopes, rounds, epochs, range, steps, withSuperseded, withNotFinite);
    }

    /** From one step to another; a resource has none. */
    public MetricsFilter steps(long from, long to) {
        Range range = new Range(from, to);
        return new MetricsFilter(
                kind, runIds, names, scopes, rounds, epochs, times, range, withSuperseded, withNotFinite);
    }

    /** Also what a resumed run has gone over again. */
    public MetricsFilter withSuperseded() {
        return new MetricsFilter(kind, runIds, names, scopes, rounds, epochs, times, steps, true, withNotFinite);
    }

    /** Also NaN and infinities. */
    public MetricsFilter withNotFinite() {
        return new MetricsFilter(kind, runIds, names, scopes, rounds, epochs, times, steps, withSuperseded, true);
    }

    SeriesKind kind() {
        return kind;
    }

    @Nullable
    List<Long> runIds() {
        return runIds;
    }

    @Nullable
    List<String> names() {
        return names;
    }

    @Nullable
    List<String> scopes() {
        return scopes;
    }

    @Nullable
    List<Integer> rounds() {
        return rounds;
    }

    @Nullable
    List<Integer> epochs() {
        return epochs;
    }

    Range times() {
        return times;
    }

    Range steps() {
        return steps;
    }

    boolean includesSuperseded() {
        return withSuperseded;
    }

    boolean includesNotFinite() {
        return withNotFinite;
    }

    /** A range with both ends; the whole one also holds what has no place on the axis. */
    record Range(long from, long to) {
        static final Range ALL = new Range(Long.MIN_VALUE, Long.MAX_VALUE);

        boolean isAll() {
            return equals(ALL);
        }
    }
}
