package dev.millrace.metrics;

/**
 * Something that happened during a run. Immutable.
 *
 * @param timeMillis when, UTC milliseconds since 1970
 * @param level how grave it is, as its author put it
 * @param text what happened
 */
public record RunEvent(long timeMillis, String level, String text) {}
