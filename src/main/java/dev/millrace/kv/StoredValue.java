package dev.millrace.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value as bytes and what they are: neither compressed nor encrypted.
 *
 * @param bytes not to be changed
 */
record StoredValue(Codecs.Format format, byte[] bytes) {
    /** Whether both are absent, or the same bytes of the same format. */
    static boolean same(@Nullable StoredValue left, @Nullable StoredValue right) {
        if (left == null || right == null) {
            return left == null && right == null;
        }
        return left.format == right.format && Arrays.equals(left.bytes, right.bytes);
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
