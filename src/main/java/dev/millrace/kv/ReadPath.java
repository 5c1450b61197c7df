package dev.millrace.kv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way of a read: what waits to be committed, the hot tier, the file, the first that knows. Thread-safe. Who opens it closes
 * it.
 */
final class ReadPath implements AutoCloseable {
    private final WritePath writes;
    private final HotTier hot;
    /** Null for a store without a file. */
    private final @Nullable ReaderPool readers;

    private final boolean keeps;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /**
     * Opens the way.
     *
     * @param readers closed with it; null for a store without a file
     * @param keeps whether the hot tier keeps what is read: not if another process writes to the file
     */
    ReadPath(WritePath writes, HotTier hot, @Nullable ReaderPool readers, boolean keeps) {
        this.writes = writes;
        this.hot = hot;
        this.readers = readers;
        this.keeps = keeps;
    }

    /** The value of a key; null if it is absent. */
    @Nullable
    StoredValue read(Namespace namespace, String key) {
        writes.requireOpen();
        EntryKey entry = namespace.entry(key);
        Write write = writes.pending().get(entry);
        if (write != null) {
            hits.increment();
            return write.value();
        }
        if (writes.pending().isClearing(namespace)) {
            hits.increment();
            return null;
        }
        StoredValue found = hot.get(entry);
        if (found != null) {
            hits.increment();
            return found;
        }
        misses.increment();
        // Memory is asked with the key as it is; the file would take half a surrogate for another character.
        Keys.checked("key", key);
        if (readers == null) {
            return null;
        }
        long mark = hot.mark(entry);
        StoredValue stored = readers.read(reader -> reader.get(namespace, key));
        if (stored != null && keeps) {
            hot.keep(entry, stored, mark);
        }
        return stored;
    }

    /** The value of a key if no file is needed to tell it; empty if one is. A value of null says that it is absent. */
    @Nullable
    Held inMemory(Namespace namespace, String key) {
        return inMemory(namespace, namespace.entry(key));
    }

    private @Nullable Held inMemory(Namespace namespace, EntryKey entry) {
        writes.requireOpen();
        Write write = writes.pending().get(entry);
        if (write != null) {
            return new Held(write.value());
        }
        if (writes.pending().isClearing(namespace)) {
            return new Held(null);
        }
        StoredValue found = hot.get(entry);
        return found == null && readers != null ? null : new Held(found);
    }

    /** What memory says of a key. */
    record Held(@Nullable StoredValue value) {}

    /** Whether a key has a value, which is not read. */
    boolean contains(Namespace namespace, String key) {
        Held held = inMemory(namespace, key);
        if (held != null) {
            return held.value() != null;
        }
        ReaderPool file = readers;
        return file != null && file.read(reader -> reader.contains(namespace, key));
    }

    /** Values in the order of the keys, null for absent ones: memory first, then one query for the rest. */
    List<@Nullable StoredValue> readAll(Namespace namespace, List<String> keys) {
        @Nullable StoredValue[] values = new StoredValue[keys.size()];
        List<String> missing = new ArrayList<>();
        int[] places = new int[keys.size()];
        long[] marks = new long[keys.size()];
        for (int place = 0; place < keys.size(); place++) {
            EntryKey entry = namespace.entry(keys.get(place));
            Held held = inMemory(namespace, entry);
            if (held == null) {
                marks[missing.size()] = hot.mark(entry);
                places[missing.size()] = place;
                missing.add(entry.key());
            } else {
                values[place] = held.value();
            }
        }
        hits.add((long) keys.size() - missing.size());
        misses.add(missing.size());
        ReaderPool file = readers;
        if (!missing.isEmpty() && file != null) {
            @Nullable StoredValue[] stored = file.read(reader -> reader.getAll(namespace, missing));
            for (int i = 0; i < stored.length; i++) {
                StoredValue value = stored[i];
                values[places[i]] = value;
                if (value != null && keeps) {
                    hot.keep(namespace.entry(missing.get(i)), value, marks[i]);
                }
            }
        }
        writes.requireOpen();
        return Arrays.asList(values);
    }

    /** Number of entries. Writes first what waits. */
    long size(Namespace namespace) {
        ReaderPool file = readers;
        writes.requireOpen();
        if (file == null) {
            return hot.entries().keySet().stream()
                    .filter(entry -> entry.namespaceId() == namespace.id())
                    .count();
        }
        writes.flush();
        return file.read(reader -> reader.count(namespace));
    }

    /** Entries whose keys begin with a prefix, in order of keys, as they are when the stream comes to them. */
    Stream<StoredEntry> entries(Namespace namespace, String prefix) {
        Keys.checked("prefix", prefix);
        ReaderPool file = readers;
        writes.requireOpen();
        if (file == null) {
            return hot.entries().entrySet().stream()
                    .filter(entry -> entry.getKey().namespaceId() == namespace.id()
                            && entry.getKey().key().startsWith(prefix))
                    .map(entry -> new StoredEntry(entry.getKey().key(), entry.getValue()))
                    .sorted((left, right) -> Keys.ORDER.compare(left.key(), right.key()));
        }
        writes.flush();
        return EntryPages.stream(file, namespace, prefix);
    }

    /**
     * Names of the namespaces that have entries, in order. Writes first what waits.
     *
     * @param known those that a store without a file may have
     */
    List<String> namespaces(Collection<Namespace> known) {
        ReaderPool file = readers;
        writes.requireOpen();
        if (file == null) {
            return known.stream()
                    .filter(namespace -> size(namespace) > 0)
                    .map(Namespace::name)
                    .sorted(Keys.ORDER)
                    .toList();
        }
        writes.flush();
        return file.read(EntryReader::namespaces).stream()
                .filter(namespace -> namespace.entries() > 0)
                .map(EntryReader.StoredNamespace::name)
                .toList();
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }

    @Override
    public void close() {
        if (readers != null) {
            readers.close();
        }
    }
}
