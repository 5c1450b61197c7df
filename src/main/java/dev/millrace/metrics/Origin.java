package dev.millrace.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Where a run takes place. A process is told from a later one with the same number by its start.
 *
 * @param host name of the machine
 * @param user name of the account
 * @param processId number of the process
 * @param processStartedMillis when the process started; 0 where the system does not tell
 */
record Origin(String host, String user, long processId, long processStartedMillis) {
    /** The system counts from a moment of booting that moves with every correction of the clock. */
    private static final long START_TOLERANCE_MILLIS = 2_500;

    private static final Origin THIS_PROCESS = new Origin(
            hostName(),
            System.getProperty("user.name", ""),
            ProcessHandle.current().pid(),
            startOf(ProcessHandle.current()));

    static Origin ofThisProcess() {
        return THIS_PROCESS;
    }

    boolean isOnThisMachine() {
        return host.equals(THIS_PROCESS.host);
    }

    /** Whether that process is certainly over: it was on this machine and is not there any more. */
    boolean isGone() {
        return isOnThisMachine()
                && ProcessHandle.of(processId)
                        .map(process -> processStartedMillis > 0
                                && Math.abs(startOf(process) - processStartedMillis) > START_TOLERANCE_MILLIS)
                        .orElse(true);
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    /** Without asking the network, which may take seconds to answer. */
    private static String hostName() {
        try {
            Path kernel = Path.of("/proc/sys/kernel/hostname");
            if (Files.isReadable(kernel)) {
                return Files.readString(kernel).strip();
            }
        } catch (IOException ignored) {
            // The environment may know.
        }
        String windows = System.getenv("COMPUTERNAME");
        String shell = System.getenv("HOSTNAME");
        return windows != null ? windows : shell != null ? shell : "localhost";
    }
}
