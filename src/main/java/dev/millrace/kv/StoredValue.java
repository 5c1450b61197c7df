package dev.millrace.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value as bytes and what they are: neither compressed nor encrypted. Immutable. Two are equal if their formats and all their
 * bytes are.
 *
 * @param format what the bytes are
 * @param bytes not to be changed
 */
public record StoredValue(Codecs.Format format, byte[] bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredValue value && format == value.format && Arrays.equals(bytes, value.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * format.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return format + ", " + bytes.length + " bytes";
    }

    /** @throws IllegalArgumentException if it is too large to be stored */
    static StoredValue checked(String key, StoredValue value) {
        if (value.bytes.length > KvStore.LARGEST_VALUE_BYTES) {
            throw new IllegalArgumentException("Expected a value of at most " + KvStore.LARGEST_VALUE_BYTES
                    + " bytes, found " + value.bytes.length + " for key " + Keys.shown(key)
                    + ". Keep it in a file and store its name, or in parts.");
        }
        return value;
    }
}
