package dev.millrace.spectra;

/** More of the input was rejected than is allowed; nothing was published. Correct the input, or allow a larger share. */
public final class RejectedInputException extends RuntimeException {
    private final long rejected;
    private final long present;

    RejectedInputException(String message, long rejected, long present) {
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
