package dev.millrace.metrics;

import dev.millrace.sqlite.WriteQueue;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One run and what it reports. Obtained from {@link MetricsStore#startRun}; nothing to close, but {@link #finish} says that it
 * ended well.
 *
 * <p>Thread-safe. No method waits for the disk; each takes a microsecond or so, unless the queue is full (see
 * {@link dev.millrace.sqlite.WriteQueueSettings}). A record that could not be kept is counted in {@link MetricsStore#counts},
 * as is one whose name the database refuses (1 to 500 characters). NaN and infinite values are kept as they are.
 *
 * <p>All methods throw {@link IllegalStateException} once the store is closed.
 */
public final class Run implements Recorder {
    private final WriteQueue<MetricRecord> queue;
    private final Clock clock;
    private final long id;
    private final UUID uuid;
    private final String name;
    private final AtomicLong stageIds;
    private volatile long lastStep;
    private volatile boolean ended;

    /** @param stageIds gives each stage of the file its key */
    Run(WriteQueue<MetricRecord> queue, Clock clock, long id, UUID uuid, String name, AtomicLong stageIds) {
        this.queue = queue;
        this.clock = clock;
        this.id = id;
        this.uuid = uuid;
        this.name = name;
        this.stageIds = stageIds;
    }

    /** Its key in the file. */
    public long id() {
        return id;
    }

    /** Its key among all files. */
    public UUID uuid() {
        return uuid;
    }

    /** The name it was started with. */
    public String name() {
        return name;
    }

    /** Records a setting, in place of one of the same name; it is kept as text. */
    @Override
    public void param(String setting, Object value) {
        queue.put(new MetricRecord.Param(
                id, clock.millis(), requireName(setting), String.valueOf(Objects.requireNonNull(value))));
    }

    /** Marks the run with a word to find it by. Harmless when repeated. */
    @Override
    public void tag(String tag) {
        queue.put(new MetricRecord.Tag(id, clock.millis(), requireName(tag)));
    }

    /** Begins a named part of the run; who begins it closes it. */
    public Stage stage(String stage) {
        return new Stage(this, queue, clock, stageIds.getAndIncrement(), requireName(stage));
    }

    /** Records a value at a step. */
    @Override
    public void log(long step, String metric, double value) {
        noteStep(step);
        queue.put(new MetricRecord.StepPoint(id, clock.millis(), step, requireName(metric), value));
    }

    /** Records several values at one step and time. */
    @Override
    public void logAll(long step, Map<String, ? extends Number> values) {
        logAll(step, clock.millis(), values);
    }

    /** Records several values that were measured at another time than now, UTC milliseconds since 1970. */
    public void logAll(long step, long timeMillis, Map<String, ? extends Number> values) {
        noteStep(step);
        for (Map.Entry<String, ? extends Number> entry : values.entrySet()) {
            queue.put(new MetricRecord.StepPoint(
                    id,
                    timeMillis,
                    step,
                    requireName(entry.getKey()),
                    entry.getValue().doubleValue()));
        }
    }

    /**
     * Measures how long something takes, and records the seconds at a step when it is closed.
     *
     * {@snippet :
     * try (Run.Timer building = run.time(step, "build_seconds")) {
     *     build();
     * }
     * }
     */
    public Timer time(long step, String metric) {
        return new Timer(step, requireName(metric));
    }

    /** Records a value of an epoch, see {@link EpochMetric}. */
    @Override
    public void epochMetric(String metric, double value, int round, int epoch, String phase) {
        EpochMetric recorded = new EpochMetric(requireName(metric), value, round, epoch, requireName(phase));
        queue.put(new MetricRecord.EpochPoint(id, clock.millis(), lastStep, recorded));
    }

    /** Records a finished step of producing data. */
    @Override
    public void generation(Generation generation) {
        queue.put(new MetricRecord.GenerationPoint(id, clock.millis(), Objects.requireNonNull(generation)));
    }

    /**
     * Begins a step of producing data; {@code complete} of what it returns records it.
     *
     * @param operation what is done, {@code spectra_build} for example
     * @param round training round it is done for; null outside of one
     * @param chunk part of a larger whole; null when it is not cut up
     */
    public StartedGeneration generationStart(String operation, @Nullable Integer round, @Nullable Integer chunk) {
        return new StartedGeneration(this, requireName(operation), round, chunk, clock.instant());
    }

    /** Begins a step of producing data that belongs to no round and is not cut up. */
    public StartedGeneration generationStart(String operation) {
        return generationStart(operation, null, null);
    }

    /** Records what a part of the machine does: {@code resource("cpu", "system_total", 12.5)}. */
    @Override
    public void resource(String type, String metric, double value) {
        resource(type, metric, "", value);
    }

    /**
     * Records what a part of the machine does: {@code resource("cpu", "system_total", "percent", 12.5)}.
     *
     * @param unit of the value, at most 50 characters; the first that is not empty holds for the series
     */
    @Override
    public void resource(String type, String metric, String unit, double value) {
        queue.putSample(new MetricRecord.ResourcePoint(
                id, clock.millis(), requireName(type), requireName(metric), requireName(unit), value));
    }

    /** Records something that happened, in words. */
    @Override
    public void event(String level, String text) {
        queue.put(new MetricRecord.Event(id, clock.millis(), requireName(level), Objects.requireNonNull(text)));
    }

    /**
     * Marks what was recorded after a step as superseded, because training goes on from there. The rows stay in the file, but
     * no view or reader shows them. Applies to everything recorded before this call, also by an earlier process.
     */
    public void supersedeAfter(long step) {
        lastStep = step;
        queue.put(new MetricRecord.Superseded(id, clock.millis(), step));
    }

    /**
     * Records how the run ended. A run that never says so is shown as crashed once its process is gone.
     *
     * @throws IllegalArgumentException for {@link RunStatus#RUNNING} and {@link RunStatus#CRASHED}
     */
    public void finish(RunStatus status) {
        RunStatus end = RunStatus.requireEnd(status);
        ended = true;
        queue.put(new MetricRecord.RunEnded(id, clock.millis(), end));
    }

    /** Takes the time from its making to its closing, by {@link System#nanoTime}. One thread at a time. */
    public final class Timer implements AutoCloseable {
        private final long step;
        private final String metric;
        private final long startedNanos = System.nanoTime();
        private boolean closed;

        private Timer(long step, String metric) {
            this.step = step;
            this.metric = metric;
        }

        /** Records the seconds. Harmless when repeated. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                log(step, metric, (System.nanoTime() - startedNanos) * 1e-9);
            }
        }
    }

    boolean hasEnded() {
        return ended;
    }

    private void noteStep(long step) {
        // Threads may overtake each other here by a step; it only dates epoch rows.
        if (step > lastStep) {
            lastStep = step;
        }
    }

    private static String requireName(@Nullable String name) {
        return Objects.requireNonNull(name, "a name must not be null");
    }
}
