package dev.millrace.kv;

import dev.millrace.batch.SlotRows;
import dev.millrace.batch.SlotTransform;
import dev.millrace.sqlite.CorruptDatabaseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transform whose results are kept in a key-value store: what was computed for a row in an earlier epoch or run is read back,
 * bit for bit.
 *
 * <pre>{@code
 * try (KvStore store = KvStore.builder().setFile(Path.of("features.db")).optPersistMode(PersistMode.LAZY).build()) {
 *     SlotTransform cached = new CachingTransform(new FingerprintTransform(), store.namespace("features"));
 *     try (QueryDataset train = QueryDataset.builder()
 *             ...
 *             .addData(QuerySlot.computed("ecfp", DType.UINT8, List.of(1024), cached, "smiles"))
 *             .build()) {
 *         EasyTrain.fit(trainer, 10, train, null);
 *     }
 * }
 * }</pre>
 *
 * <p>A result is found by the values of the row's columns and the transform's fingerprint, type and shape: see docs/kv.md.
 * So a row that changes is computed anew, and one that is in several splits, files or runs is computed once.
 *
 * <p>Cost of a batch: one {@code batchGet}, thus one query at most, and one {@code batchPut} if something is missing. An
 * entry that is damaged, as its checksum or its length tells, is computed anew, counted and told in the log; a store that cannot be
 * read or written ends the epoch. Killed, a LAZY store has what was flushed, and the next run computes the rest.
 *
 * <p>Thread-safe. The store is closed by who opened it, after the datasets that use it.
 */
public final class CachingTransform implements SlotTransform {
    private static final Logger LOG = LoggerFactory.getLogger(CachingTransform.class);
    private static final byte[] NO_ARRAY = {};

    private final SlotTransform transform;
    private final KvNamespace<byte[]> cache;
    private final LongAdder lookups = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private final LongAdder computed = new LongAdder();
    private final LongAdder unusable = new LongAdder();

    /**
     * What a cache has done. Immutable.
     *
     * @param lookups batches looked up
     * @param reused rows whose result was there, or needed by two rows of one batch
     * @param computed results computed
     * @param unusable those of the computed that were there, but damaged or of another length
     */
    public record Counts(long lookups, long reused, long computed, long unusable) {}

    /**
     * Caches a transform.
     *
     * @param transform its fingerprint must change whenever a result may: the cache believes it
     * @param cache may be that of other transforms, too; nothing else should be in it
     */
    public CachingTransform(SlotTransform transform, KvNamespace<byte[]> cache) {
        this.transform = transform;
        this.cache = cache;
    }

    /** That of the transform: its results are the same with and without a cache. */
    @Override
    public String fingerprint() {
        return transform.fingerprint();
    }

    /** What this cache has done so far. */
    public Counts counts() {
        return new Counts(lookups.sum(), reused.sum(), computed.sum(), unusable.sum());
    }

    @Override
    public List<byte[]> apply(SlotRows rows) {
        List<String> keys = new CacheKeys(transform.fingerprint(), rows).all();
        lookups.increment();
        List<byte @Nullable []> stored = lookUp(keys);
        List<byte @Nullable []> arrays = new ArrayList<>(keys.size());
        Map<String, Integer> missing = new LinkedHashMap<>();
        for (int row = 0; row < keys.size(); row++) {
            byte[] value = stored.get(row);
            byte[] array = value == null || value.length != rows.arrayBytes() ? null : value;
            arrays.add(array);
            if (array == null && missing.putIfAbsent(keys.get(row), row) == null && value != null) {
                unusable.increment();
            }
        }
        reused.add((long) keys.size() - missing.size());
        Map<String, byte[]> fresh = missing.isEmpty() ? Map.of() : compute(rows, missing);
        List<byte[]> all = new ArrayList<>(keys.size());
        for (int row = 0; row < keys.size(); row++) {
            byte[] array = arrays.get(row);
            String key = keys.get(row);
            // Of two rows with one result each gets its own.
            all.add(
                    array != null
                            ? array
                            : Objects.requireNonNull(fresh.get(key)).clone());
        }
        return all;
    }

    private List<byte @Nullable []> lookUp(List<String> keys) {
        try {
            return cache.batchGet(keys);
        } catch (CorruptDatabaseException | ValueFormatException e) {
            // What can be computed again need not end an epoch. Which rows are damaged shows when each is read by
            // itself.
            LOG.warn("The cache of {} is computed anew where it is damaged: {}", fingerprint(), e.getMessage());
            List<byte @Nullable []> found = new ArrayList<>(keys.size());
            for (String key : keys) {
                found.add(usable(key));
            }
            return found;
        }
    }

    private byte @Nullable [] usable(String key) {
        try {
            return cache.get(key);
        } catch (CorruptDatabaseException | ValueFormatException e) {
            return NO_ARRAY;
        }
    }

    private Map<String, byte[]> compute(SlotRows rows, Map<String, Integer> missing) {
        List<byte[]> results = transform.apply(
                rows.only(missing.values().stream().mapToInt(Integer::intValue).toArray()));
        Map<String, byte[]> fresh = new LinkedHashMap<>();
        int next = 0;
        for (Map.Entry<String, Integer> entry : missing.entrySet()) {
            byte[] array = next < results.size() ? results.get(next++) : null;
            if (array == null || array.length != rows.arrayBytes()) {
                throw rows.fault(
                        entry.getValue(),
                        "expected " + rows.arrayBytes() + " bytes for " + rows.type() + rows.shape() + ", found "
                                + (array == null ? "no result" : array.length),
                        null);
            }
            fresh.put(entry.getKey(), array);
        }
        computed.add(fresh.size());
        cache.batchPut(fresh);
        return fresh;
    }
}
