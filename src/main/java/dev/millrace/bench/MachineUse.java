package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time of the whole machine so far. Immutable.
 *
 * @param busyTicks time of all processors in any process, in hundredths of a second
 * @param totalTicks the same with idle time
 */
record MachineUse(long busyTicks, long totalTicks) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final double TICKS_PER_SECOND = 100;
    /** user, nice, system, idle, iowait, irq, softirq, steal: what follows is counted in the first two already. */
    private static final int COLUMNS = 8;

    private static final int IDLE = 3;
    private static final int WAITING = 4;

    /** What the operating system says now; all zero where it does not. */
    static MachineUse now() {
        if (!Files.isReadable(STAT)) {
            return new MachineUse(0, 0);
        }
        try {
            String[] columns = Files.readAllLines(STAT).get(0).split(" +", -1);
            long busy = 0;
            long total = 0;
            for (int column = 0; column < Math.min(COLUMNS, columns.length - 1); column++) {
                long ticks = Long.parseLong(columns[column + 1]);
                total += ticks;
                busy += column == IDLE || column == WAITING ? 0 : ticks;
            }
            return new MachineUse(busy, total);
        } catch (IOException | NumberFormatException e) {
            return new MachineUse(0, 0);
        }
    }

    /** Share of all processors that others used since {@code before}; NaN where it is not known. */
    double foreignShare(MachineUse before, double ownSeconds) {
        double total = totalTicks - before.totalTicks;
        double foreign = busyTicks - before.busyTicks - ownSeconds * TICKS_PER_SECOND;
        return total <= 0 ? Double.NaN : Math.max(0, foreign / total);
    }
}
