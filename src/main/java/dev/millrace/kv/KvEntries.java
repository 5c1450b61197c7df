package dev.millrace.kv;

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

    /** Values of many keys in their order, null for an absent one; with one query. */
    public List<@Nullable StoredValue> get(List<String> keys) {
        keys.forEach(KvNamespace::checked);
        return store.reads().readAll(namespace, keys);
    }

    /**
     * Puts a value in place of what was there.
     *
     * @throws IllegalArgumentException if its bytes are not of its format
     */
    public void put(String key, StoredValue value) {
        store.write(namespace, KvNamespace.checked(key), stored(key, value));
    }

    /**
     * As {@link #put}, if the key has no value.
     *
     * @return whether it had none
     */
    public boolean putIfAbsent(String key, StoredValue value) {
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
    public static StoredValue checked(StoredValue value) {
        EntryLine.check(value);
        return value;
    }

    /** A copy, which nobody changes. */
    private static StoredValue stored(String key, StoredValue value) {
        return checked(StoredValue.checked(
                key, new StoredValue(value.format(), value.bytes().clone())));
    }
}
