package dev.millrace.kv;

import org.jspecify.annotations.Nullable;

/**
 * A put or a removal of one key. Not a record: two writes of the same value are two writes.
 */
final class Write {
    /* Objects of the entry, of its place in the map and in the queue. */
    private static final int OVERHEAD_BYTES = 160;

    private final Namespace namespace;
    private final EntryKey key;
    private final @Nullable StoredValue value;

    /** @param value null to remove the key */
    Write(Namespace namespace, EntryKey key, @Nullable StoredValue value) {
        this.namespace = namespace;
        this.key = key;
        this.value = value;
    }

    Namespace namespace() {
        return namespace;
    }

    EntryKey key() {
        return key;
    }

    @Nullable
    StoredValue value() {
        return value;
    }

    /** Memory that it takes until it is committed. */
    long bytes() {
        return bytes(key.key(), value);
    }

    static long bytes(String key, @Nullable StoredValue value) {
        return OVERHEAD_BYTES + 2L * key.length() + (value == null ? 0 : value.bytes().length);
    }
}
