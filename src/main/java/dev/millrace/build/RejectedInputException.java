package dev.millrace.build;

/** More of the input was rejected than is allowed; nothing was published. Correct the input, or allow a larger share. */
public final class RejectedInputException extends RuntimeException {
    private final long rejected;
    private final long present;

    /**
     * @param message what was allowed, what was found, and what to do
     * @param rejected records that were rejected
     * @param present records in the input
     */
    public RejectedInputException(String message, long rejected, long present) {
        super(message);
        this.rejected = rejected;
        this.present = present;
    }

    /** Records that were rejected, and structures that could not be used. */
    public long rejected() {
        return rejected;
    }

    /** Records in the input. */
    public long present() {
        return present;
    }
}
