package dev.millrace.monitor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Memory of the machine, from {@code /proc/meminfo} (proc(5)); of the control group where that allows less. Memory that is
 * available without swapping counts as free.
 */
final class MemoryProbe implements Probe {
    private static final double MIB = 1024.0 * 1024.0;
    private static final long KIB = 1024;

    private final ProcReader proc;
    private final ProcReader anywhere = new ProcReader(Path.of("/"));
    private final Cgroup limits;

    MemoryProbe(ProcReader proc, Cgroup limits) {
        this.proc = proc;
        this.limits = limits;
    }

    /** Memory of the machine. */
    static long totalBytes(ProcReader proc) throws IOException {
        proc.readHead("meminfo");
        return KIB * amount(proc, "MemTotal:");
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void sample(ResourceRecorder into) throws IOException {
        long total;
        long used;
        if (limits.memory().isPresent()) {
            total = limits.memory().get().bytes();
            used = limits.memory().get().usedBytes(anywhere);
        } else {
            total = totalBytes(proc);
            used = total - KIB * amount(proc, "MemAvailable:");
        }
        into.resource("ram", "system_total", "percent", Percent.of(used / (double) total));
        into.resource("ram", "system_used", "MiB", used / MIB);
    }

    private static long amount(ProcReader proc, String key) throws IOException {
        if (!proc.seekLine(key)) {
            throw new IOException("Expected " + key + " in meminfo, found none.");
        }
        return proc.number();
    }
}
