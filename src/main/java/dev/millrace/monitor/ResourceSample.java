package dev.millrace.monitor;

/**
 * One measured value. Immutable.
 *
 * @param timeMillis when, UTC milliseconds since 1970
 * @param type part of the machine: {@code cpu}
 * @param name what is measured: {@code system_total}
 * @param unit of the value: {@code percent}
 * @param value finite
 */
public record ResourceSample(long timeMillis, String type, String name, String unit, double value) {}
