package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.WriteQueue;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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
    private final ReadPath reads;
    private final @Nullable ValueCipher cipher;
    private final ConcurrentHashMap<String, Namespace> namespaces = new ConcurrentHashMap<>();
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
                                        connection,
                                        new RowEncoder(() -> new RowCoder(file, settings.compresses(), opened.get())),
                                        listener),
                                settings.queueSettings(),
                                null));
        if (file == null) {
            reads = new ReadPath(path, hot, null, true);
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
        ReaderPool readers = new ReaderPool(file, cipher, readOnly);
        reads = new ReadPath(path, hot, readers, !readOnly);
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
        return reads.namespaces(namespaces.values());
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
            boolean any = reads.size(namespace) > 0;
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
                reads.hits(),
                reads.misses(),
                hot.size(),
                hot.bytes(),
                hot.evictions(),
                path.pending().keys(),
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
        reads.close();
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
        return path.alone(() -> reads.contains(namespace, key)
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
            boolean same = Objects.equals(reads.read(namespace, key), expected);
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

    ReadPath reads() {
        return reads;
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
        return reads.read(named(namespace), key);
    }

    /** Entries whose keys begin with a prefix, in order of keys. */
    Stream<StoredEntry> storedEntries(String namespace, String prefix) {
        return reads.entries(named(namespace), prefix);
    }

    private void requireWritable() {
        path.requireOpen();
        if (readOnly) {
            throw new IllegalStateException("Cannot write to " + subject + ": it was opened read-only.");
        }
    }
}
