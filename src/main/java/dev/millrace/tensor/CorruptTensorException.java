package dev.millrace.tensor;

/**
 * A stored tensor cannot be read: its header breaks the grammar of {@link TensorCodec} or its payload does not decode to
 * the declared size. The row that holds it is damaged or was not written by Millrace.
 */
public final class CorruptTensorException extends RuntimeException {
    private final String reason;
    private final long offset;

    CorruptTensorException(String reason, long offset) {
        super("Cannot decode tensor: " + reason + " (blob offset " + offset + ")");
        this.reason = reason;
        this.offset = offset;
    }

    CorruptTensorException(String reason, long offset, Throwable cause) {
        this(reason, offset);
        initCause(cause);
    }

    /** What was expected and what was found, without the position. */
    public String reason() {
        return reason;
    }

    /** Bytes from the start of the blob to the fault. */
    public long offset() {
        return offset;
    }
}
