package dev.millrace.exafs;

/** A database has neither the χ that was asked for nor what it would be computed from. The message says what is missing. */
public final class UnavailableChiException extends RuntimeException {
    UnavailableChiException(String message) {
        super(message);
    }
}
