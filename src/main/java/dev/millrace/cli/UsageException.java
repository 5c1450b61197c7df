package dev.millrace.cli;

/** What was asked for cannot be done as asked: a wrong option, a missing file. The message says what to change. */
final class UsageException extends RuntimeException {
    UsageException(String message) {
        super(message);
    }
}
