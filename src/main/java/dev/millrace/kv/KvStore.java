package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.WriteQueue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Values by key, in one SQLite file with a cache before it.
 *
 * {@snippet :
 * try (KvStore store = KvStore.builder()
 *         .setFile(Path.of("features.db"))
 *         .optPersistMode(PersistMode.LAZY)
 *         .build()) {
 *     KvNamespace<TensorBlob> embeddings = store.namespace("embeddings", Codecs.TENSOR);
 *     embeddings.put("CCO", embedding);
 *     List<TensorBlob> some = embeddings.batchGet(List.of("CCO", "CCN"));
 * }
 * }
 *
 * <pre>
 *   put ─► pending (read at once) + queue (one order for all keys) ─► writer thread: BEGIN, many writes, COMMIT ─► file (WAL)
 *                                                                        └─ then: hot tier, futures, pending forgets it
 *   get ─► pending ─► hot tier ─► file
 * </pre>
 *
 * <p>What it promises, in every mode:
 * <ul>
 *   <li>A value can be read as soon as it is put, by every thread, also after it has left the hot tier.
 *   <li>Writes take effect in one order, in memory and in the file. What a kill leaves in the file is what was put up to some
 *       moment, a {@link #transaction} or a batch whole or not at all.
 *   <li>If the file cannot be written, what was put is kept in memory, can be read, and is tried again; who waits is told.
 *       When too much waits already, the next put is refused, not kept, and says so.
 * </ul>
 *
 * <p>Thread-safe. Who opens it closes it. One process at a time writes to a file; any number may read it meanwhile, see
 * {@link KvStoreBuilder#optReadOnly}. A value has at most {@value #LARGEST_VALUE_BYTES} bytes, a key or the name of a namespace
 * 65,536 in UTF-8; both may be any text, the empty one too.
 */
public final class KvStore implements AutoCloseable {
    /** The namespace of those who name none. */
    public static final String DEFAULT_NAMESPACE = "main";

    /** Largest size of one value, encoded. */
    public static final int LARGEST_VALUE_BYTES = 1 << 26;

    private final PersistMode mode;
    private final String subject;
    private final boolean readOnly;
    private final WritePath path;
    private final HotTier hot;
    private final WriteBudget budget;
    private final Callbacks callbacks = new Callbacks();
    /** Null for a store without a file. */
    private final @Nullable ReaderPool readers;

    private final @Nullable ValueCipher cipher;
    private final ConcurrentHashMap<String, Namespace> namespaces = new ConcurrentHashMap<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private int lastNamespaceId;
    private boolean inTransaction;

    /** Starts a store. */
    public static KvStoreBuilder builder() {
        return new KvStoreBuilder();
    }

    /** For a builder that has checked itself. */
    KvStore(KvStoreBuilder settings, @Nullable Path file) {
        mode = settings.mode();
        subject = file == null ? "a store in memory" : file.toString();
        readOnly = settings.readOnly();
        hot = settings.hotTier();
        budget = settings.budget();
        // Known when the file is open; the writer asks for it with the first write.
        AtomicReference<@Nullable ValueCipher> opened = new AtomicReference<>();
        path = new WritePath(
                mode,
                subject,
                hot,
                budget,
                callbacks,
                listener -> file == null || readOnly
                        ? null
                        : WriteQueue.open(
                                file,
                                KvSchema.SCHEMA,
                                database -> Schema.putInfo(database, settings.header()),
                                connection -> new KvSink(
                                        connection, new RowCoder(file, settings.compresses(), opened.get()), listener),
                                settings.queueSettings(),
                                null));
        if (file == null) {
            readers = null;
            cipher = null;
            return;
        }
        try (Database database = Database.open(file, Access.READ)) {
            KvSchema.SCHEMA.check(database);
            opened.set(settings.cipher(Schema.info(database), file));
        } catch (RuntimeException e) {
            path.end();
            throw e;
        }
        cipher = opened.get();
        readers = new ReaderPool(file, cipher, readOnly);
        try {
            for (EntryReader.StoredNamespace stored : readers.read(EntryReader::namespaces)) {
                adopt(stored);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void adopt(EntryReader.StoredNamespace stored) {
        namespaces.put(stored.name(), new Namespace(stored.id(), stored.name()));
        lastNamespaceId = Math.max(lastNamespaceId, stored.id());
    }

    /** What a put promises when it returns. */
    public PersistMode persistMode() {
        return mode;
    }

    /** A namespace of plain bytes. It is made with its first entry. */
    public KvNamespace<byte[]> namespace(String name) {
        return namespace(name, Codecs.BYTES);
    }

    /**
     * A namespace whose values are of one type. It is made with its first entry.
     *
     * @throws IllegalArgumentException if the name cannot be stored
     */
    public <V> KvNamespace<V> namespace(String name, Codec<V> codec) {
        return new KvNamespace<>(this, named(name), codec);
    }

    /** Names of the namespaces that have entries, in order. Writes first what waits. */
    public List<String> namespaces() {
        if (readers == null) {
            path.requireOpen();
            return namespaces.values().stream()
                    .filter(namespace -> size(namespace) > 0)
                    .map(Namespace::name)
                    .sorted(Keys.ORDER)
                    .toList();
        }
        settle();
        return readers.read(EntryReader::namespaces).stream()
                .filter(namespace -> namespace.entries() > 0)
                .map(EntryReader.StoredNamespace::name)
                .toList();
    }

    /**
     * Removes a namespace with all that is in it. Returns when that is committed, in every mode.
     *
     * @return whether there was anything in it
     */
    public boolean dropNamespace(String name) {
        requireWritable();
        Namespace namespace = named(name);
        return path.alone(() -> {
            boolean any = size(namespace) > 0;
            path.clear(namespace, true);
            return any;
        });
    }

    /**
     * Returns when all that was put before is committed. A store in memory has nothing to write.
     *
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be written; what waits is kept and tried again
     * @throws IllegalStateException if the file took some entries under no circumstances (a trigger of somebody's, say) and
     *     nobody waited for them; told once, the others are committed
     */
    public void flushWriteBuffer() {
        settle();
        IllegalStateException refused = path.refusal();
        if (refused != null) {
            throw refused;
        }
    }

    /** Returns when all that was put before is committed, or refused. */
    private void settle() {
        path.requireOpen();
        path.flush();
    }

    /**
     * Reads and writes several keys as one: all writes of the body are committed together or, if it throws, none. Meanwhile no
     * other thread writes, so that what the body reads stays true; others do read. Keep it short.
     *
     * @param body must not begin another transaction
     * @return what the body returns; the writes are then as durable as those of a put in this store's mode
     */
    public <R extends @Nullable Object> R transaction(Function<KvTransaction, R> body) {
        requireWritable();
        CompletableFuture<Void> done = path.waitedFor();
        AtomicBoolean submitted = new AtomicBoolean();
        R result = path.alone(() -> {
            if (inTransaction) {
                throw new IllegalStateException("Expected one transaction at a time, found one inside another ("
                        + subject + "). Use the one that is open.");
            }
            inTransaction = true;
            KvTransaction transaction = new KvTransaction(this);
            R found;
            try {
                found = body.apply(transaction);
            } finally {
                inTransaction = false;
                transaction.end();
            }
            if (!transaction.writes().isEmpty()) {
                path.submit(transaction.writes(), done, false);
                submitted.set(true);
            }
            return found;
        });
        if (submitted.get()) {
            path.await(done);
        }
        return result;
    }

    /** What has been done since the store was opened, and what waits. */
    public KvStatistics statistics() {
        return new KvStatistics(
                hits.sum(),
                misses.sum(),
                hot.size(),
                hot.bytes(),
                hot.evictions(),
                path.pendingKeys(),
                budget.count(),
                budget.bytes(),
                path.flushes(),
                path.written(),
                path.refused(),
                path.failures());
    }

    /**
     * Writes what waits and closes the file. Harmless when repeated.
     *
     * @throws IllegalStateException if the file could not be written for 10 s: the message says how much is lost; or if it
     *     refused entries, as {@link #flushWriteBuffer} tells it
     */
    @Override
    public void close() {
        if (!path.refuseMore()) {
            return;
        }
        // Before the writer, which leaves one file if it is the last to use it.
        if (readers != null) {
            readers.close();
        }
        IllegalStateException lost = path.end();
        callbacks.close();
        if (cipher != null) {
            cipher.close();
        }
        IllegalStateException refused = path.refusal();
        if (lost != null && refused != null) {
            lost.addSuppressed(refused);
        }
        if (lost != null || refused != null) {
            throw lost != null ? lost : refused;
        }
    }

    // What namespaces and transactions are made of.

    /** The namespace of a name; one that nobody has written to yet is not in the file. */
    private Namespace named(String name) {
        Keys.checked("name of a namespace", name);
        path.requireOpen();
        if (readOnly) {
            return new Namespace(Namespace.ABSENT, name);
        }
        return namespaces.computeIfAbsent(name, absent -> new Namespace(nextNamespaceId(), absent));
    }

    private synchronized int nextNamespaceId() {
        return ++lastNamespaceId;
    }

    @Nullable
    StoredValue read(Namespace namespace, String key) {
        path.requireOpen();
        EntryKey entry = namespace.entry(key);
        Write write = path.pending(entry);
        if (write != null) {
            hits.increment();
            return write.value();
        }
        if (path.isClearing(namespace)) {
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
        if (stored != null && !readOnly) {
            hot.keep(entry, stored, mark);
        }
        return stored;
    }

    /** The value of a key if no file is needed to tell it; empty if one is. A value of null says that it is absent. */
    @Nullable
    Held inMemory(Namespace namespace, String key) {
        path.requireOpen();
        EntryKey entry = namespace.entry(key);
        Write write = path.pending(entry);
        if (write != null) {
            return new Held(write.value());
        }
        if (path.isClearing(namespace)) {
            return new Held(null);
        }
        StoredValue found = hot.get(entry);
        return found == null && readers != null ? null : new Held(found);
    }

    /** What memory says of a key. */
    record Held(@Nullable StoredValue value) {}

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
        Map<String, @Nullable StoredValue> found = new HashMap<>(2 * keys.size());
        Map<String, Long> wanted = new LinkedHashMap<>();
        for (String key : keys) {
            if (!found.containsKey(key) && !wanted.containsKey(key)) {
                Held held = inMemory(namespace, key);
                if (held == null) {
                    wanted.put(key, hot.mark(namespace.entry(key)));
                } else {
                    found.put(key, held.value());
                }
            }
        }
        hits.add(found.size());
        misses.add(wanted.size());
        ReaderPool file = readers;
        if (!wanted.isEmpty() && file != null) {
            Map<String, StoredValue> stored =
                    file.read(reader -> reader.getAll(namespace, List.copyOf(wanted.keySet())));
            stored.forEach((key, value) -> {
                Long mark = wanted.get(key);
                if (mark != null && !readOnly) {
                    hot.keep(namespace.entry(key), value, mark);
                }
                found.put(key, value);
            });
        }
        path.requireOpen();
        List<@Nullable StoredValue> values = new ArrayList<>(keys.size());
        for (String key : keys) {
            values.add(found.get(key));
        }
        return values;
    }

    /** Puts, or removes, without looking at what was there; returns as the mode promises. */
    void write(Namespace namespace, String key, @Nullable StoredValue value) {
        requireWritable();
        path.write(List.of(new Write(namespace, namespace.entry(key), value)));
    }

    /** As one: all or nothing. */
    void writeAll(List<Write> writes) {
        requireWritable();
        if (!writes.isEmpty()) {
            path.write(writes);
        }
    }

    /** As one, told when it is committed, whatever the mode. */
    CompletableFuture<Void> writeAllAsync(List<Write> writes) {
        requireWritable();
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (writes.isEmpty()) {
            done.complete(null);
        } else {
            path.submit(writes, done, true);
        }
        return done;
    }

    /** Removes a key; the future tells whether it was there. */
    CompletableFuture<Boolean> removeAsync(Namespace namespace, String key) {
        requireWritable();
        return path.alone(() -> contains(namespace, key)
                ? writeAllAsync(List.of(new Write(namespace, namespace.entry(key), null)))
                        .thenApply(done -> true)
                : CompletableFuture.completedFuture(false));
    }

    /**
     * Writes if the key has the expected value, null for none.
     *
     * @return whether it had
     */
    boolean compareAndSet(
            Namespace namespace, String key, @Nullable StoredValue expected, @Nullable StoredValue value) {
        requireWritable();
        CompletableFuture<Void> done = path.waitedFor();
        boolean expectedFound = path.alone(() -> {
            boolean same = StoredValue.same(read(namespace, key), expected);
            if (same) {
                path.submit(List.of(new Write(namespace, namespace.entry(key), value)), done, false);
            }
            return same;
        });
        if (expectedFound) {
            path.await(done);
        }
        return expectedFound;
    }

    /** Removes all entries; returns when that is committed. */
    void clear(Namespace namespace) {
        requireWritable();
        path.clear(namespace, false);
    }

    /** Number of entries. Writes first what waits. */
    long size(Namespace namespace) {
        ReaderPool file = readers;
        if (file == null) {
            path.requireOpen();
            return hot.entries().keySet().stream()
                    .filter(entry -> entry.namespaceId() == namespace.id())
                    .count();
        }
        settle();
        return file.read(reader -> reader.count(namespace));
    }

    /** Entries whose keys begin with a prefix, in order of keys, as they are when the stream comes to them. */
    Stream<StoredEntry> entries(Namespace namespace, String prefix) {
        Keys.checked("prefix", prefix);
        ReaderPool file = readers;
        if (file == null) {
            path.requireOpen();
            return hot.entries().entrySet().stream()
                    .filter(entry -> entry.getKey().namespaceId() == namespace.id()
                            && entry.getKey().key().startsWith(prefix))
                    .map(entry -> new StoredEntry(entry.getKey().key(), entry.getValue()))
                    .sorted((left, right) -> Keys.ORDER.compare(left.key(), right.key()));
        }
        settle();
        return EntryPages.stream(file, namespace, prefix);
    }

    Callbacks callbacks() {
        return callbacks;
    }

    // For who moves entries without knowing their types: export, import, migration.

    /** As put. */
    void putStored(String namespace, String key, StoredValue value) {
        write(named(namespace), Keys.checked("key", key), StoredValue.checked(key, value));
    }

    /** Null if the key is absent. */
    @Nullable
    StoredValue getStored(String namespace, String key) {
        return read(named(namespace), key);
    }

    /** Entries whose keys begin with a prefix, in order of keys. */
    Stream<StoredEntry> storedEntries(String namespace, String prefix) {
        return entries(named(namespace), prefix);
    }

    private void requireWritable() {
        path.requireOpen();
        if (readOnly) {
            throw new IllegalStateException("Cannot write to " + subject + ": it was opened read-only.");
        }
    }
}
