package dev.millrace.monitor;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Processors and memory where there is no {@code /proc}: what the JVM itself tells. The memory of other processes is not
 * known there, so that of the tree is left out.
 */
final class PortableProbe implements Probe {
    private static final double MIB = 1024.0 * 1024.0;

    private Map<Long, Duration> usedBefore = new HashMap<>();
    private long lastNanos;
    private boolean begun;

    @Override
    public String name() {
        return "system";
    }

    @Override
    public void sample(ResourceRecorder into) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            // Negative when not known, and 0 at the first call, which says nothing.
            double load = system.getCpuLoad();
            into.resource("cpu", "system_total", "percent", begun && load >= 0 ? Percent.of(load) : Double.NaN);
            double total = system.getTotalMemorySize();
            double used = total - system.getFreeMemorySize();
            into.resource("ram", "system_total", "percent", total > 0 ? Percent.of(used / total) : Double.NaN);
            into.resource("ram", "system_used", "MiB", total > 0 ? used / MIB : Double.NaN);
        }
        long now = System.nanoTime();
        Map<Long, Duration> used = new HashMap<>();
        ProcessHandle self = ProcessHandle.current();
        Stream.concat(Stream.of(self), self.descendants())
                .forEach(process ->
                        process.info().totalCpuDuration().ifPresent(duration -> used.put(process.pid(), duration)));
        if (begun && !used.isEmpty() && now > lastNanos) {
            into.resource("cpu", "process_tree", "percent", Percent.of(share(used, now - lastNanos)));
        }
        usedBefore = used;
        lastNanos = now;
        begun = true;
    }

    private double share(Map<Long, Duration> used, long nanos) {
        double spent = 0;
        for (Map.Entry<Long, Duration> process : used.entrySet()) {
            Duration before = usedBefore.getOrDefault(process.getKey(), Duration.ZERO);
            spent += Math.max(0, process.getValue().minus(before).toNanos());
        }
        return spent / nanos / Runtime.getRuntime().availableProcessors();
    }
}
