package dev.millrace.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process, as its system counts it. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private ProcessMemory() {}

    /** What of it is in main memory, in MiB; NaN where the system does not tell. */
    static double residentMb() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(RESIDENT)) {
                    String kib =
                            line.substring(RESIDENT.length()).replace("kB", "").strip();
                    return Long.parseLong(kib) / 1024.0;
                }
            }
        } catch (IOException | NumberFormatException ignored) {
            // Another kind of system.
        }
        return Double.NaN;
    }
}
