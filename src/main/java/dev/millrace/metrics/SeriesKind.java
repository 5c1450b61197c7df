package dev.millrace.metrics;

import java.util.Locale;

/** What a series consists of. */
public enum SeriesKind {
    /** Values at steps: {@link Run#log}. */
    STEP,
    /** Values of epochs: {@link Run#epochMetric}; the scope is the phase. */
    EPOCH,
    /** What a part of the machine does: {@link Run#resource}; the scope is its type. */
    RESOURCE,
    /** Finished steps of producing data: {@link Run#generation}; drawn by their seconds. */
    GENERATION;

    String stored() {
        return name().toLowerCase(Locale.ROOT);
    }

    static SeriesKind of(String stored) {
        return valueOf(stored.toUpperCase(Locale.ROOT));
    }
}
