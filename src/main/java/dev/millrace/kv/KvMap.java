package dev.millrace.kv;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as a map. Everything that depends on what was there compares bytes and sets: a value that is decoded and encoded
 * again need not give the same bytes.
 */
final class KvMap<V> extends AbstractMap<String, V> implements ConcurrentMap<String, V> {
    private final KvStore store;
    private final KvNamespace<V> entries;
    private final Namespace namespace;

    KvMap(KvStore store, KvNamespace<V> entries) {
        this.store = store;
        this.entries = entries;
        this.namespace = entries.namespace();
    }

    /** What to put in place of a value: null for nothing, {@code before} itself to leave it. */
    private interface Change {
        @Nullable
        StoredValue of(@Nullable StoredValue before);
    }

    /** The value before and after a change that took effect. */
    private record Changed(
            @Nullable StoredValue before, @Nullable StoredValue after) {}

    @SuppressWarnings("ReferenceEquality") // leaving a value is to give back the same
    private Changed change(String key, Change change) {
        KvNamespace.checked(key);
        while (true) {
            StoredValue before = store.reads().read(namespace, key);
            StoredValue after = change.of(before);
            if (before == after || store.compareAndSet(namespace, key, before, after)) {
                return new Changed(before, after);
            }
        }
    }

    /** What a value would be stored as; null if no value of this map is equal to it. */
    @SuppressWarnings("unchecked") // a value of another type is refused by the codec
    private @Nullable StoredValue encodeAny(@Nullable Object value) {
        try {
            return value == null ? null : entries.encode("", (V) value);
        } catch (ClassCastException | IllegalArgumentException e) {
            return null;
        }
    }

    private boolean has(@Nullable Object key, @Nullable Object value) {
        StoredValue expected = encodeAny(value);
        return key instanceof String text
                && expected != null
                && Objects.equals(store.reads().read(namespace, text), expected);
    }

    private Stream<StoredEntry> stored() {
        return store.reads().entries(namespace, "");
    }

    private @Nullable V decode(String key, @Nullable StoredValue value) {
        return value == null ? null : entries.decode(key, value);
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        return key instanceof String text ? entries.get(text) : null;
    }

    @Override
    public V getOrDefault(@Nullable Object key, V absent) {
        V value = get(key);
        return value == null ? absent : value;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return key instanceof String text && entries.containsKey(text);
    }

    @Override
    public @Nullable V put(String key, V value) {
        StoredValue next = entries.encode(key, value);
        return decode(key, change(key, before -> next).before());
    }

    @Override
    public @Nullable V remove(@Nullable Object key) {
        return key instanceof String text
                ? decode(text, change(text, before -> null).before())
                : null;
    }

    @Override
    public @Nullable V putIfAbsent(String key, V value) {
        StoredValue next = entries.encode(key, value);
        return decode(key, change(key, before -> before == null ? next : before).before());
    }

    @Override
    public boolean remove(@Nullable Object key, @Nullable Object value) {
        StoredValue expected = encodeAny(value);
        if (!(key instanceof String text) || expected == null) {
            return false;
        }
        Changed changed = change(text, before -> Objects.equals(before, expected) ? null : before);
        return changed.before() != null && changed.after() == null;
    }

    @Override
    public boolean replace(String key, V expected, V value) {
        StoredValue old = entries.encode(key, expected);
        StoredValue next = entries.encode(key, value);
        Changed changed = change(key, before -> Objects.equals(before, old) ? next : before);
        return Objects.equals(changed.before(), old);
    }

    @Override
    public @Nullable V replace(String key, V value) {
        StoredValue next = entries.encode(key, value);
        return decode(key, change(key, before -> before == null ? null : next).before());
    }

    @Override
    public @Nullable V computeIfAbsent(String key, Function<? super String, ? extends @Nullable V> function) {
        Changed changed = change(key, before -> {
            if (before != null) {
                return before;
            }
            V computed = function.apply(key);
            return computed == null ? null : entries.encode(key, computed);
        });
        return decode(key, changed.after());
    }

    @Override
    public @Nullable V computeIfPresent(
            String key, BiFunction<? super String, ? super V, ? extends @Nullable V> function) {
        return compute(key, (same, before) -> before == null ? null : function.apply(same, before));
    }

    @Override
    public @Nullable V compute(
            String key, BiFunction<? super String, ? super @Nullable V, ? extends @Nullable V> function) {
        Changed changed = change(key, before -> {
            V after = function.apply(key, decode(key, before));
            return after == null ? null : entries.encode(key, after);
        });
        return decode(key, changed.after());
    }

    @Override
    public @Nullable V merge(String key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
        return compute(key, (same, before) -> before == null ? value : function.apply(before, value));
    }

    @Override
    public void putAll(Map<? extends String, ? extends V> map) {
        entries.batchPut(new LinkedHashMap<>(map));
    }

    @Override
    public void clear() {
        entries.clear();
    }

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, entries.size());
    }

    @Override
    public boolean isEmpty() {
        return entries.size() == 0;
    }

    @Override
    public boolean containsValue(@Nullable Object value) {
        StoredValue expected = encodeAny(value);
        return expected != null && stored().anyMatch(entry -> Objects.equals(entry.value(), expected));
    }

    /** As other maps do, but values are equal if their bytes are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Map<?, ?> map
                        && size() == map.size()
                        && stored().allMatch(entry -> Objects.equals(encodeAny(map.get(entry.key())), entry.value())));
    }

    @Override
    public int hashCode() {
        return entries.entries()
                .mapToInt(entry -> entry.getKey().hashCode() ^ hash(entry.getValue()))
                .sum();
    }

    private static int hash(Object value) {
        return value instanceof byte[] bytes ? Arrays.hashCode(bytes) : value.hashCode();
    }

    @Override
    public Collection<V> values() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<V> iterator() {
                Iterator<Map.Entry<String, V>> source = new EntryIterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return source.hasNext();
                    }

                    @Override
                    public V next() {
                        return source.next().getValue();
                    }

                    @Override
                    public void remove() {
                        source.remove();
                    }
                };
            }

            @Override
            public int size() {
                return KvMap.this.size();
            }

            @Override
            public boolean contains(@Nullable Object value) {
                return containsValue(value);
            }

            @Override
            public boolean remove(@Nullable Object value) {
                StoredValue expected = encodeAny(value);
                return expected != null
                        && stored().filter(entry -> Objects.equals(entry.value(), expected))
                                .anyMatch(entry -> KvMap.this.remove(entry.key(), value));
            }

            @Override
            public void clear() {
                KvMap.this.clear();
            }
        };
    }

    @Override
    public Set<Map.Entry<String, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, V>> iterator() {
                return new EntryIterator();
            }

            @Override
            public int size() {
                return KvMap.this.size();
            }

            @Override
            public boolean contains(@Nullable Object entry) {
                return entry instanceof Map.Entry<?, ?> one && has(one.getKey(), one.getValue());
            }

            @Override
            public boolean remove(@Nullable Object entry) {
                return entry instanceof Map.Entry<?, ?> one && KvMap.this.remove(one.getKey(), one.getValue());
            }

            @Override
            public void clear() {
                KvMap.this.clear();
            }
        };
    }

    private final class EntryIterator implements Iterator<Map.Entry<String, V>> {
        private final Iterator<Map.Entry<String, V>> source = entries.entries().iterator();
        private @Nullable String last;

        @Override
        public boolean hasNext() {
            return source.hasNext();
        }

        @Override
        public Map.Entry<String, V> next() {
            Map.Entry<String, V> entry = source.next();
            last = entry.getKey();
            return new WriteThroughEntry(entry);
        }

        @Override
        public void remove() {
            if (last == null) {
                throw new IllegalStateException("Expected next() before remove().");
            }
            entries.remove(last);
            last = null;
        }
    }

    private final class WriteThroughEntry extends AbstractMap.SimpleEntry<String, V> {
        WriteThroughEntry(Map.Entry<String, V> entry) {
            super(entry);
        }

        @Override
        public V setValue(V value) {
            entries.put(getKey(), value);
            return super.setValue(value);
        }
    }
}
