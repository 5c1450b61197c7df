package dev.millrace.metrics;

import dev.millrace.spool.FrameWriterSettings;
import dev.millrace.sqlite.WriteQueue;
import dev.millrace.sqlite.WriteQueueCounts;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A metrics file, open for recording.
 *
 * {@snippet :
 * try (MetricsStore store = MetricsStore.open(Path.of("metrics.db"))) {
 *     Run run = store.startRun("finetune", Map.of("batch_size", 128));
 *     run.log(step, "loss", loss);
 *     run.epochMetric("loss", validationLoss, 0, epoch, "val");
 *     run.finish(RunStatus.FINISHED);
 * }
 * }
 *
 * <p>Thread-safe. Who opens it closes it; opening a file that this process has open gives the same store, and the first
 * {@link #close} closes it for all. One process at a time writes to a file; any number may read it meanwhile
 * ({@link MetricsReader}). What was recorded before a successful {@link #flush} survives a kill of the process; of the rest, the
 * last second may be lost, unless the process ends in an orderly way. SIGTERM and Ctrl-C are: what is left is written, and
 * runs that did not end are marked as interrupted.
 */
public final class MetricsStore implements AutoCloseable {
    private static final Map<Path, MetricsStore> OPEN_STORES = new HashMap<>();
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(30);
    private static final int LONGEST_NAME = 500;

    private final Path key;
    private final WriteQueue<MetricRecord> queue;
    private final WriteQueueSettings settings;
    private final Clock clock;
    private final List<Run> runs = new ArrayList<>();
    private final RunIds runIds;
    private final SpoolBacklog spools;
    private volatile boolean closed;

    private MetricsStore(
            Path key,
            WriteQueue<MetricRecord> queue,
            WriteQueueSettings settings,
            Clock clock,
            RunIds runIds,
            SpoolBacklog spools) {
        this.key = key;
        this.queue = queue;
        this.settings = settings;
        this.clock = clock;
        this.runIds = runIds;
        this.spools = spools;
    }

    /** Opens a file with the default settings, creating it if absent. */
    public static MetricsStore open(Path file) {
        return open(file, WriteQueueSettings.defaults());
    }

    /**
     * Opens a file, creating it if absent.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no metrics file, or another version's
     * @throws dev.millrace.sqlite.DatabaseException if another process writes to it, or it cannot be opened
     * @throws IllegalStateException if this process has it open with other settings
     */
    public static MetricsStore open(Path file, WriteQueueSettings settings) {
        return open(file, settings, Clock.systemUTC());
    }

    static MetricsStore open(Path file, WriteQueueSettings settings, Clock clock) {
        Path key = file.toAbsolutePath().normalize();
        synchronized (OPEN_STORES) {
            MetricsStore open = awaitClosing(key);
            if (open != null) {
                if (!open.settings.equals(settings)) {
                    throw new IllegalStateException("Metrics store is open already with other settings: expected "
                            + settings + ", found " + open.settings + " (" + key + ").");
                }
                return open;
            }
            long openedMillis = clock.millis();
            SpoolBacklog spools =
                    new SpoolBacklog(key, spoolFolder(key), FrameWriterSettings.defaults(), settings.overloadWait());
            WriteQueue<MetricRecord> queue = WriteQueue.open(
                    key,
                    MetricsSchema.SCHEMA,
                    connection -> new MetricsSink(connection, openedMillis),
                    settings,
                    spools);
            try {
                RunIds runIds = RunIds.of(queue.file());
                spools.begin(runIds);
                MetricsStore store = new MetricsStore(key, queue, settings, clock, runIds, spools);
                OPEN_STORES.put(key, store);
                return store;
            } catch (RuntimeException e) {
                queue.close();
                throw e;
            }
        }
    }

    /**
     * The store that this process has open for a file.
     *
     * @throws IllegalStateException if there is none
     */
    public static MetricsStore get(Path file) {
        Path key = file.toAbsolutePath().normalize();
        synchronized (OPEN_STORES) {
            MetricsStore open = OPEN_STORES.get(key);
            if (open == null || open.closed) {
                throw new IllegalStateException("Metrics store not initialized: expected MetricsStore.open(" + key
                        + ") before, found no open store for that file.");
            }
            return open;
        }
    }

    /**
     * The one store that this process has open.
     *
     * @throws IllegalStateException if there is none, or more than one
     */
    public static MetricsStore get() {
        synchronized (OPEN_STORES) {
            List<MetricsStore> open =
                    OPEN_STORES.values().stream().filter(store -> !store.closed).toList();
            if (open.isEmpty()) {
                throw new IllegalStateException(
                        "Metrics store not initialized: expected MetricsStore.open(file) before, found no open store.");
            }
            if (open.size() > 1) {
                throw new IllegalStateException("Several metrics stores are open: expected one, found "
                        + open.stream().map(MetricsStore::file).sorted().toList()
                        + ". Name the file: MetricsStore.get(file).");
            }
            return open.get(0);
        }
    }

    /**
     * The settings that metrics databases of this kind had by custom: a transaction for 100 records or after 5 s. The
     * {@linkplain WriteQueueSettings#defaults defaults} lose less at a kill and write faster.
     */
    public static WriteQueueSettings customarySettings() {
        return WriteQueueSettings.defaults().withFlush(100, Duration.ofSeconds(5));
    }

    /** The open store of a file, once one that is being closed is closed; null if there is none. */
    private static @Nullable MetricsStore awaitClosing(Path key) {
        boolean interrupted = false;
        MetricsStore open = OPEN_STORES.get(key);
        while (open != null && open.closed) {
            try {
                OPEN_STORES.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
            open = OPEN_STORES.get(key);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return open;
    }

    /** The file. */
    public Path file() {
        return key;
    }

    /**
     * Where other processes report to this file: see {@link WorkerMetrics}. It is beside the file, and there as soon as one
     * does.
     */
    public Path spoolFolder() {
        return spoolFolder(key);
    }

    /** What a process must find in its environment to report to a run, see {@link WorkerMetrics#ofEnvironment}. */
    public Map<String, String> workerEnvironment(Run run) {
        return Map.of(
                WorkerMetrics.SPOOL,
                spoolFolder().toString(),
                WorkerMetrics.RUN,
                run.uuid().toString(),
                WorkerMetrics.RUN_NAME,
                run.name());
    }

    static Path spoolFolder(Path file) {
        return file.resolveSibling(file.getFileName() + ".spool");
    }

    SpoolBacklog spools() {
        return spools;
    }

    /**
     * Starts a run.
     *
     * @param name what to call it; several runs may have the same name
     * @param params its settings, kept as text
     * @throws IllegalArgumentException if the name does not have 1 to 500 characters
     */
    public synchronized Run startRun(String name, Map<String, ?> params) {
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "Expected a run name of 1.." + LONGEST_NAME + " characters, found " + name.length() + ".");
        }
        UUID uuid = UUID.randomUUID();
        Run run = new Run(queue, clock, runIds.newRun(uuid), uuid, name, runIds.stages());
        queue.put(new MetricRecord.RunStarted(
                run.id(), run.uuid(), clock.millis(), name, asText(params), Origin.ofThisProcess()));
        runs.add(run);
        return run;
    }

    /**
     * Goes on with the latest run of a name, usually before {@link Run#supersedeAfter}.
     *
     * @param params settings that are new or changed
     * @throws IllegalArgumentException if the file has no run of that name
     */
    public synchronized Run resumeRun(String name, Map<String, ?> params) {
        if (!queue.flush(RESUME_TIMEOUT)) {
            throw new IllegalStateException(
                    "Cannot resume run '" + name + "' in " + key + ": what is recorded so far cannot be written.",
                    queue.failure());
        }
        Run run = latestRun(name);
        if (run == null) {
            throw new IllegalArgumentException(
                    "Cannot resume run '" + name + "': expected it in " + key + ", found no run of that name.");
        }
        runIds.register(run.id(), run.uuid());
        queue.put(new MetricRecord.RunResumed(run.id(), clock.millis(), asText(params), Origin.ofThisProcess()));
        runs.add(run);
        return run;
    }

    /**
     * Waits until everything recorded before this call is in the file, where readers see it and a kill leaves it.
     *
     * @return false if that did not come about in time
     */
    public boolean flush(Duration timeout) {
        return queue.flush(timeout);
    }

    /** How many records were accepted, written and lost since this store was opened. */
    public WriteQueueCounts counts() {
        return queue.counts();
    }

    /** Why nothing can be written at the moment (the disk is full, for example); null while all is well. */
    public @Nullable Throwable failure() {
        return queue.failure();
    }

    /** Writes what is left and closes the file; {@link #counts} is exact then. Runs that did not end count as interrupted. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            endRuns();
        } finally {
            queue.close();
            synchronized (OPEN_STORES) {
                OPEN_STORES.remove(key, this);
                OPEN_STORES.notifyAll();
            }
        }
    }

    private synchronized void endRuns() {
        for (Run run : runs) {
            if (!run.hasEnded()) {
                run.finish(RunStatus.INTERRUPTED);
            }
        }
    }

    private @Nullable Run latestRun(String name) {
        try (MetricsReader reader = MetricsReader.open(queue.file())) {
            return reader.runs().stream()
                    .filter(run -> run.name().equals(name))
                    .reduce((earlier, later) -> later)
                    .map(run -> new Run(queue, clock, run.id(), run.uuid(), name, runIds.stages()))
                    .orElse(null);
        }
    }

    private static Map<String, String> asText(Map<String, ?> params) {
        Map<String, String> text = new LinkedHashMap<>();
        params.forEach((name, value) -> text.put(name, String.valueOf(value)));
        return text;
    }
}
