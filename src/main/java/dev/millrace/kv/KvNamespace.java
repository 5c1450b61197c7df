package dev.millrace.kv;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SKELETON: signatures are fixed, bodies follow. */
public final class KvNamespace<V> {
    private static UnsupportedOperationException todo() {
        return new UnsupportedOperationException();
    }

    public String name() {
        throw todo();
    }

    public @Nullable V get(String key) {
        throw todo();
    }

    public void put(String key, V value) {
        throw todo();
    }

    /** Whether it was there. */
    public boolean remove(String key) {
        throw todo();
    }

    public boolean containsKey(String key) {
        throw todo();
    }

    public long size() {
        throw todo();
    }

    /** In order of their UTF-8 bytes. To be closed. */
    public Stream<String> keys() {
        throw todo();
    }

    public Stream<Map.Entry<String, V>> entries() {
        throw todo();
    }

    public List<@Nullable V> batchGet(List<String> keys) {
        throw todo();
    }

    public void batchPut(Map<String, ? extends V> entries) {
        throw todo();
    }

    public CompletableFuture<@Nullable V> getAsync(String key) {
        throw todo();
    }

    public CompletableFuture<Void> putAsync(String key, V value) {
        throw todo();
    }

    public CompletableFuture<Boolean> removeAsync(String key) {
        throw todo();
    }

    public CompletableFuture<List<@Nullable V>> batchGetAsync(List<String> keys) {
        throw todo();
    }

    public CompletableFuture<Void> batchPutAsync(Map<String, ? extends V> entries) {
        throw todo();
    }

    public void clear() {
        throw todo();
    }

    public ConcurrentMap<String, V> asMap() {
        throw todo();
    }
}
