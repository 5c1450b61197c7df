package dev.millrace.kv;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Committed values in memory, bounded. It never holds a value older than the newest committed one, which needs care: a reader
 * may have read the file before a commit and come here after it. So each commit of a key changes a mark, and what was read
 * under another mark is not kept.
 *
 * <p>Thread-safe.
 */
final class HotTier {
    private static final int MARKS = 4_096;
    /* The cache's own objects for an entry, the key's and the value's. */
    private static final int OVERHEAD_BYTES = 160;

    private final Cache<EntryKey, StoredValue> cache;
    private final AtomicLongArray marks = new AtomicLongArray(MARKS);
    /* Shared by those who keep, so that nobody comes between the mark that is compared and the value that is kept. */
    private final ReentrantReadWriteLock keeping = new ReentrantReadWriteLock();
    private final LongAdder evictions = new LongAdder();
    private final boolean byWeight;
    private final boolean enabled;

    /**
     * @param maxEntries bound by entries; negative to bound by bytes
     * @param maxBytes bound of the estimated memory of keys and values
     */
    HotTier(long maxEntries, long maxBytes) {
        byWeight = maxEntries < 0;
        enabled = (byWeight ? maxBytes : maxEntries) > 0;
        Caffeine<EntryKey, StoredValue> builder = Caffeine.newBuilder()
                // On the threads that use it: no others are started, and the bound holds at once.
                .executor(Runnable::run)
                .evictionListener((@Nullable EntryKey key, @Nullable StoredValue value, RemovalCause cause) ->
                        evictions.increment());
        cache = (byWeight ? builder.maximumWeight(maxBytes).weigher(HotTier::weight) : builder.maximumSize(maxEntries))
                .build();
    }

    @Nullable
    StoredValue get(EntryKey key) {
        return cache.getIfPresent(key);
    }

    /** To be read before the file is. */
    long mark(EntryKey key) {
        return marks.get(slot(key));
    }

    /** Keeps what was read from the file, unless the key may have been committed since. */
    void keep(EntryKey key, StoredValue value, long markBefore) {
        if (!enabled) {
            return;
        }
        keeping.readLock().lock();
        try {
            cache.asMap().computeIfAbsent(key, absent -> mark(key) == markBefore ? value : null);
        } finally {
            keeping.readLock().unlock();
        }
    }

    /** A commit has made this the newest value; null if it removed the key. */
    void committed(EntryKey key, @Nullable StoredValue value) {
        if (!enabled) {
            return;
        }
        marks.incrementAndGet(slot(key));
        if (value == null) {
            cache.invalidate(key);
        } else {
            cache.put(key, value);
        }
    }

    /** A commit has removed all entries of a namespace. */
    void cleared(int namespaceId) {
        // An iterator would pass by what is being kept at this moment.
        keeping.writeLock().lock();
        try {
            for (int slot = 0; slot < MARKS; slot++) {
                marks.incrementAndGet(slot);
            }
        } finally {
            keeping.writeLock().unlock();
        }
        cache.asMap().keySet().removeIf(key -> key.namespaceId() == namespaceId);
    }

    /** All entries, for a store without a file. */
    Map<EntryKey, StoredValue> entries() {
        return cache.asMap();
    }

    long size() {
        return cache.estimatedSize();
    }

    /** Memory of keys and values, estimated. */
    long bytes() {
        if (byWeight) {
            return cache.policy()
                    .eviction()
                    .map(Policy.Eviction::weightedSize)
                    .orElseThrow()
                    .orElse(0);
        }
        long sum = 0;
        for (Map.Entry<EntryKey, StoredValue> entry : cache.asMap().entrySet()) {
            sum += weight(entry.getKey(), entry.getValue());
        }
        return sum;
    }

    long evictions() {
        return evictions.sum();
    }

    private static int weight(EntryKey key, StoredValue value) {
        return OVERHEAD_BYTES + 2 * key.key().length() + value.bytes().length;
    }

    private static int slot(EntryKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & MARKS - 1;
    }
}
