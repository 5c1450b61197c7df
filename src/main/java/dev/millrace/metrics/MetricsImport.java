package dev.millrace.metrics;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes spool files into a metrics file without the process that made the run: after it was killed, or on a cluster where each
 * node has a spool folder. What was imported before is not imported again. Files are deleted once they are imported and no
 * process can write to them any more. No state, thread-safe.
 */
public final class MetricsImport {
    private static final long POLL_MILLIS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private MetricsImport() {}

    /**
     * Imports what is there.
     *
     * @param spoolFolder what workers write to
     * @param into made if it is not there
     * @throws dev.millrace.sqlite.DatabaseException if another process writes to the file, which then imports its own folder
     * @throws IllegalStateException if the file cannot be written
     */
    public static ImportReport run(Path spoolFolder, Path into) {
        return follow(spoolFolder, into, report -> false);
    }

    /**
     * As {@link #run}, and goes on with what comes. An interrupt ends it; what is imported stays, and the flag is kept.
     *
     * @param goOn asked each time that there is nothing more for now
     */
    public static ImportReport follow(Path spoolFolder, Path into, Predicate<ImportReport> goOn) {
        MetricsStore store = MetricsStore.open(into);
        try {
            SpoolBacklog spools = store.spools();
            spools.addFolder(spoolFolder.toAbsolutePath().normalize());
            do {
                // The look that is under way may have begun before.
                awaitLook(store, spools.progress().looks() + 2);
            } while (goOn.test(report(store)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.close();
        }
        return report(store);
    }

    private static void awaitLook(MetricsStore store, long looks) throws InterruptedException {
        long failingSince = System.nanoTime();
        while (store.spools().progress().looks() < looks) {
            @Nullable Throwable failure = store.failure();
            if (failure == null) {
                failingSince = System.nanoTime();
            } else if (System.nanoTime() - failingSince > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "Cannot import into " + store.file() + ": " + failure.getMessage(), failure);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static ImportReport report(MetricsStore store) {
        SpoolBacklog.Progress progress = store.spools().progress();
        return new ImportReport(
                progress.producers(),
                store.counts().imported(),
                store.counts().rejectedImports(),
                progress.damaged(),
                progress.torn(),
                progress.allFinished());
    }
}
