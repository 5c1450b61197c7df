package dev.millrace.central;

import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies a metrics file to a central database.
 *
 * {@snippet :
 * CentralCounts copied = CentralPush.once(file, CentralSettings.of("jdbc:postgresql://host/metrics"));
 * }
 */
public final class CentralPush {
    /** Rounds after which runs that are over are looked at again: other processes may have delivered late. */
    private static final int LOOK_AGAIN = 60;

    private final MetricsFile file;
    private final int batchPoints;
    private final Map<Long, Done> done = new HashMap<>();
    private long rounds;

    CentralPush(MetricsFile file, int batchPoints) {
        this.file = file;
        this.batchPoints = batchPoints;
    }

    /** A run as it was when all of it was copied. */
    private record Done(RunStatus status, @Nullable Instant endedAt, Instant lastSeenAt) {
        static Done of(RunInfo run) {
            return new Done(run.status(), run.endedAt(), run.lastSeenAt());
        }
    }

    /**
     * Copies what the database does not have, and returns when all that was in the file at the beginning is there. Repeating it
     * does no harm.
     *
     * @throws CentralException if the database cannot be reached or used; what was copied before stays
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be read
     */
    public static CentralCounts once(Path file, CentralSettings settings) {
        try (MetricsFile source = MetricsFile.open(file);
                PostgresLink link = PostgresLink.open(settings)) {
            CentralCounts[] total = {CentralCounts.NONE};
            new CentralPush(source, settings.batchPoints())
                    .round(link, () -> false, counts -> total[0] = total[0].plus(counts));
            return total[0];
        }
    }

    /**
     * One round over all runs.
     *
     * @param stop asked between transactions
     * @param progress told after each transaction
     */
    void round(PostgresLink link, BooleanSupplier stop, Consumer<CentralCounts> progress) {
        if (rounds++ % LOOK_AGAIN == 0) {
            done.clear();
        }
        for (RunInfo run : file.runs()) {
            boolean over = run.status() != RunStatus.RUNNING;
            if (over && Done.of(run).equals(done.get(run.id()))) {
                continue;
            }
            RunPush push = new RunPush(file, run, batchPoints);
            boolean complete = false;
            while (!complete && !stop.getAsBoolean()) {
                RunPush.Outcome outcome = link.transaction("Cannot store metrics", push::step);
                progress.accept(outcome.counts());
                complete = outcome.complete();
            }
            if (complete && over) {
                done.put(run.id(), Done.of(run));
            }
        }
    }
}
