package dev.millrace.monitor;

import java.io.IOException;
import java.util.List;

/** Where readings of GPUs come from. One thread reads; another may close, which ends a read that waits. */
sealed interface GpuSource extends AutoCloseable permits NvmlSource, SmiSource {
    /** How the readings come about, for people. */
    String name();

    /**
     * The next readings, one or more devices at a time. Some sources wait for the next moment themselves.
     *
     * @throws IOException if there will be no more
     */
    List<GpuReading> read() throws IOException;

    /** Whether {@link #read} returns at its own pace, so that nobody need wait between calls. */
    boolean paces();

    @Override
    void close();
}
