package dev.millrace.kv;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes that belong together, see {@link KvStore#transaction}. It reads what it has written itself. Only to be used
 * by the thread that runs the body, and until the body ends.
 */
public final class KvTransaction {
    private final KvStore store;
    private final Map<EntryKey, Write> writes = new LinkedHashMap<>();
    private boolean ended;

    KvTransaction(KvStore store) {
        this.store = store;
    }

    /** The value of a key; null if it is absent. */
    public <V> @Nullable V get(KvNamespace<V> namespace, String key) {
        StoredValue stored = stored(namespace, key);
        return stored == null ? null : namespace.decode(key, stored);
    }

    /** Puts a value; others see it when the transaction is done. */
    public <V> void put(KvNamespace<V> namespace, String key, V value) {
        requireOpen();
        namespace.requireOf(store);
        add(namespace.write(key, value));
    }

    /**
     * Removes a key.
     *
     * @return whether it was there
     */
    public boolean remove(KvNamespace<?> namespace, String key) {
        boolean present = stored(namespace, key) != null;
        if (present) {
            add(new Write(namespace.namespace(), namespace.namespace().entry(key), null));
        }
        return present;
    }

    private @Nullable StoredValue stored(KvNamespace<?> namespace, String key) {
        requireOpen();
        namespace.requireOf(store);
        Keys.checked("key", key);
        Write write = writes.get(namespace.namespace().entry(key));
        return write == null ? store.reads().read(namespace.namespace(), key) : write.value();
    }

    private void add(Write write) {
        writes.put(write.key(), write);
    }

    List<Write> writes() {
        return List.copyOf(writes.values());
    }

    void end() {
        ended = true;
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException("The transaction has ended: use it within its body only.");
        }
    }
}
