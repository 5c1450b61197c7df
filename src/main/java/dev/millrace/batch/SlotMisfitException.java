package dev.millrace.batch;

/** A value does not fit its slot; the message says how. Whoever knows which row it is of names that. */
final class SlotMisfitException extends IllegalArgumentException {
    SlotMisfitException(String message) {
        super(message);
    }
}
