package dev.millrace.bench;

import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import java.nio.file.Path;
import java.util.List;

/** How fast entries are read: from memory, from the file one by one, and from the file many at a time. */
final class KvReadBench {
    private static final int BATCH = 1_000;
    /** Keys of the cached reads: all of them fit into the hot tier. */
    private static final int HOT = 20_000;

    private static final int CACHED_GETS = 10_000_000;

    /* What another machine measured for Python's sqlitedict 2.1.0, WAL, a commit for each put. */
    private static final double SQLITEDICT_PUTS = 7_200;
    private static final double SQLITEDICT_GETS = 9_700;

    private KvReadBench() {}

    /** Reads that go to the file: no hot tier. */
    static List<Figure> get(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        Path file = folder.resolve("get.db");
        double durable = fill(file, entries);
        double single = 0;
        double batch = 0;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            // The pages of the file are in the operating system's memory, SQLite's own are dropped with the store.
            try (KvStore store = KvStore.builder().setFile(file).optHotBytes(0).build()) {
                KvNamespace<byte[]> source = store.namespace(KvStore.DEFAULT_NAMESPACE);
                single = Math.max(single, KvRoundTrip.one(source, entries));
                batch = Math.max(batch, KvRoundTrip.many(source, entries, BATCH));
            }
        }
        return List.of(
                Figure.plain("get_file", "get of a key that is not in memory", single, "/s"),
                Figure.plain("batch_get", "batchGet of 1,000 keys that are not in memory", batch, " keys/s"),
                Figure.atLeast("batch_get_ratio", "the same against get", batch / single, "x", 2.4),
                Figure.atLeast(
                        "sqlitedict_put_ratio",
                        "LAZY puts, committed and synced, against 7,200/s of sqlitedict on another machine (not synced)",
                        durable / SQLITEDICT_PUTS,
                        "x",
                        30),
                Figure.atLeast(
                        "sqlitedict_get_ratio",
                        "batchGet against 9,700 gets/s of sqlitedict on another machine",
                        batch / SQLITEDICT_GETS,
                        "x",
                        30));
    }

    /** Reads that memory answers. */
    static List<Figure> cached(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(HOT);
        Path file = folder.resolve("cached.db");
        fill(file, entries);
        double best = 0;
        try (KvStore store = KvStore.builder().setFile(file).build()) {
            KvNamespace<byte[]> source = store.namespace(KvStore.DEFAULT_NAMESPACE);
            for (int place = 0; place < HOT; place++) {
                entries.requireValue(place, source.get(entries.key(place)));
            }
            long missesBefore = store.statistics().misses();
            for (int repeat = 0; repeat < options.repeats(); repeat++) {
                long bytes = 0;
                long start = System.nanoTime();
                for (int i = 0, place = 0; i < CACHED_GETS; i++, place = place == HOT - 1 ? 0 : place + 1) {
                    byte[] value = source.get(entries.key(place));
                    bytes += value == null ? 0 : value.length;
                }
                best = Math.max(best, KvBenchEntries.rate(CACHED_GETS, start));
                if (bytes != (long) CACHED_GETS * entries.value(0).length) {
                    throw new IllegalStateException("Expected every value, found " + bytes + " bytes.");
                }
            }
            if (store.statistics().misses() != missesBefore) {
                throw new IllegalStateException("Expected every get to be answered by memory.");
            }
        }
        return List.of(Figure.atLeast(
                "cached_get", "get of a key that is in memory, one thread, the value copied", best, "/s", 5_000_000));
    }

    /** Puts per second, committed and synced. */
    private static double fill(Path file, KvBenchEntries entries) {
        try (KvStore store =
                KvStore.builder().setFile(file).optPersistMode(PersistMode.LAZY).build()) {
            KvNamespace<byte[]> target = store.namespace(KvStore.DEFAULT_NAMESPACE);
            long start = System.nanoTime();
            for (int place = 0; place < entries.count(); place++) {
                target.put(entries.key(place), entries.value(place));
            }
            store.flushWriteBuffer();
            return KvBenchEntries.rate(entries.count(), start);
        }
    }
}
