package dev.millrace.monitor;

import java.io.IOException;

/** Measures one part of the machine. One thread at a time; who opens it closes it. */
interface Probe extends AutoCloseable {
    /** What it measures, for people. */
    String name();

    /** Samples between two measurements: 1 for what moves quickly. */
    default int everySamples() {
        return 1;
    }

    /**
     * Measures now. What cannot be known, such as a share of time at the first call, is left out or NaN, which nobody
     * records.
     *
     * @throws IOException if the system does not tell
     */
    void sample(ResourceRecorder into) throws IOException;

    @Override
    default void close() {}
}
