package dev.millrace.metrics;

import java.util.Locale;

/** How a run stands. */
public enum RunStatus {
    RUNNING,
    FINISHED,
    FAILED,
    /** Ended early on request. */
    INTERRUPTED,
    /** Never stored: its process ended without saying how. */
    CRASHED;

    String stored() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RunStatus of(String stored) {
        return valueOf(stored.toUpperCase(Locale.ROOT));
    }
}
