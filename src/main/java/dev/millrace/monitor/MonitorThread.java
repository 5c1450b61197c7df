package dev.millrace.monitor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/** What the threads of a monitor have in common. */
final class MonitorThread {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private MonitorThread() {}

    /** CPU time of the calling thread; 0 where the system does not tell. */
    static long cpuNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled()
                ? Math.max(0, THREADS.getCurrentThreadCpuTime())
                : 0;
    }

    /** The next moment of a regular pace; those that were missed, as on a machine that slept, are left out. */
    static long nextTick(long previous, long intervalNanos) {
        long next = previous + intervalNanos;
        long now = System.nanoTime();
        return next - now > 0 ? next : now + intervalNanos;
    }

    /** Waits for the end of a thread; an interruption of the caller waits until then, at most this long. */
    static boolean join(Thread thread, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        while (thread.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
