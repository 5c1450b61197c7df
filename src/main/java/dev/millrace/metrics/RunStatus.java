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

    /** Refuses what is no way of ending. */
    static RunStatus requireEnd(RunStatus status) {
        if (status == RUNNING || status == CRASHED) {
            throw new IllegalArgumentException("Expected finished, failed or interrupted, found " + status + ".");
        }
        return status;
    }

    static RunStatus of(String stored) {
        return valueOf(stored.toUpperCase(Locale.ROOT));
    }
}
