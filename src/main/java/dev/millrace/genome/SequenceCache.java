package dev.millrace.genome;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sequences, or chunks of them, that were read lately, up to so many bytes. What was used longest ago goes first. Thread-safe.
 *
 * @param <K> names one of them
 */
final class SequenceCache<K> {
    private final long limitBytes;
    private final Map<K, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long hits;
    private long misses;

    /** @param limitBytes 0 keeps nothing */
    SequenceCache(long limitBytes) {
        if (limitBytes < 0) {
            throw new IllegalArgumentException("Expected a limit ≥ 0 bytes, found " + limitBytes + ".");
        }
        this.limitBytes = limitBytes;
    }

    /** Whether one of this size would be kept. */
    boolean takes(long size) {
        return size <= limitBytes / 2;
    }

    /** What is kept under a key, not to be changed; null if nothing is. Counts as a hit or a miss. */
    synchronized byte @Nullable [] get(K key) {
        byte[] found = kept.get(key);
        if (found == null) {
            misses++;
        } else {
            hits++;
        }
        return found;
    }

    synchronized void put(K key, byte[] value) {
        if (!takes(value.length)) {
            return;
        }
        byte[] before = kept.put(key, value);
        bytes += value.length - (before == null ? 0 : before.length);
        var eldest = kept.entrySet().iterator();
        while (bytes > limitBytes) {
            bytes -= eldest.next().getValue().length;
            eldest.remove();
        }
    }

    synchronized Counts counts() {
        return new Counts(hits, misses, bytes);
    }

    /**
     * Use of the cache so far.
     *
     * @param bytes kept now
     */
    record Counts(long hits, long misses, long bytes) {
        /** Share of what was asked for that was there; 0 before anything was. */
        double hitRate() {
            return hits + misses == 0 ? 0 : (double) hits / (hits + misses);
        }
    }
}
