package dev.millrace.monitor;

import dev.millrace.monitor.MonitorSettings.ProcessMemory;
import java.io.IOException;

/** What this process and all that descend from it use, in percent of all processors and of the memory there is. */
final class ProcessTreeProbe implements Probe {
    private static final double MIB = 1024.0 * 1024.0;
    private static final int PROPORTIONAL_EVERY = 10;
    private static final long KIB = 1024;

    private final ProcReader proc;
    private final ProcessTree tree;
    private final ProcessMemory memory;
    private final double cores;
    private final double totalBytes;
    private long lastNanos;
    private long samples;

    /**
     * @param cores that the tree may use
     * @param totalBytes that the tree may use
     */
    ProcessTreeProbe(ProcReader proc, ProcessTree tree, ProcessMemory memory, double cores, long totalBytes) {
        this.proc = proc;
        this.tree = tree;
        this.memory = memory;
        this.cores = cores;
        this.totalBytes = totalBytes;
    }

    @Override
    public String name() {
        return "process tree";
    }

    @Override
    public void sample(ResourceRecorder into) throws IOException {
        long now = System.nanoTime();
        ProcessTree.Use use = tree.look();
        if (samples > 0 && now > lastNanos) {
            double seconds = (now - lastNanos) / 1e9;
            into.resource("cpu", "process_tree", "percent", Percent.of(use.cpuSeconds() / seconds / cores));
        }
        lastNanos = now;
        if (memory == ProcessMemory.RESIDENT) {
            record(into, (double) use.residentBytes());
        } else if (samples % PROPORTIONAL_EVERY == 0) {
            record(into, proportionalBytes());
        }
        samples++;
    }

    private void record(ResourceRecorder into, double bytes) {
        into.resource("ram", "process_tree", "percent", Percent.of(bytes / totalBytes));
        into.resource("ram", "process_tree_used", "MiB", bytes / MIB);
    }

    /** NaN if even this process does not tell. */
    private double proportionalBytes() throws IOException {
        long kib = 0;
        for (long process : tree.processes()) {
            if (proc.readIfThere(process + "/smaps_rollup") && proc.seekLine("Pss:")) {
                kib += proc.number();
            }
        }
        return kib == 0 ? Double.NaN : (double) kib * KIB;
    }
}
