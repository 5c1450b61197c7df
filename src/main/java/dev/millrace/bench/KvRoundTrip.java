package dev.millrace.bench;

import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Seeded entries into a key-value store and out of its file again, each compared with what was put. */
public final class KvRoundTrip {
    private static final int BATCH = 256;
    private static final int TURNS = 3;

    private KvRoundTrip() {}

    /**
     * Writes a store, closes it, and reads it from its file one by one and in batches of 256.
     *
     * @param file a store that is not there yet
     * @param entries how many, at least 1, of 100 bytes each
     * @return keys per second in batches and one by one; the best of three turns of each
     * @throws IllegalStateException if an entry comes back as another, or not at all
     */
    public static LoaderRatio run(Path file, int entries) {
        KvBenchEntries all = new KvBenchEntries(entries);
        try (KvStore store =
                KvStore.builder().setFile(file).optPersistMode(PersistMode.LAZY).build()) {
            KvNamespace<byte[]> target = store.namespace(KvStore.DEFAULT_NAMESPACE);
            for (int place = 0; place < entries; place++) {
                target.put(all.key(place), all.value(place));
            }
            store.flushWriteBuffer();
        }
        double batched = 0;
        double single = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            // No hot tier, so that every read goes to the file.
            try (KvStore store = KvStore.builder()
                    .setFile(file)
                    .optHotBytes(0)
                    .optReadOnly(true)
                    .build()) {
                KvNamespace<byte[]> source = store.namespace(KvStore.DEFAULT_NAMESPACE);
                single = Math.max(single, one(source, all));
                batched = Math.max(batched, many(source, all, BATCH));
            }
        }
        return new LoaderRatio(batched, single);
    }

    /** Keys per second by {@code get}. */
    static double one(KvNamespace<byte[]> source, KvBenchEntries entries) {
        long start = System.nanoTime();
        for (int place = 0; place < entries.count(); place++) {
            entries.requireValue(place, source.get(entries.key(place)));
        }
        return KvBenchEntries.rate(entries.count(), start);
    }

    /** Keys per second by {@code batchGet}. */
    static double many(KvNamespace<byte[]> source, KvBenchEntries entries, int batch) {
        long start = System.nanoTime();
        for (int first = 0; first < entries.count(); first += batch) {
            int count = Math.min(batch, entries.count() - first);
            List<String> keys = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                keys.add(entries.key(first + i));
            }
            List<byte @Nullable []> values = source.batchGet(keys);
            for (int i = 0; i < count; i++) {
                entries.requireValue(first + i, values.get(i));
            }
        }
        return KvBenchEntries.rate(entries.count(), start);
    }
}
