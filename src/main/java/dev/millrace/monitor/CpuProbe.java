package dev.millrace.monitor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Processors of the machine, from {@code /proc/stat} (proc(5)); of the control group where that allows fewer.
 */
final class CpuProbe implements Probe {
    /** user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in the first two already. */
    private static final int COLUMNS = 8;

    private static final int IDLE = 3;
    private static final int WAITING = 4;

    private final ProcReader proc;
    private final ProcReader anywhere = new ProcReader(Path.of("/"));
    private final Cgroup limits;
    private long busyBefore;
    private long totalBefore;
    private boolean begun;

    CpuProbe(ProcReader proc, Cgroup limits) {
        this.proc = proc;
        this.limits = limits;
    }

    /** Processors of the machine. */
    static int cores(ProcReader proc) throws IOException {
        proc.readAll("stat");
        return Math.max(1, proc.countNumbered("cpu"));
    }

    @Override
    public String name() {
        return "processors";
    }

    @Override
    public void sample(ResourceRecorder into) throws IOException {
        double share = limits.cpu().isPresent() ? groupShare(limits.cpu().get()) : machineShare();
        into.resource("cpu", "system_total", "percent", Percent.of(share));
    }

    /** Share of all processors that were busy since the last call. */
    private double machineShare() throws IOException {
        proc.readHead("stat");
        if (!proc.seekLine("cpu ")) {
            throw new IOException("Expected a line 'cpu' in stat, found none.");
        }
        long busy = 0;
        long total = 0;
        for (int column = 0; column < COLUMNS; column++) {
            long ticks = proc.number();
            total += ticks;
            busy += column == IDLE || column == WAITING ? 0 : ticks;
        }
        return share(busy, total);
    }

    private double groupShare(Cgroup.CpuLimit limit) throws IOException {
        return share(limit.usedNanos(anywhere), (long) (System.nanoTime() * limit.cores()));
    }

    private double share(long busy, long total) {
        double share = begun && total > totalBefore ? (busy - busyBefore) / (double) (total - totalBefore) : Double.NaN;
        begun = true;
        busyBefore = busy;
        totalBefore = total;
        return share;
    }
}
