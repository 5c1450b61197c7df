package dev.millrace.kv;

import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Durability;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Describes a {@link KvStore}, in DJL's words: {@code set} is required, {@code opt} is optional. One thread. */
public final class KvStoreBuilder {
    private static final int DEFAULT_BUFFER_SIZE = 100;
    private static final long DEFAULT_HOT_BYTES = 64L << 20;
    private static final long DEFAULT_PENDING_BYTES = 256L << 20;
    /** What is in the queue is a reference; {@link #optPendingBytes} bounds what it refers to. */
    private static final int MOST_PENDING = 1 << 18;
    /** Rows of one transaction: larger ones were no faster. */
    private static final int LARGEST_BATCH = 16_384;

    private @Nullable Path file;
    private PersistMode mode = PersistMode.WRITE_THROUGH;
    private int bufferSize = DEFAULT_BUFFER_SIZE;
    private Duration flushInterval = Duration.ofSeconds(1);
    private long hotBytes = Math.min(DEFAULT_HOT_BYTES, Runtime.getRuntime().maxMemory() / 8);
    private long hotEntries = -1;
    private long pendingBytes =
            Math.min(DEFAULT_PENDING_BYTES, Runtime.getRuntime().maxMemory() / 4);
    private Durability durability = Durability.FULL;
    private boolean compress;
    private @Nullable KvSecret secret;
    private boolean readOnly;

    KvStoreBuilder() {}

    /** The SQLite file, which is made if it is absent. Required but for {@link PersistMode#MEMORY}, which has none. */
    public KvStoreBuilder setFile(Path value) {
        file = value;
        return this;
    }

    /** What a put promises; {@link PersistMode#WRITE_THROUGH} by default. */
    public KvStoreBuilder optPersistMode(PersistMode value) {
        mode = value;
        return this;
    }

    /** How many writes wait in a LAZY store before they are written; 100 by default. Under load more are written at once. */
    public KvStoreBuilder optBufferSize(int writes) {
        bufferSize = writes;
        return this;
    }

    /** Longest time that a write of a LAZY store waits to be written; 1 s by default. */
    public KvStoreBuilder optFlushInterval(Duration value) {
        flushInterval = value;
        return this;
    }

    /**
     * Bound of the hot tier: memory of its keys and values, estimated; 64 MiB by default, an eighth of the heap if that is
     * less. 0 keeps nothing in memory.
     */
    public KvStoreBuilder optHotBytes(long bytes) {
        hotBytes = bytes;
        hotEntries = -1;
        return this;
    }

    /** Bounds the hot tier by entries instead. */
    public KvStoreBuilder optHotEntries(long entries) {
        hotEntries = entries;
        return this;
    }

    /**
     * How much memory may wait to be written; 256 MiB by default, a quarter of the heap if that is less, and at most 262,144
     * writes. Who puts more waits; while the file cannot be written, the put is refused instead.
     */
    public KvStoreBuilder optPendingBytes(long bytes) {
        pendingBytes = bytes;
        return this;
    }

    /** What a loss of power may cost of what is committed; {@link Durability#FULL}, nothing, by default. */
    public KvStoreBuilder optDurability(Durability value) {
        durability = value;
        return this;
    }

    /** Whether new values are compressed (LZ4) where that makes them smaller; off by default. Of the old ones each says. */
    public KvStoreBuilder optCompression(boolean value) {
        compress = value;
        return this;
    }

    /**
     * Makes the file encrypted if it is absent, or opens an encrypted one. The caller closes the secret, after
     * {@link #build()} at the earliest.
     */
    public KvStoreBuilder optSecret(@Nullable KvSecret value) {
        secret = value;
        return this;
    }

    /**
     * Opens an existing file beside whoever writes to it. Writes are refused, nothing is kept in memory: each read sees what is
     * committed.
     */
    public KvStoreBuilder optReadOnly(boolean value) {
        readOnly = value;
        return this;
    }

    /**
     * Opens the store.
     *
     * @throws IllegalArgumentException naming all settings that do not fit
     * @throws DecryptionException if the secret is wrong, or missing, or the file is not encrypted
     * @throws dev.millrace.sqlite.SchemaMismatchException if the file is no key-value store
     * @throws DatabaseException if it cannot be opened, or somebody else writes to it
     */
    public KvStore build() {
        List<String> faults = new ArrayList<>();
        boolean memory = mode == PersistMode.MEMORY;
        if (memory && file != null) {
            faults.add("setFile: expected none, because MEMORY stores nothing, found " + file);
        }
        if (!memory && file == null) {
            faults.add("setFile: expected a file for " + mode + ", found none");
        }
        if (memory && (readOnly || secret != null || compress)) {
            faults.add("optReadOnly, optSecret, optCompression: expected none with MEMORY");
        }
        atLeast(faults, "optBufferSize", bufferSize, 1);
        atLeast(faults, "optHotBytes", hotBytes, 0);
        atLeast(faults, "optHotEntries", hotEntries, -1);
        atLeast(faults, "optPendingBytes", pendingBytes, 1);
        if (bufferSize > MOST_PENDING) {
            faults.add("optBufferSize: expected at most " + MOST_PENDING + ", found " + bufferSize);
        }
        if (flushInterval.isNegative() || flushInterval.isZero()) {
            faults.add("optFlushInterval: expected more than 0, found " + flushInterval);
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Cannot open the key-value store: " + String.join("; ", faults) + ".");
        }
        return new KvStore(this, file == null ? null : file.toAbsolutePath().normalize());
    }

    private static void atLeast(List<String> faults, String option, long value, long least) {
        if (value < least) {
            faults.add(option + ": expected at least " + least + ", found " + value);
        }
    }

    PersistMode mode() {
        return mode;
    }

    boolean readOnly() {
        return readOnly;
    }

    boolean compresses() {
        return compress;
    }

    HotTier hotTier() {
        return readOnly ? new HotTier(-1, 0) : new HotTier(hotEntries, hotBytes);
    }

    WriteBudget budget() {
        return new WriteBudget(pendingBytes, MOST_PENDING);
    }

    /** Each put of a store that writes through starts a transaction, which takes along whatever waits by then. */
    WriteQueueSettings queueSettings() {
        int records = mode == PersistMode.WRITE_THROUGH ? 1 : bufferSize;
        return WriteQueueSettings.defaults()
                .withCapacity(MOST_PENDING)
                .withFlush(records, flushInterval)
                .withLargestBatch(Math.max(records, LARGEST_BATCH))
                .withOverload(WriteQueueSettings.Overload.BLOCK, Duration.ZERO)
                .withDurability(durability);
    }

    /** What a new file says of itself. */
    Map<String, String> header() {
        String version = KvStore.class.getPackage().getImplementationVersion();
        Map<String, String> header = new LinkedHashMap<>();
        header.put("library_version", version == null ? "development" : version);
        header.put("created_utc", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        if (secret != null) {
            header.putAll(ValueCipher.newHeader(secret));
        }
        return header;
    }

    /** Null for a file that is not encrypted. */
    @Nullable
    ValueCipher cipher(Map<String, String> info, Path path) {
        return secret != null || ValueCipher.isEncrypted(info) ? ValueCipher.open(info, secret, path) : null;
    }
}
