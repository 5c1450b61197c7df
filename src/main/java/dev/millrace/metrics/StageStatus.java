package dev.millrace.metrics;

import java.util.Locale;

/** How a stage stands. */
public enum StageStatus {
    RUNNING,
    DONE,
    /** It said so, or its run ended before it did. */
    FAILED;

    String stored() {
        return name().toLowerCase(Locale.ROOT);
    }

    static StageStatus of(String stored) {
        return valueOf(stored.toUpperCase(Locale.ROOT));
    }
}
