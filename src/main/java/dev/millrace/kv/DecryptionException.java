package dev.millrace.kv;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted store cannot be opened with what was given, or one of its values is not what was written. What the
 * person at the keyboard can do is told by {@link #reason()}. Messages never hold keys, passwords or values.
 */
public final class DecryptionException extends RuntimeException {
    /** What stands in the way. */
    public enum Reason {
        /** The store is encrypted, and neither password nor key file was given. */
        SECRET_MISSING,
        /** The password or key file is another one. */
        WRONG_SECRET,
        /** A password was given for a store with a key file, or a key file for a store with a password. */
        OTHER_KIND_OF_SECRET,
        /** A secret was given for a store that is not encrypted. */
        NOT_ENCRYPTED,
        /** The store's encryption is sound, but of a kind that this version does not know. */
        UNSUPPORTED,
        /** The entries that describe the encryption, or a value, were changed or moved after they were written. */
        DAMAGED
    }

    private final Path file;
    private final Reason reason;

    DecryptionException(String message, Path file, Reason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.file = file;
        this.reason = reason;
    }

    /** The store's file. */
    public Path file() {
        return file;
    }

    /** What stands in the way. */
    public Reason reason() {
        return reason;
    }
}
