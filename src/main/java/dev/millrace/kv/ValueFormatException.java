package dev.millrace.kv;

/** A value is of another format than the codec it is read with, or not what the codec writes. */
public final class ValueFormatException extends RuntimeException {
    ValueFormatException(String message) {
        super(message);
    }

    ValueFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
