package dev.millrace.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples what the machine and this program's processes do, in threads of its own, until it is closed.
 *
 * {@snippet :
 * try (MetricsStore store = MetricsStore.open(file)) {
 *     Run run = store.startRun("train", Map.of());
 *     try (ResourceMonitor monitor = ResourceMonitor.of(run::resource, MonitorSettings.defaults()).start()) {
 *         train();
 *     }
 * }
 * }
 *
 * <table>
 * <caption>What is recorded; system values are those of the control group where that allows less than the machine has</caption>
 * <tr><td>cpu</td><td>system_total, process_tree (percent of all cores)</td></tr>
 * <tr><td>ram</td><td>system_total, process_tree (percent), system_used, process_tree_used (MiB)</td></tr>
 * <tr><td>jvm</td><td>heap_used, heap_committed, non_heap_used, direct_used (MiB), gc_time (percent of time)</td></tr>
 * <tr><td>disk</td><td>free (GiB), used (percent), every tenth sample</td></tr>
 * <tr><td>gpu</td><td>for each device NAME:INDEX_utilization, _memory (percent), _temperature (°C), _power (W)</td></tr>
 * </table>
 *
 * <p>A value that cannot be measured is not recorded, never replaced by 0; a part that fails is logged once and tried again at
 * the next sample. Nothing is thrown at the program. Thread-safe; who starts it closes it, before what it records to. May be
 * started again after it was closed.
 */
public final class ResourceMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceMonitor.class);
    private static final Path PROC = Path.of("/proc");
    /** A last sample at closing is worth taking when shares of time since the one before mean something. */
    private static final long SHORTEST_LAST_NANOS = 100_000_000L;

    private final ResourceRecorder recorder;
    private final MonitorSettings settings;
    private final Supplier<List<Probe>> probes;
    private final Supplier<@Nullable GpuSource> gpus;
    private final RecentSamples recent;
    private @Nullable Watch watch;
    private @Nullable Watch last;

    private ResourceMonitor(
            ResourceRecorder recorder,
            MonitorSettings settings,
            Supplier<List<Probe>> probes,
            Supplier<@Nullable GpuSource> gpus) {
        this.recorder = recorder;
        this.settings = settings;
        this.probes = probes;
        this.gpus = gpus;
        this.recent = new RecentSamples(settings.interval().toMillis());
    }

    /** A monitor that is not running yet. */
    public static ResourceMonitor of(ResourceRecorder recorder, MonitorSettings settings) {
        return of(recorder, settings, () -> probesOfThisMachine(settings), GpuWatch.ofThisMachine(settings.interval()));
    }

    static ResourceMonitor of(
            ResourceRecorder recorder,
            MonitorSettings settings,
            Supplier<List<Probe>> probes,
            Supplier<@Nullable GpuSource> gpus) {
        return new ResourceMonitor(recorder, settings, probes, gpus);
    }

    /** Begins to sample; harmless while it does. */
    public synchronized ResourceMonitor start() {
        if (watch == null) {
            watch = new Watch();
            watch.thread.start();
        }
        return this;
    }

    /** The values of the last minute, oldest first, also after closing. */
    public List<ResourceSample> recent() {
        return recent.since(System.currentTimeMillis());
    }

    /** What watching has cost since the last start; all zero before the first. */
    public synchronized MonitorCost cost() {
        Watch current = watch != null ? watch : last;
        return current == null ? new MonitorCost(0, 0, 0, 0, 0) : current.cost();
    }

    /** Takes a last sample and ends the threads; returns within seconds even when a driver hangs. Harmless when repeated. */
    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.end();
            last = watch;
            watch = null;
        }
    }

    private static List<Probe> probesOfThisMachine(MonitorSettings settings) {
        List<Probe> probes = new ArrayList<>();
        ProcReader proc = new ProcReader(PROC);
        try {
            int cores = CpuProbe.cores(proc);
            long memory = MemoryProbe.totalBytes(proc);
            Cgroup limits = Cgroup.find(PROC, cores, memory);
            probes.add(new CpuProbe(proc, limits));
            probes.add(new MemoryProbe(proc, limits));
            probes.add(new ProcessTreeProbe(
                    proc,
                    new ProcessTree(proc, ProcessHandle.current().pid()),
                    settings.processMemory(),
                    limits.cpu().map(Cgroup.CpuLimit::cores).orElse((double) cores),
                    limits.memory().map(Cgroup.MemoryLimit::bytes).orElse(memory)));
        } catch (IOException e) {
            if (Files.exists(PROC.resolve("stat"))) {
                LOG.warn("Cannot read /proc: {}", e.getMessage());
            }
            probes.add(new PortableProbe());
        }
        probes.add(new JvmProbe());
        probes.add(new DiskProbe(settings.folder()));
        return probes;
    }

    /** From one start to the next close. */
    private final class Watch {
        private final Thread thread = new Thread(this::run, "millrace-monitor");
        private final CountDownLatch stop = new CountDownLatch(1);
        private final long startedNanos = System.nanoTime();
        private final AtomicLong values = new AtomicLong();
        private final AtomicLong failures = new AtomicLong();
        private final Set<String> told = new HashSet<>();
        private final AtomicLong samples = new AtomicLong();
        private volatile long cpuNanos;
        private volatile long seenNanos = startedNanos;
        private volatile @Nullable GpuWatch gpuWatch;

        Watch() {
            thread.setDaemon(true);
        }

        MonitorCost cost() {
            GpuWatch devices = gpuWatch;
            return new MonitorCost(
                    samples.get(),
                    values.get(),
                    failures.get(),
                    (cpuNanos + (devices == null ? 0 : devices.cpuNanos())) / 1e9,
                    (seenNanos - startedNanos) / 1e9);
        }

        void end() {
            stop.countDown();
            if (!MonitorThread.join(thread, GpuWatch.PATIENCE)) {
                LOG.warn("The monitor does not end; it is left behind.");
            }
        }

        private void run() {
            List<Probe> opened = List.of();
            try {
                opened = probes.get();
            } catch (RuntimeException | LinkageError e) {
                failed("any of its probes", e);
            }
            watch(opened);
        }

        private void watch(List<Probe> opened) {
            try (GpuWatch devices = settings.gpus() ? GpuWatch.start(gpus, this::record, settings.interval()) : null) {
                gpuWatch = devices;
                long next = System.nanoTime();
                do {
                    sample(opened);
                    if (devices != null) {
                        devices.check();
                    }
                    next = MonitorThread.nextTick(next, settings.interval().toNanos());
                } while (!stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
                if (System.nanoTime() - seenNanos >= SHORTEST_LAST_NANOS) {
                    sample(opened);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                opened.forEach(Probe::close);
            }
        }

        private void sample(List<Probe> opened) {
            long sample = samples.get();
            for (Probe probe : opened) {
                if (sample % probe.everySamples() == 0) {
                    try {
                        probe.sample(this::record);
                    } catch (IOException | RuntimeException | LinkageError e) {
                        failed(probe.name(), e);
                    }
                }
            }
            cpuNanos = MonitorThread.cpuNanos();
            seenNanos = System.nanoTime();
            samples.incrementAndGet();
        }

        /** Takes a value of any of the threads. */
        private void record(String type, String name, String unit, double value) {
            if (!Double.isFinite(value)) {
                return;
            }
            recent.add(System.currentTimeMillis(), type, name, unit, value);
            try {
                recorder.resource(type, name, unit, value);
                values.incrementAndGet();
            } catch (RuntimeException e) {
                failed("recording", e);
            }
        }

        private void failed(String what, Throwable cause) {
            failures.incrementAndGet();
            boolean first;
            synchronized (told) {
                first = told.add(what);
            }
            if (first) {
                LOG.warn("The monitor goes on without {}: {}", what, cause.toString());
            }
        }
    }
}
