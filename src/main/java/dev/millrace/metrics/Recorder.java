package dev.millrace.metrics;

import java.util.Map;

/**
 * Takes what a run reports, whoever runs it: the process that has the metrics file open ({@link Run}), or a worker process
 * beside it ({@link WorkerMetrics}). Code that reports to this works in both.
 *
 * <p>Thread-safe. No method waits for the disk, unless there is no room. NaN and infinite values are kept as they are. Names
 * have 1 to 500 characters; a record with another is refused alone and counted.
 */
public sealed interface Recorder permits Run, WorkerMetrics {
    /** Records a setting, in place of one of the same name; it is kept as text. */
    void param(String setting, Object value);

    /** Marks the run with a word to find it by. Harmless when repeated. */
    void tag(String tag);

    /** Records a value at a step. */
    void log(long step, String metric, double value);

    /** Records several values at one step and time. */
    void logAll(long step, Map<String, ? extends Number> values);

    /** Records a value of an epoch, see {@link EpochMetric}. */
    void epochMetric(String metric, double value, int round, int epoch, String phase);

    /** Records a finished step of producing data. */
    void generation(Generation generation);

    /** Records what a part of the machine does: {@code resource("cpu", "system_total", 12.5)}. */
    void resource(String type, String metric, double value);

    /** As {@link #resource(String, String, double)}, with a unit of at most 50 characters. */
    void resource(String type, String metric, String unit, double value);

    /** Records something that happened, in words. */
    void event(String level, String text);
}
