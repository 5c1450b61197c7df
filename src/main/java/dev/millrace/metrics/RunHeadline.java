package dev.millrace.metrics;

/**
 * How a run stands, in one value: its validation loss if it has one, else its training loss of epochs, else the {@code loss}
 * of its steps. Immutable.
 *
 * @param lastStep the step of the newest value recorded at a step; −1 if there is none
 * @param metric name of the metric; empty if there is none of the three
 * @param phase phase of an epoch metric, else empty
 * @param last the newest value; may be NaN or infinite; NaN if there is none
 * @param best the lowest finite value; NaN if there is none, or too many to look at
 */
public record RunHeadline(long lastStep, String metric, String phase, double last, double best) {}
