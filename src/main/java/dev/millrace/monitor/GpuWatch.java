package dev.millrace.monitor;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads GPUs in a thread of its own, because a driver may hang in a call. Ends by itself when there are none, when the source
 * ends, or when it is silent for too long. Thread-safe.
 */
final class GpuWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GpuWatch.class);
    /** The longest silence that is not taken for a hang. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Supplier<@Nullable GpuSource> sources;
    private final ResourceRecorder recorder;
    private final Duration interval;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable GpuSource source;
    private volatile long lastHeard = System.nanoTime();
    private volatile boolean over;
    private volatile long cpuNanos;

    private GpuWatch(Supplier<@Nullable GpuSource> sources, ResourceRecorder recorder, Duration interval) {
        this.sources = sources;
        this.recorder = recorder;
        this.interval = interval;
        this.thread = new Thread(this::run, "millrace-gpu");
        this.thread.setDaemon(true);
    }

    /** NVML, else nvidia-smi, else nothing. */
    static Supplier<@Nullable GpuSource> ofThisMachine(Duration interval) {
        return () -> {
            GpuSource nvml = NvmlSource.open(Nvml.LIBRARIES);
            return nvml != null ? nvml : SmiSource.open(System.getenv("PATH"), interval);
        };
    }

    /** @param sources gives a source, or null; called in the watch's thread, may take its time */
    static GpuWatch start(Supplier<@Nullable GpuSource> sources, ResourceRecorder recorder, Duration interval) {
        GpuWatch watch = new GpuWatch(sources, recorder, interval);
        watch.thread.start();
        return watch;
    }

    /** Gives up a source that has not been heard of for too long. To be called now and then. */
    void check() {
        long patience = PATIENCE.plus(interval.multipliedBy(2)).toNanos();
        if (!over && System.nanoTime() - lastHeard > patience) {
            LOG.warn("GPUs are not watched any more: no answer for {} s.", PATIENCE.toSeconds());
            end();
        }
    }

    /** Whether nothing more will come. */
    boolean isOver() {
        return over;
    }

    /** CPU time of its thread. */
    long cpuNanos() {
        return cpuNanos;
    }

    private void run() {
        try (GpuSource opened = sources.get()) {
            source = opened;
            if (opened == null) {
                LOG.info("No GPUs detected.");
                return;
            }
            lastHeard = System.nanoTime();
            LOG.info("GPUs are watched through {}.", opened.name());
            long next = System.nanoTime();
            while (!over) {
                List<GpuReading> readings = opened.read();
                lastHeard = System.nanoTime();
                if (!over) {
                    readings.forEach(reading -> reading.record(recorder));
                }
                cpuNanos = MonitorThread.cpuNanos();
                if (!opened.paces()) {
                    next = MonitorThread.nextTick(next, interval.toNanos());
                    if (stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                }
            }
        } catch (IOException ended) {
            if (!over) {
                LOG.info("GPUs are not watched any more: {}", ended.getMessage());
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("GPUs are not watched: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over = true;
        }
    }

    /** A source that hangs in native code is left behind with its thread, which keeps nothing alive. */
    private void end() {
        over = true;
        stop.countDown();
        if (source instanceof SmiSource program) {
            program.close();
        }
    }

    @Override
    public void close() {
        end();
        MonitorThread.join(thread, PATIENCE);
    }
}
