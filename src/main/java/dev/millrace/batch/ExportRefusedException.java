package dev.millrace.batch;

/** What was asked for cannot be exported so; the message says what can. Nothing was written. */
public final class ExportRefusedException extends RuntimeException {
    ExportRefusedException(String message) {
        super(message);
    }
}
