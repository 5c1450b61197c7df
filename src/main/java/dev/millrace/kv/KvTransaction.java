package dev.millrace.kv;

import org.jspecify.annotations.Nullable;

/** SKELETON: signatures are fixed, bodies follow. */
public final class KvTransaction {
    private KvTransaction() {}

    public <V> @Nullable V get(KvNamespace<V> namespace, String key) {
        throw new UnsupportedOperationException();
    }

    public <V> void put(KvNamespace<V> namespace, String key, V value) {
        throw new UnsupportedOperationException();
    }

    public boolean remove(KvNamespace<?> namespace, String key) {
        throw new UnsupportedOperationException();
    }
}
