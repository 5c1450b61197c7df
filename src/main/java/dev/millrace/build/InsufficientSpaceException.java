package dev.millrace.build;

/** What is to be made will not fit on the disk; nothing was begun. Free some space, or choose another folder. */
public final class InsufficientSpaceException extends RuntimeException {
    private final long neededBytes;
    private final long freeBytes;

    /**
     * @param message both figures, and what to do
     * @param neededBytes what it would take at least
     * @param freeBytes what is there
     */
    public InsufficientSpaceException(String message, long neededBytes, long freeBytes) {
        super(message);
        this.neededBytes = neededBytes;
        this.freeBytes = freeBytes;
    }

    /** What it would take at least, by estimate. */
    public long neededBytes() {
        return neededBytes;
    }

    /** What is there. */
    public long freeBytes() {
        return freeBytes;
    }
}
