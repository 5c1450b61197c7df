package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.WriteQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
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

    private static final long FAILURE_POLL_MILLIS = 20;

    private final PersistMode mode;
    private final String subject;
    private final @Nullable WriteQueue<Submission> queue;
    private final @Nullable ReaderPool readers;
    private final @Nullable ValueCipher cipher;
    private final HotTier hot;
    private final WriteBudget budget;
    private final ConcurrentHashMap<EntryKey, Write> pending = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Namespace> namespaces = new ConcurrentHashMap<>();
    /** Who holds it decides what comes next, in the pending map and in the queue alike. */
    private final ReentrantLock order = new ReentrantLock();

    /** Namespaces by how many clears wait for their commit: what file and hot tier hold of them is gone already. */
    private final ConcurrentHashMap<Integer, Integer> clearing = new ConcurrentHashMap<>();
    /** Those whose futures users have and nobody has completed yet. */
    private final Set<Submission> promised = ConcurrentHashMap.newKeySet();

    private final Callbacks callbacks = new Callbacks();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder flushes = new LongAdder();
    private final LongAdder written = new LongAdder();
    private int lastNamespaceId;
    private boolean inTransaction;
    private volatile boolean closed;
    private volatile boolean ended;

    /** Starts a store. */
    public static KvStoreBuilder builder() {
        return new KvStoreBuilder();
    }

    /** For a builder that has checked itself. */
    KvStore(KvStoreBuilder settings, @Nullable Path file) {
        mode = settings.mode();
        subject = file == null ? "a store in memory" : file.toString();
        hot = settings.hotTier();
        budget = settings.budget();
        if (file == null) {
            queue = null;
            readers = null;
            cipher = null;
            return;
        }
        // Known when the file is open; the writer asks for it with the first write.
        AtomicReference<@Nullable ValueCipher> opened = new AtomicReference<>();
        queue = settings.readOnly()
                ? null
                : WriteQueue.open(
                        file,
                        KvSchema.SCHEMA,
                        database -> Schema.putInfo(database, settings.header()),
                        connection -> new KvSink(
                                connection,
                                new RowCoder(file, settings.compresses(), opened.get()),
                                this::publish,
                                this::refuse),
                        settings.queueSettings(),
                        null);
        try (Database database = Database.open(file, Access.READ)) {
            KvSchema.SCHEMA.check(database);
            opened.set(settings.cipher(Schema.info(database), file));
        } catch (RuntimeException e) {
            if (queue != null) {
                queue.close();
            }
            throw e;
        }
        cipher = opened.get();
        readers = new ReaderPool(file, cipher, queue == null);
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
            requireOpen();
            return namespaces.values().stream()
                    .filter(namespace -> size(namespace) > 0)
                    .map(Namespace::name)
                    .sorted(Keys.ORDER)
                    .toList();
        }
        flushWriteBuffer();
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
        Namespace namespace = named(name);
        order.lock();
        try {
            boolean any = size(namespace) > 0;
            clear(namespace, true);
            return any;
        } finally {
            order.unlock();
        }
    }

    /**
     * Returns when all that was put before is committed. A store in memory has nothing to write.
     *
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be written; what waits is kept and tried again
     */
    public void flushWriteBuffer() {
        requireOpen();
        if (queue != null) {
            queue.flushOrFail();
        }
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
        CompletableFuture<Void> done = waitedFor();
        R result;
        order.lock();
        try {
            if (inTransaction) {
                throw new IllegalStateException("Expected one transaction at a time, found one inside another ("
                        + subject + "). Use the one that is open.");
            }
            inTransaction = true;
            KvTransaction transaction = new KvTransaction(this);
            try {
                result = body.apply(transaction);
            } finally {
                inTransaction = false;
                transaction.end();
            }
            List<Write> writes = transaction.writes();
            if (writes.isEmpty()) {
                return result;
            }
            submit(writes, done, false);
        } finally {
            order.unlock();
        }
        await(done);
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
                pending.size(),
                budget.count(),
                budget.bytes(),
                flushes.sum(),
                written.sum(),
                queue == null ? 0 : queue.failures());
    }

    /**
     * Writes what waits and closes the file. Harmless when repeated.
     *
     * @throws IllegalStateException if the file could not be written for 10 s: the message says how much is lost
     */
    @Override
    public void close() {
        order.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            order.unlock();
        }
        // Before the writer, which leaves one file if it is the last to use it.
        if (readers != null) {
            readers.close();
        }
        if (queue != null) {
            queue.close();
        }
        ended = true;
        IllegalStateException lost = lost();
        if (lost != null) {
            promised.stream()
                    .map(Submission::done)
                    .filter(Objects::nonNull)
                    .forEach(future -> callbacks.fail(future, lost));
        }
        callbacks.close();
        if (cipher != null) {
            cipher.close();
        }
        if (lost != null) {
            throw lost;
        }
    }

    /** What the writer could not write before it had to end; null if nothing is lost. */
    private @Nullable IllegalStateException lost() {
        if (queue == null || (pending.isEmpty() && clearing.isEmpty() && promised.isEmpty())) {
            return null;
        }
        String example = pending.keySet().stream()
                .findFirst()
                .map(entry -> ", " + Keys.shown(entry.key()) + " among them")
                .orElse("");
        Throwable reason = queue.failure();
        return new IllegalStateException(
                "Lost " + pending.size() + " entries" + example + " and " + clearing.size()
                        + " clearings of namespaces that could not be written to " + subject + " before it was closed"
                        + (reason == null ? "." : ": " + reason.getMessage()),
                reason);
    }

    // What namespaces and transactions are made of.

    /** The namespace of a name; one that nobody has written to yet is not in the file. */
    private Namespace named(String name) {
        Keys.checked("name of a namespace", name);
        requireOpen();
        if (readers != null && queue == null) {
            return new Namespace(Namespace.ABSENT, name);
        }
        return namespaces.computeIfAbsent(name, absent -> new Namespace(nextNamespaceId(), absent));
    }

    private synchronized int nextNamespaceId() {
        return ++lastNamespaceId;
    }

    @Nullable
    StoredValue read(Namespace namespace, String key) {
        requireOpen();
        EntryKey entry = namespace.entry(key);
        Write write = pending.get(entry);
        if (write != null) {
            hits.increment();
            return write.value();
        }
        if (isClearing(namespace)) {
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
        if (stored != null && queue != null) {
            hot.keep(entry, stored, mark);
        }
        return stored;
    }

    /** The value of a key if no file is needed to tell it; empty if one is. A value of null says that it is absent. */
    @Nullable
    Held inMemory(Namespace namespace, String key) {
        requireOpen();
        EntryKey entry = namespace.entry(key);
        Write write = pending.get(entry);
        if (write != null) {
            return new Held(write.value());
        }
        if (isClearing(namespace)) {
            return new Held(null);
        }
        StoredValue found = hot.get(entry);
        return found == null && readers != null ? null : new Held(found);
    }

    private boolean isClearing(Namespace namespace) {
        return !clearing.isEmpty() && clearing.containsKey(namespace.id());
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
                if (mark != null && queue != null) {
                    hot.keep(namespace.entry(key), value, mark);
                }
                found.put(key, value);
            });
        }
        requireOpen();
        List<@Nullable StoredValue> values = new ArrayList<>(keys.size());
        for (String key : keys) {
            values.add(found.get(key));
        }
        return values;
    }

    /** Puts, or removes, without looking at what was there; returns as the mode promises. */
    void write(Namespace namespace, String key, @Nullable StoredValue value) {
        CompletableFuture<Void> done = waitedFor();
        submitAll(List.of(new Write(namespace, namespace.entry(key), value)), done, false);
        await(done);
    }

    /** As one: all or nothing. */
    void writeAll(List<Write> writes) {
        requireWritable();
        if (!writes.isEmpty()) {
            CompletableFuture<Void> done = waitedFor();
            submitAll(writes, done, false);
            await(done);
        }
    }

    /** As one, told when it is committed, whatever the mode. */
    CompletableFuture<Void> writeAllAsync(List<Write> writes) {
        requireWritable();
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (writes.isEmpty()) {
            done.complete(null);
        } else {
            submitAll(writes, done, true);
        }
        return done;
    }

    /** Removes a key; the future tells whether it was there. */
    CompletableFuture<Boolean> removeAsync(Namespace namespace, String key) {
        requireWritable();
        order.lock();
        try {
            return contains(namespace, key)
                    ? writeAllAsync(List.of(new Write(namespace, namespace.entry(key), null)))
                            .thenApply(done -> true)
                    : CompletableFuture.completedFuture(false);
        } finally {
            order.unlock();
        }
    }

    /**
     * Writes if the key has the expected value, null for none.
     *
     * @return whether it had
     */
    boolean compareAndSet(
            Namespace namespace, String key, @Nullable StoredValue expected, @Nullable StoredValue value) {
        requireWritable();
        CompletableFuture<Void> done = waitedFor();
        List<Write> writes = List.of(new Write(namespace, namespace.entry(key), value));
        order.lock();
        try {
            if (!StoredValue.same(read(namespace, key), expected)) {
                return false;
            }
            submit(writes, done, false);
        } finally {
            order.unlock();
        }
        await(done);
        return true;
    }

    /** Removes all entries, and the namespace too if it is dropped; returns when that is committed. */
    void clear(Namespace namespace, boolean drop) {
        requireWritable();
        WriteQueue<Submission> file = queue;
        order.lock();
        try {
            if (file == null) {
                hot.cleared(namespace.id());
                return;
            }
            requireOpen();
            CompletableFuture<Void> done = new CompletableFuture<>();
            takeRoom(0);
            clearing.merge(namespace.id(), 1, Integer::sum);
            pending.keySet().removeIf(entry -> entry.namespaceId() == namespace.id());
            enqueue(file, new Submission.Clear(namespace, drop, done));
            // The writer of a lazy store waits for more.
            file.flush(Duration.ZERO);
            // Under the lock: what is put next comes after it in memory as in the file.
            await(done);
        } finally {
            order.unlock();
        }
    }

    /** Number of entries. Writes first what waits. */
    long size(Namespace namespace) {
        ReaderPool file = readers;
        if (file == null) {
            requireOpen();
            return hot.entries().keySet().stream()
                    .filter(entry -> entry.namespaceId() == namespace.id())
                    .count();
        }
        flushWriteBuffer();
        return file.read(reader -> reader.count(namespace));
    }

    /** Entries whose keys begin with a prefix, in order of keys, as they are when the stream comes to them. */
    Stream<StoredEntry> entries(Namespace namespace, String prefix) {
        Keys.checked("prefix", prefix);
        ReaderPool file = readers;
        if (file == null) {
            requireOpen();
            return hot.entries().entrySet().stream()
                    .filter(entry -> entry.getKey().namespaceId() == namespace.id()
                            && entry.getKey().key().startsWith(prefix))
                    .map(entry -> new StoredEntry(entry.getKey().key(), entry.getValue()))
                    .sorted((left, right) -> Keys.ORDER.compare(left.key(), right.key()));
        }
        flushWriteBuffer();
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

    // The way of a write.

    /** A future where the mode says that a put waits for its commit; null where it does not. */
    private @Nullable CompletableFuture<Void> waitedFor() {
        return mode == PersistMode.WRITE_THROUGH ? new CompletableFuture<>() : null;
    }

    private void submitAll(List<Write> writes, @Nullable CompletableFuture<Void> done, boolean callback) {
        requireWritable();
        order.lock();
        try {
            submit(writes, done, callback);
        } finally {
            order.unlock();
        }
    }

    /** Gives writes their place in the order, which the caller holds. */
    private void submit(List<Write> writes, @Nullable CompletableFuture<Void> done, boolean callback) {
        requireOpen();
        WriteQueue<Submission> file = queue;
        if (file == null) {
            for (Write write : writes) {
                hot.committed(write.key(), write.value());
            }
            if (done != null) {
                done.complete(null);
            }
            return;
        }
        long bytes = 0;
        for (Write write : writes) {
            bytes += write.bytes();
        }
        takeRoom(bytes);
        // First, so that the writer finds it when it has committed it.
        for (Write write : writes) {
            pending.put(write.key(), write);
        }
        Submission submission = new Submission.Writes(writes, bytes, done, callback);
        if (callback) {
            promised.add(submission);
        }
        enqueue(file, submission);
    }

    private void enqueue(WriteQueue<Submission> file, Submission submission) {
        if (!file.put(submission)) {
            refuse(submission, new IllegalStateException("The JVM is ending (" + subject + ")."));
            throw new IllegalStateException("Cannot write to " + subject + ": the JVM is ending.");
        }
    }

    /* Waits while holding the order: the writer thread makes room and never needs it. */
    private void takeRoom(long bytes) {
        WriteQueue<Submission> file = queue;
        if (file == null || budget.tryTake(bytes)) {
            return;
        }
        long failuresBefore = file.failures();
        // What waits may be too little for the writer to start by itself.
        file.flush(Duration.ZERO);
        budget.take(bytes, () -> {
            if (file.failures() > failuresBefore) {
                throw file.notWritable();
            }
        });
    }

    /** On the writer thread, in order of the commits. */
    private void publish(List<Submission> submissions) {
        List<CompletableFuture<Void>> callback = new ArrayList<>();
        List<CompletableFuture<Void>> direct = new ArrayList<>();
        long bytes = 0;
        for (Submission submission : submissions) {
            bytes += submission.bytes();
            boolean calls = false;
            if (submission instanceof Submission.Clear clear) {
                cleared(clear.namespace());
            } else if (submission instanceof Submission.Writes writes) {
                writes.writes().forEach(this::publish);
                written.add(writes.writes().size());
                calls = writes.callback();
            }
            CompletableFuture<Void> done = submission.done();
            if (done != null) {
                (calls ? callback : direct).add(done);
            }
            if (calls) {
                promised.remove(submission);
            }
        }
        // Before anybody is told, who may ask for the statistics.
        flushes.increment();
        budget.giveBack(bytes, submissions.size());
        direct.forEach(done -> done.complete(null));
        if (!callback.isEmpty()) {
            callbacks.complete(callback);
        }
    }

    private void cleared(Namespace namespace) {
        hot.cleared(namespace.id());
        clearing.computeIfPresent(namespace.id(), (same, count) -> count == 1 ? null : count - 1);
    }

    private void publish(Write write) {
        // A newer write of the key hides this one, and comes here later.
        if (pending.get(write.key()) == write) {
            hot.committed(write.key(), write.value());
            pending.remove(write.key(), write);
        }
    }

    /** The file does not take it, whatever is tried: forgotten, and told to who waits. */
    private void refuse(Submission submission, Exception reason) {
        if (submission instanceof Submission.Writes writes) {
            for (Write write : writes.writes()) {
                pending.remove(write.key(), write);
                // Whatever the hot tier holds may be older than the file.
                hot.committed(write.key(), null);
            }
        } else if (submission instanceof Submission.Clear clear) {
            cleared(clear.namespace());
        }
        budget.giveBack(submission.bytes(), 1);
        CompletableFuture<Void> done = submission.done();
        if (done != null) {
            promised.remove(submission);
            callbacks.fail(done, reason);
        }
    }

    private void await(@Nullable CompletableFuture<Void> done) {
        WriteQueue<Submission> file = queue;
        if (done == null || file == null) {
            return;
        }
        long failuresBefore = file.failures();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    done.get(FAILURE_POLL_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException e) {
                    if (file.failures() > failuresBefore) {
                        throw file.notWritable();
                    }
                    if (ended) {
                        throw new IllegalStateException("Closed before it could be written: " + subject);
                    }
                } catch (InterruptedException e) {
                    // It is accepted, and whether it is committed is what the caller has to know.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException(
                            "The file refuses an entry (" + subject + "): " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void requireWritable() {
        requireOpen();
        if (queue == null && readers != null) {
            throw new IllegalStateException("Cannot write to " + subject + ": it was opened read-only.");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The store is closed: " + subject);
        }
    }
}
