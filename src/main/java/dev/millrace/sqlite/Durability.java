package dev.millrace.sqlite;

/** What a loss of power may cost. A kill of the process costs nothing that was committed, either way. */
public enum Durability {
    /** Nothing that was committed, as far as the disk keeps what it says it has written. */
    FULL(Access.LIVE),
    /** The commits since the last checkpoint; the file stays sound. Somewhat faster. */
    FAST(Access.LIVE_FAST);

    private final Access access;

    Durability(Access access) {
        this.access = access;
    }

    Access access() {
        return access;
    }
}
