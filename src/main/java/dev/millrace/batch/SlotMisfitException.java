package dev.millrace.batch;

/** A value does not fit its slot. Whoever knows which row it is of names that. */
final class SlotMisfitException extends IllegalArgumentException {
    private final String reason;

    SlotMisfitException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** What was expected and what was found. */
    String reason() {
        return reason;
    }
}
