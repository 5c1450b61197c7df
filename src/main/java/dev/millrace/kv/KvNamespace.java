package dev.millrace.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one namespace of a {@link KvStore}, their values of one type. A light view: any number may be made of one
 * namespace, with the same codec or with others; it lives as long as the store. Thread-safe.
 *
 * <p>What a method promises when it returns is said by {@link PersistMode}; what futures promise does not depend on it: they
 * complete when the write is committed, or fail with the reason. Code that hangs on a future runs on a thread of the store that
 * completes the next ones too, so what takes long belongs elsewhere ({@code thenApplyAsync}).
 *
 * <p>All methods throw IllegalArgumentException for a key or value that cannot be stored, and IllegalStateException once the
 * store is closed. Reading throws {@link ValueFormatException} if the value is of another format than this codec's,
 * {@link dev.millrace.sqlite.CorruptDatabaseException} if its row is damaged, and {@link DecryptionException} if it was
 * tampered with. Writing throws {@link dev.millrace.sqlite.DatabaseException} if the file cannot be written; the write is then
 * kept and tried again, unless too much waits already and the message says that it is not kept.
 *
 * @param <V> type of the values
 */
public final class KvNamespace<V> {
    private final KvStore store;
    private final Namespace namespace;
    private final Codec<V> codec;

    KvNamespace(KvStore store, Namespace namespace, Codec<V> codec) {
        this.store = store;
        this.namespace = namespace;
        this.codec = codec;
    }

    /** Name of the namespace. */
    public String name() {
        return namespace.name();
    }

    /** The value of a key; null if it is absent. */
    public @Nullable V get(String key) {
        return decodeNullable(key, store.reads().read(namespace, key));
    }

    /** Puts a value in place of what was there. */
    public void put(String key, V value) {
        store.write(namespace, checked(key), encode(key, value));
    }

    /**
     * Removes a key.
     *
     * @return whether it was there
     */
    public boolean remove(String key) {
        while (true) {
            StoredValue before = store.reads().read(namespace, checked(key));
            if (before == null) {
                return false;
            }
            if (store.compareAndSet(namespace, key, before, null)) {
                return true;
            }
        }
    }

    /** Whether a key has a value; does not read the value. */
    public boolean containsKey(String key) {
        return store.reads().contains(namespace, checked(key));
    }

    /** Number of entries. Writes first what waits; then it is one row to read. */
    public long size() {
        return store.reads().size(namespace);
    }

    /** The value of a key, computed and put if it is absent. Of several threads that compute it, all get the first put. */
    public V computeIfAbsent(String key, Function<? super String, ? extends V> function) {
        while (true) {
            StoredValue held = store.reads().read(namespace, checked(key));
            if (held != null) {
                return decode(key, held);
            }
            V computed = function.apply(key);
            if (store.compareAndSet(namespace, key, null, encode(key, computed))) {
                return computed;
            }
        }
    }

    /**
     * All keys, in order of their UTF-8 bytes. Read page by page: what was put before the call is there, what is written
     * meanwhile is seen if it lies ahead.
     */
    public Stream<String> keys() {
        return keys("");
    }

    /** The keys that begin with a prefix; as {@link #keys()}. */
    public Stream<String> keys(String prefix) {
        return store.reads().entries(namespace, prefix).map(StoredEntry::key);
    }

    /** All entries in order of the keys, as {@link #keys()}. */
    public Stream<Map.Entry<String, V>> entries() {
        return entries("");
    }

    /** The entries whose keys begin with a prefix; as {@link #entries()}. */
    public Stream<Map.Entry<String, V>> entries(String prefix) {
        return store.reads()
                .entries(namespace, prefix)
                .map(entry -> Map.entry(entry.key(), decode(entry.key(), entry.value())));
    }

    /**
     * The values of many keys, in their order: null for an absent one, twice for one that is asked for twice. What is not in
     * memory is read with one query.
     */
    public List<@Nullable V> batchGet(List<String> keys) {
        keys.forEach(KvNamespace::checked);
        List<@Nullable StoredValue> stored = store.reads().readAll(namespace, keys);
        List<@Nullable V> values = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            values.add(decodeNullable(keys.get(i), stored.get(i)));
        }
        return values;
    }

    /** Puts all entries in one transaction: a kill leaves all of them or none. */
    public void batchPut(Map<String, ? extends V> entries) {
        store.writeAll(writes(entries));
    }

    /** As {@link #batchPut}. */
    public void putAll(Map<String, ? extends V> entries) {
        batchPut(entries);
    }

    /** As {@link #get}; at once if no file is needed. */
    public CompletableFuture<@Nullable V> getAsync(String key) {
        ReadPath.Held held = store.reads().inMemory(namespace, checked(key));
        return held == null ? store.callbacks().read(() -> get(key)) : CompletableFuture.completedFuture(get(key));
    }

    /** Puts a value; it can be read when this returns, and is committed when the future completes. */
    public CompletableFuture<Void> putAsync(String key, V value) {
        return store.writeAllAsync(List.of(write(key, value)));
    }

    /**
     * Removes a key; nobody reads it any more when this returns. The future tells whether it was there, when that is committed.
     * May read the file before it returns, so that what is put afterwards comes after it.
     */
    public CompletableFuture<Boolean> removeAsync(String key) {
        return store.removeAsync(namespace, checked(key));
    }

    /** As {@link #batchGet}, on a thread of the store. */
    public CompletableFuture<List<@Nullable V>> batchGetAsync(List<String> keys) {
        List<String> copy = List.copyOf(keys);
        return store.callbacks().read(() -> batchGet(copy));
    }

    /** As {@link #batchPut}; can be read when this returns, and is committed when the future completes. */
    public CompletableFuture<Void> batchPutAsync(Map<String, ? extends V> entries) {
        return store.writeAllAsync(writes(entries));
    }

    /** Removes all entries. Returns when that is committed, in every mode; other writers wait. */
    public void clear() {
        store.clear(namespace);
    }

    /**
     * The entries as a map. Its {@code put} and {@code remove} tell what was there, which may cost a read of the file; values are
     * equal if their bytes are. Functions given to {@code compute} and its like may run more than once, and their result is put only if
     * nobody else wrote meanwhile. Iterators are as {@link #entries()}, {@code size} as {@link #size()}.
     */
    public ConcurrentMap<String, V> asMap() {
        return new KvMap<>(store, this);
    }

    Namespace namespace() {
        return namespace;
    }

    Write write(String key, V value) {
        return new Write(namespace, namespace.entry(checked(key)), encode(key, value));
    }

    StoredValue encode(String key, V value) {
        Objects.requireNonNull(value, "value");
        try {
            return StoredValue.checked(key, new StoredValue(codec.format(), codec.encode(value)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot put " + Keys.shown(key) + " of namespace " + Keys.shown(namespace.name()) + ": "
                            + e.getMessage(),
                    e);
        }
    }

    V decode(String key, StoredValue stored) {
        if (stored.format() != codec.format()) {
            throw new ValueFormatException("Cannot read " + Keys.shown(key) + " of namespace "
                    + Keys.shown(namespace.name()) + ": expected a value of format " + codec.format() + ", found "
                    + stored.format() + ". Read it with the codec that wrote it.");
        }
        try {
            return codec.decode(stored.bytes());
        } catch (IllegalArgumentException e) {
            throw new ValueFormatException(
                    "Cannot read " + Keys.shown(key) + " of namespace " + Keys.shown(namespace.name()) + " as "
                            + codec.format() + ": " + e.getMessage(),
                    e);
        }
    }

    void requireOf(KvStore other) {
        if (store != other) {
            throw new IllegalArgumentException("Expected a namespace of the store of the transaction, found namespace "
                    + Keys.shown(name()) + " of another one.");
        }
    }

    static String checked(String key) {
        return Keys.checked("key", key);
    }

    private @Nullable V decodeNullable(String key, @Nullable StoredValue stored) {
        return stored == null ? null : decode(key, stored);
    }

    private List<Write> writes(Map<String, ? extends V> entries) {
        List<Write> writes = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> writes.add(write(key, value)));
        return writes;
    }
}
