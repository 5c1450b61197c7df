package dev.millrace.metrics;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A step of producing data that is under way, from {@link Run#generationStart} to {@code complete}. One that is never
 * completed leaves no row. Thread-safe.
 */
public final class StartedGeneration {
    private final Run run;
    private final String operation;
    private final @Nullable Integer round;
    private final @Nullable Integer chunk;
    private final Instant startedAt;
    private final long startedNanos = System.nanoTime();
    private final double startedMemoryMb = ProcessMemory.residentMb();
    private final AtomicBoolean completed = new AtomicBoolean();

    StartedGeneration(Run run, String operation, @Nullable Integer round, @Nullable Integer chunk, Instant startedAt) {
        this.run = run;
        this.operation = operation;
        this.round = round;
        this.chunk = chunk;
        this.startedAt = startedAt;
    }

    /**
     * Records that it is done, with the memory that this process has taken since it began (its resident set; less than 0 when
     * it gave some back, not recorded where the system does not tell).
     *
     * @param samples number of samples produced
     * @throws IllegalStateException if it was completed before
     */
    public void complete(long samples) {
        complete(samples, ProcessMemory.residentMb() - startedMemoryMb);
    }

    /**
     * Records that it is done.
     *
     * @param samples number of samples produced
     * @param memoryMb memory taken meanwhile, in MiB; NaN when not measured
     * @throws IllegalStateException if it was completed before
     */
    public void complete(long samples, double memoryMb) {
        double seconds = (System.nanoTime() - startedNanos) * 1e-9;
        if (!completed.compareAndSet(false, true)) {
            throw new IllegalStateException("Generation '" + operation + "' is complete already.");
        }
        run.generation(new Generation(operation, round, chunk, startedAt, seconds, samples, memoryMb));
    }
}
