package dev.millrace.metrics;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Maintenance;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What to remove from a metrics file, and the removing. A run that is running is never removed. Everything happens in short
 * transactions, each of which leaves a sound file: killed meanwhile, the next time goes on where it stopped. Immutable.
 *
 * @param keepRuns how many of the latest runs to keep; null for all
 * @param olderThan runs that ended, or were last seen, longer ago are removed; null for none
 * @param dropSuperseded whether to remove what resumed runs have gone over again
 * @param vacuum whether to give the freed pages back to the disk; needs as much free space as the file takes
 */
public record MetricsRetention(
        @Nullable Integer keepRuns, @Nullable Duration olderThan, boolean dropSuperseded, boolean vacuum) {
    /** Names a run whose removal has begun, so that one that was interrupted is known and goes on. */
    static final String REMOVING = "gc:removing";

    private static final String COUNT_POINTS = """
            SELECT coalesce(sum(CASE s.kind
              WHEN 'epoch' THEN (SELECT max(number) FROM epoch_point e WHERE e.series_id = s.series_id)
              WHEN 'generation' THEN (SELECT max(number) FROM generation g WHERE g.series_id = s.series_id)
              ELSE (SELECT max(number) FROM point p WHERE p.series_id = s.series_id) END), 0)
            FROM series s WHERE s.run_id = ?""";

    public MetricsRetention {
        if (keepRuns != null && keepRuns < 0) {
            throw new IllegalArgumentException("Expected to keep 0 runs or more, found " + keepRuns + ".");
        }
        if (olderThan != null && olderThan.isNegative()) {
            throw new IllegalArgumentException("Expected an age of 0 or more, found " + olderThan + ".");
        }
    }

    /**
     * What there is to remove, or was.
     *
     * @param runs the runs
     * @param points their values
     * @param supersededPoints values of other runs that resumed runs have gone over again
     */
    public record Plan(List<RunInfo> runs, long points, long supersededPoints) {}

    /** What {@link #apply} would remove now. Reads only. */
    public Plan plan(Path file) {
        try (MetricsReader reader = MetricsReader.open(file)) {
            return plan(reader, Clock.systemUTC());
        }
    }

    /**
     * Removes.
     *
     * @return what was removed
     * @throws dev.millrace.sqlite.DatabaseException if somebody records into the file, or it cannot be written
     */
    public Plan apply(Path file) {
        Plan plan = plan(file);
        Maintenance.run(file, MetricsSchema.SCHEMA, database -> {
            Removal removal = new Removal(database);
            plan.runs().forEach(run -> removal.removeRun(run.id()));
            if (dropSuperseded) {
                removal.removeSuperseded();
            }
            if (vacuum) {
                database.execute("VACUUM");
            }
        });
        return plan;
    }

    Plan plan(MetricsReader reader, Clock clock) {
        List<RunInfo> all = reader.runs();
        Instant oldest = olderThan == null ? Instant.MIN : clock.instant().minus(olderThan);
        int kept = keepRuns == null ? all.size() : keepRuns;
        Predicate<RunInfo> old = run -> (run.endedAt() == null ? run.lastSeenAt() : run.endedAt()).isBefore(oldest);
        List<RunInfo> doomed = IntStream.range(0, all.size())
                .filter(place -> place < all.size() - kept
                        || old.test(all.get(place))
                        || all.get(place).tags().contains(REMOVING))
                .mapToObj(all::get)
                .filter(run -> run.status() != RunStatus.RUNNING)
                .toList();
        Database database = reader.database();
        long points = doomed.stream()
                .mapToLong(run -> database.queryLong(COUNT_POINTS, run.id()))
                .sum();
        long superseded = 0;
        if (dropSuperseded) {
            List<Long> gone = doomed.stream().map(RunInfo::id).toList();
            superseded = Removal.seriesWithSuperseded(database).stream()
                    .filter(series -> !gone.contains(series.runId()))
                    .mapToLong(series -> Removal.countSuperseded(database, series))
                    .sum();
        }
        return new Plan(doomed, points, superseded);
    }
}
