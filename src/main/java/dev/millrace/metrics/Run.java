package dev.millrace.metrics;

import dev.millrace.sqlite.WriteQueue;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
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
public final class Run {
    private final WriteQueue<MetricRecord> queue;
    private final Clock clock;
    private final long id;
    private final String name;
    private volatile long lastStep;
    private volatile boolean ended;

    Run(WriteQueue<MetricRecord> queue, Clock clock, long id, String name) {
        this.queue = queue;
        this.clock = clock;
        this.id = id;
        this.name = name;
    }

    /** Its key in the file. */
    public long id() {
        return id;
    }

    /** The name it was started with. */
    public String name() {
        return name;
    }

    /** Records a value at a step. */
    public void log(long step, String metric, double value) {
        noteStep(step);
        queue.put(new MetricRecord.StepPoint(id, clock.millis(), step, requireName(metric), value));
    }

    /** Records several values at one step and time. */
    public void logAll(long step, Map<String, ? extends Number> values) {
        noteStep(step);
        long now = clock.millis();
        for (Map.Entry<String, ? extends Number> entry : values.entrySet()) {
            queue.put(new MetricRecord.StepPoint(
                    id, now, step, requireName(entry.getKey()), entry.getValue().doubleValue()));
        }
    }

    /** Records a value of an epoch, see {@link EpochMetric}. */
    public void epochMetric(String metric, double value, int round, int epoch, String phase) {
        EpochMetric recorded = new EpochMetric(requireName(metric), value, round, epoch, requireName(phase));
        queue.put(new MetricRecord.EpochPoint(id, clock.millis(), lastStep, recorded));
    }

    /** Records a finished step of producing data. */
    public void generation(Generation generation) {
        queue.put(new MetricRecord.GenerationPoint(id, clock.millis(), Objects.requireNonNull(generation)));
    }

    /** Records what a part of the machine does: {@code resource("cpu", "system_total", 12.5)}. */
    public void resource(String type, String metric, double value) {
        queue.put(new MetricRecord.ResourcePoint(id, clock.millis(), requireName(type), requireName(metric), value));
    }

    /** Records something that happened, in words. */
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
        if (status == RunStatus.RUNNING || status == RunStatus.CRASHED) {
            throw new IllegalArgumentException("Expected finished, failed or interrupted, found " + status + ".");
        }
        ended = true;
        queue.put(new MetricRecord.RunEnded(id, clock.millis(), status));
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
