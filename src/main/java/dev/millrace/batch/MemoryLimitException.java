package dev.millrace.batch;

/** Rows that were to be kept in memory need more than they may have: give the JVM more, or read from the file. */
public final class MemoryLimitException extends RuntimeException {
    MemoryLimitException(String message) {
        super(message);
    }
}
