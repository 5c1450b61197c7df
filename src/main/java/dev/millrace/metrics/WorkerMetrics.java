package dev.millrace.metrics;

import dev.millrace.spool.FrameBuffer;
import dev.millrace.spool.FrameWriter;
import dev.millrace.spool.SpoolFullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker process reports to a run of another process. It appends to a file of its own in the spool folder of the metrics
 * file; whoever has that file open takes it over within moments, or later.
 *
 * {@snippet :
 * // in the main process
 * builder.environment().putAll(store.workerEnvironment(run));
 * // in the worker
 * try (WorkerMetrics metrics = WorkerMetrics.ofEnvironment().orElseThrow()) {
 *     metrics.log(step, "loss", loss);
 * }
 * }
 *
 * <p>When a method returns, its record survives the end of this process and of the other, kills included; a loss of power may
 * take the last seconds, unless the settings say to force the file to the disk. Thread-safe. Who opens it closes it, which
 * forces what was recorded to the disk.
 */
public final class WorkerMetrics implements Recorder, AutoCloseable {
    /** Environment variable or system property: the spool folder. */
    public static final String SPOOL = "MILLRACE_SPOOL";
    /** Environment variable or system property: the uuid of the run. */
    public static final String RUN = "MILLRACE_RUN";
    /** Environment variable or system property: what to call the run where it is not known. */
    public static final String RUN_NAME = "MILLRACE_RUN_NAME";

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMetrics.class);
    private static final long ROOM_POLL_NANOS = 1_000_000;

    private final FrameWriter writer;
    private final WorkerSettings settings;
    private final Clock clock;
    private final ThreadLocal<FrameBuffer> buffers = ThreadLocal.withInitial(FrameBuffer::new);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedResources = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean refusing;
    private volatile long lastStep;

    private WorkerMetrics(FrameWriter writer, WorkerSettings settings, Clock clock) {
        this.writer = writer;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Opens with the default settings.
     *
     * @param spoolFolder see {@link MetricsStore#spoolFolder}; made if it is not there
     * @param run uuid of the run, see {@link Run#uuid}; where the file has no such run, it gets one
     * @param runName what to call it then
     * @throws UncheckedIOException if nothing can be written there
     */
    public static WorkerMetrics open(Path spoolFolder, UUID run, String runName) {
        return open(spoolFolder, run, runName, WorkerSettings.defaults());
    }

    /** As {@link #open(Path, UUID, String)}, with settings. */
    public static WorkerMetrics open(Path spoolFolder, UUID run, String runName, WorkerSettings settings) {
        Map<String, String> description = new LinkedHashMap<>(SpoolProducer.describe(Origin.ofThisProcess()));
        description.put(SpoolProducer.RUN_UUID, run.toString());
        description.put(SpoolProducer.RUN_NAME, runName);
        try {
            FrameWriter writer = FrameWriter.open(spoolFolder, UUID.randomUUID(), description, settings.files());
            return new WorkerMetrics(writer, settings, Clock.systemUTC());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot report metrics to " + spoolFolder + ": " + e.getMessage()
                            + ". Check that the folder may be written and has room.",
                    e);
        }
    }

    /**
     * Opens what the process that started this one says in its environment, or system properties of the same names.
     *
     * @return empty if it says nothing
     * @throws IllegalArgumentException if the run is no uuid
     */
    public static Optional<WorkerMetrics> ofEnvironment() {
        String folder = setting(SPOOL);
        String run = setting(RUN);
        if (folder == null || run == null) {
            return Optional.empty();
        }
        String name = setting(RUN_NAME);
        try {
            return Optional.of(open(Path.of(folder), UUID.fromString(run), name == null ? "worker" : name));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Wrong environment: expected " + RUN + " to be a uuid, found '" + run + "'.", e);
        }
    }

    @Override
    public void param(String setting, Object value) {
        record(new MetricRecord.Param(0, clock.millis(), setting, String.valueOf(Objects.requireNonNull(value))));
    }

    @Override
    public void tag(String tag) {
        record(new MetricRecord.Tag(0, clock.millis(), tag));
    }

    @Override
    public void log(long step, String metric, double value) {
        noteStep(step);
        FrameBuffer frames = buffer();
        try {
            RecordCodec.step(frames, null, clock.millis(), step, Objects.requireNonNull(metric), value);
        } catch (IllegalArgumentException nameTooLong) {
            frames.abandon();
            dropped.incrementAndGet();
            return;
        }
        append(frames);
    }

    @Override
    public void logAll(long step, Map<String, ? extends Number> values) {
        noteStep(step);
        long now = clock.millis();
        FrameBuffer frames = buffer();
        for (Map.Entry<String, ? extends Number> entry : values.entrySet()) {
            String metric = Objects.requireNonNull(entry.getKey());
            double value = entry.getValue().doubleValue();
            isEncoded(frames, () -> RecordCodec.step(frames, null, now, step, metric, value));
        }
        append(frames);
    }

    @Override
    public void epochMetric(String metric, double value, int round, int epoch, String phase) {
        EpochMetric recorded = new EpochMetric(metric, value, round, epoch, phase);
        record(new MetricRecord.EpochPoint(0, clock.millis(), lastStep, recorded));
    }

    @Override
    public void generation(Generation generation) {
        record(new MetricRecord.GenerationPoint(0, clock.millis(), generation));
    }

    @Override
    public void resource(String type, String metric, double value) {
        resource(type, metric, "", value);
    }

    @Override
    public void resource(String type, String metric, String unit, double value) {
        if (refusing
                || writer.bytes() > settings.resourceShare() * settings.files().largestBytes()) {
            droppedResources.incrementAndGet();
            return;
        }
        FrameBuffer frames = buffer();
        if (isEncoded(frames, () -> RecordCodec.resource(frames, null, clock.millis(), type, metric, unit, value))) {
            try {
                writer.append(frames);
            } catch (IOException e) {
                droppedResources.incrementAndGet();
            }
        }
    }

    @Override
    public void event(String level, String text) {
        record(new MetricRecord.Event(0, clock.millis(), level, text));
    }

    /**
     * Records how the run ended, for a worker that is all there is of it; else the main process says so.
     *
     * @throws IllegalArgumentException for {@link RunStatus#RUNNING} and {@link RunStatus#CRASHED}
     */
    public void finish(RunStatus status) {
        record(new MetricRecord.RunEnded(0, clock.millis(), RunStatus.requireEnd(status)));
    }

    /** How many records were dropped because there was no room, measurements of the machine included. */
    public long dropped() {
        return dropped.get() + droppedResources.get();
    }

    /**
     * Forces what was recorded to the disk, so that it survives a loss of power too.
     *
     * @throws UncheckedIOException if the disk refuses
     */
    public void sync() {
        try {
            writer.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says that nothing more comes. Harmless when repeated. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                tellDropped();
                writer.close();
            } catch (IOException e) {
                LOG.warn("{}", e.toString());
            }
        }
    }

    private void record(MetricRecord record) {
        FrameBuffer frames = buffer();
        if (isEncoded(frames, () -> RecordCodec.encode(frames, record, null))) {
            append(frames);
        }
    }

    /** A text that no frame holds is one that the database would refuse too: the record is counted and left out. */
    private boolean isEncoded(FrameBuffer frames, Runnable encoding) {
        try {
            encoding.run();
            return true;
        } catch (IllegalArgumentException tooLong) {
            frames.abandon();
            dropped.incrementAndGet();
            return false;
        }
    }

    private FrameBuffer buffer() {
        FrameBuffer frames = buffers.get();
        frames.clear();
        return frames;
    }

    private void append(FrameBuffer frames) {
        long deadline = 0;
        while (true) {
            try {
                writer.append(frames);
                if (refusing) {
                    refusing = false;
                    LOG.warn("Metrics can be recorded again; {} were dropped", dropped());
                }
                tellDropped();
                return;
            } catch (IOException e) {
                if (e instanceof SpoolFullException full) {
                    frames.dropFirst(full.kept());
                }
                long now = System.nanoTime();
                deadline = deadline == 0 ? now + settings.overloadWait().toNanos() : deadline;
                if (refusing || now - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                    refuse(frames, e);
                    return;
                }
                LockSupport.parkNanos(ROOM_POLL_NANOS);
            }
        }
    }

    /** Waits for nothing any more until something can be appended again. */
    private void refuse(FrameBuffer frames, IOException reason) {
        dropped.addAndGet(frames.frames());
        if (!refusing) {
            refusing = true;
            LOG.error("Metrics are dropped and counted until there is room: {}", reason.getMessage());
        }
    }

    /** The file says how much is missing from it. */
    private void tellDropped() {
        long now = dropped();
        long before = told.get();
        if (now != before && told.compareAndSet(before, now)) {
            FrameBuffer frames = new FrameBuffer();
            RecordCodec.dropped(frames, clock.millis(), dropped.get(), droppedResources.get());
            try {
                writer.append(frames);
            } catch (IOException e) {
                // Told with the next record, then.
                told.set(before);
            }
        }
    }

    private void noteStep(long step) {
        // Threads may overtake each other here by a step; it only dates epoch rows.
        if (step > lastStep) {
            lastStep = step;
        }
    }

    private static @Nullable String setting(String name) {
        String property = System.getProperty(name);
        return property == null ? System.getenv(name) : property;
    }
}
