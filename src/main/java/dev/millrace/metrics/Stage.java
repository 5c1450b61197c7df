package dev.millrace.metrics;

import dev.millrace.sqlite.WriteQueue;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A named part of a run, from {@link Run#stage} to {@link #close}.
 *
 * {@snippet :
 * try (Stage build = run.stage("build")) {
 *     try (Stage features = build.stage("features")) {   // build.features
 *         if (!compute()) {
 *             features.fail();
 *         }
 *     }
 * }
 * }
 *
 * <p>Thread-safe; who starts it closes it. A stage that is still open when its run ends counts as failed. Durations are of
 * {@link System#nanoTime}, so that a clock that is set changes none.
 */
public final class Stage implements AutoCloseable {
    private final Run run;
    private final WriteQueue<MetricRecord> queue;
    private final Clock clock;
    private final long id;
    private final String name;
    private final long startedNanos = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();

    Stage(Run run, WriteQueue<MetricRecord> queue, Clock clock, long id, String name) {
        this.run = run;
        this.queue = queue;
        this.clock = clock;
        this.id = id;
        this.name = name;
        queue.put(new MetricRecord.StageStarted(run.id(), clock.millis(), id, name));
    }

    /** Its full name, with those of the stages around it before a dot each. */
    public String name() {
        return name;
    }

    /** Starts a part of this stage. */
    public Stage stage(String part) {
        return run.stage(name + '.' + part);
    }

    /** Ends it as failed. Harmless once it has ended. */
    public void fail() {
        end(true);
    }

    /** Ends it as done. Harmless once it has ended, or its run has. */
    @Override
    public void close() {
        end(false);
    }

    private void end(boolean failed) {
        if (ended.compareAndSet(false, true) && !run.hasEnded()) {
            double seconds = (System.nanoTime() - startedNanos) * 1e-9;
            queue.put(new MetricRecord.StageEnded(run.id(), clock.millis(), id, failed, seconds));
        }
    }
}
