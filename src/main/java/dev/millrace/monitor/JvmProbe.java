package dev.millrace.monitor;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.util.List;

/** Heap, other memory and garbage collection of this JVM, from its management beans. */
final class JvmProbe implements Probe {
    private static final double MIB = 1024.0 * 1024.0;

    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    private final List<BufferPoolMXBean> directPools =
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .toList();
    // Beans of concurrent cycles count time that the program runs beside.
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(bean ->
                    !bean.getName().contains("Cycles") && !bean.getName().contains("Concurrent"))
            .toList();
    private long pauseMillisBefore;
    private long lastNanos;
    private boolean begun;

    @Override
    public String name() {
        return "JVM";
    }

    @Override
    public void sample(ResourceRecorder into) {
        MemoryUsage heap = memory.getHeapMemoryUsage();
        into.resource("jvm", "heap_used", "MiB", heap.getUsed() / MIB);
        into.resource("jvm", "heap_committed", "MiB", heap.getCommitted() / MIB);
        into.resource(
                "jvm", "non_heap_used", "MiB", memory.getNonHeapMemoryUsage().getUsed() / MIB);
        for (BufferPoolMXBean pool : directPools) {
            into.resource("jvm", "direct_used", "MiB", pool.getMemoryUsed() / MIB);
        }
        long now = System.nanoTime();
        long pauseMillis = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            pauseMillis += Math.max(0, collector.getCollectionTime());
        }
        if (begun && now > lastNanos) {
            double share = 1e6 * (pauseMillis - pauseMillisBefore) / (now - lastNanos);
            into.resource("jvm", "gc_time", "percent", Percent.of(share));
        }
        begun = true;
        lastNanos = now;
        pauseMillisBefore = pauseMillis;
    }
}
