package dev.millrace.monitor;

/**
 * What watching costs so far, since the monitor was last started. Immutable.
 *
 * @param samples rounds of all probes
 * @param values values recorded
 * @param failures probes and recordings that failed, each time counted
 * @param cpuSeconds CPU time of the monitor's own threads
 * @param seconds time since the start
 */
public record MonitorCost(long samples, long values, long failures, double cpuSeconds, double seconds) {
    /** Share of one core that watching takes, in percent. */
    public double percentOfCore() {
        return seconds > 0 ? 100 * cpuSeconds / seconds : 0;
    }
}
