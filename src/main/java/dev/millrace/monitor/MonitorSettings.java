package dev.millrace.monitor;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a {@link ResourceMonitor} measures and how often. Immutable.
 *
 * @param interval time between two samples, 50 ms to 1 h
 * @param folder whose disk is watched, usually that of the metrics file
 * @param gpus whether to look for GPUs
 * @param processMemory how the memory of processes is counted
 */
public record MonitorSettings(Duration interval, Path folder, boolean gpus, ProcessMemory processMemory) {
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** How the memory of a process is counted. */
    public enum ProcessMemory {
        /** Resident pages. Costs nothing; pages that processes share are counted in each of them. */
        RESIDENT,
        /**
         * Resident pages, each shared one divided by the number of its processes ({@code smaps_rollup}): right for workers
         * forked from one large process. The kernel walks all pages for it, some milliseconds per GiB; so it is asked every
         * tenth sample only.
         */
        PROPORTIONAL
    }

    public MonitorSettings {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("Expected an interval of 50 ms to 1 h, found " + interval + ".");
        }
    }

    /** Once a second, the disk of the working folder, GPUs if there are any, resident memory. */
    public static MonitorSettings defaults() {
        return new MonitorSettings(Duration.ofSeconds(1), Path.of(""), true, ProcessMemory.RESIDENT);
    }

    /** The same at another pace. */
    public MonitorSettings withInterval(Duration value) {
        return new MonitorSettings(value, folder, gpus, processMemory);
    }

    /** The same for the disk of another folder. */
    public MonitorSettings withFolder(Path value) {
        return new MonitorSettings(interval, value, gpus, processMemory);
    }

    /** The same with or without GPUs. */
    public MonitorSettings withGpus(boolean value) {
        return new MonitorSettings(interval, folder, value, processMemory);
    }

    /** The same with another account of memory. */
    public MonitorSettings withProcessMemory(ProcessMemory value) {
        return new MonitorSettings(interval, folder, gpus, value);
    }
}
