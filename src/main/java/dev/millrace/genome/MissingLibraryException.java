package dev.millrace.genome;

/** Something needs a library that is optional and not on the class path. Add it, or do without. */
public final class MissingLibraryException extends RuntimeException {
    /** @param message which library, and what to add */
    public MissingLibraryException(String message) {
        super(message);
    }
}
