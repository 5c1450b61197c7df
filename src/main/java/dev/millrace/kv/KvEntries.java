package dev.millrace.kv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one namespace as bytes and formats, for tools that know the type of a value only when they have read it. As
 * thread-safe as the store, which stays open.
 */
public final class KvEntries {
    private final KvStore store;
    private final Namespace namespace;

    public KvEntries(KvStore store, String namespace) {
        this.store = store;
        this.namespace = store.namespace(namespace).namespace();
    }

    /**
     * A value as it is stored, neither compressed nor encrypted.
     *
     * @param format what the bytes are
     * @param bytes not to be changed
     */
    public record Value(Codecs.Format format, byte[] bytes) {
        private static @Nullable Value of(@Nullable StoredValue stored) {
            return stored == null ? null : new Value(stored.format(), stored.bytes());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value value && format == value.format && Arrays.equals(bytes, value.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * format.hashCode() + Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return format + ", " + bytes.length + " bytes";
        }
    }

    /** Values of many keys in their order, null for an absent one; with one query. */
    public List<@Nullable Value> get(List<String> keys) {
        keys.forEach(KvNamespace::checked);
        List<@Nullable Value> values = new ArrayList<>(keys.size());
        for (StoredValue stored : store.reads().readAll(namespace, keys)) {
            values.add(Value.of(stored));
        }
        return values;
    }

    /**
     * Puts a value in place of what was there.
     *
     * @throws IllegalArgumentException if its bytes are not of its format
     */
    public void put(String key, Value value) {
        store.write(namespace, KvNamespace.checked(key), stored(key, value));
    }

    /**
     * As {@link #put}, if the key has no value.
     *
     * @return whether it had none
     */
    public boolean putIfAbsent(String key, Value value) {
        return store.compareAndSet(namespace, KvNamespace.checked(key), null, stored(key, value));
    }

    /**
     * Removes keys in one transaction, without reading their values: also those of damaged rows.
     *
     * @return those that were there
     */
    public List<String> remove(List<String> keys) {
        List<String> present = new LinkedHashSet<>(keys)
                .stream()
                        .filter(key -> store.reads().contains(namespace, KvNamespace.checked(key)))
                        .toList();
        store.writeAll(present.stream()
                .map(key -> new Write(namespace, namespace.entry(key), null))
                .toList());
        return present;
    }

    /**
     * A value whose bytes are of its format.
     *
     * @throws IllegalArgumentException if they are not, saying where
     */
    public static Value checked(Value value) {
        EntryLine.check(new StoredValue(value.format, value.bytes));
        return value;
    }

    private static StoredValue stored(String key, Value value) {
        StoredValue stored = StoredValue.checked(key, new StoredValue(value.format, value.bytes.clone()));
        EntryLine.check(stored);
        return stored;
    }
}
