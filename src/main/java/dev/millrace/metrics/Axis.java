package dev.millrace.metrics;

/** What the horizontal axis of a chart counts. */
public enum Axis {
    /** Optimizer steps. */
    STEP,
    /** UTC milliseconds since 1970. */
    TIME,
    /** Epochs; for epoch metrics only. */
    EPOCH
}
