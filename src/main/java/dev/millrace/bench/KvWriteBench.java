package dev.millrace.bench;

import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.KvStoreBuilder;
import dev.millrace.kv.PersistMode;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How fast entries are put, beside one transaction for each put with the same pragmas. */
final class KvWriteBench {
    /** Entries put one by one: enough to measure, few enough to wait for. */
    private static final int SINGLES = 10_000;

    /** As large as the store's own transactions. */
    private static final int LARGE_BATCH = 16_384;

    private static final int THREADS = 16;
    private static final int THOUSAND = 1_000;

    private KvWriteBench() {}

    /** LAZY: how fast puts return, and how fast they are in the file. */
    static List<Figure> put(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        double accepted = 0;
        double durable = 0;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            Path file = folder.resolve("lazy" + repeat + ".db");
            try (KvStore store = lazy(file, Durability.FULL).build()) {
                KvNamespace<byte[]> target = store.namespace(KvStore.DEFAULT_NAMESPACE);
                long start = System.nanoTime();
                putAll(entries, target);
                accepted = Math.max(accepted, KvBenchEntries.rate(entries.count(), start));
                store.flushWriteBuffer();
                durable = Math.max(durable, KvBenchEntries.rate(entries.count(), start));
            }
            entries.requireStored(reading(file));
        }
        return List.of(
                Figure.atLeast(
                        "lazy_accepted",
                        entries.count()
                                + " puts into a LAZY store: accepted, in memory, lost if the process is killed now",
                        accepted,
                        "/s",
                        1_300_000),
                Figure.plain(
                        "lazy_durable",
                        "the same until flushWriteBuffer returned: committed and synced (WAL, FULL)",
                        durable,
                        "/s"));
    }

    /** 1,000 asynchronous puts. */
    static List<Figure> thousand(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(THOUSAND);
        double best = Double.MAX_VALUE;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            Path file = folder.resolve("thousand" + repeat + ".db");
            try (KvStore store = KvStore.builder().setFile(file).build()) {
                long start = System.nanoTime();
                putAsync(entries, store.namespace(KvStore.DEFAULT_NAMESPACE));
                best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
            entries.requireStored(reading(file));
        }
        return List.of(Figure.atMost(
                "async_1000",
                "1,000 putAsync until the last future completed: each after its commit was synced (WAL, FULL)",
                best,
                "s",
                0.1));
    }

    /** WRITE_THROUGH with futures against one transaction per put. */
    static List<Figure> through(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        double single = 0;
        double async = 0;
        double alone = 0;
        double ceiling = 0;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            single = Math.max(
                    single, entries.oneByOne(folder.resolve("single" + repeat + ".db"), Access.LIVE, singles(entries)));
            Path file = folder.resolve("async" + repeat + ".db");
            try (KvStore store = KvStore.builder().setFile(file).build()) {
                long start = System.nanoTime();
                putAsync(entries, store.namespace(KvStore.DEFAULT_NAMESPACE));
                async = Math.max(async, KvBenchEntries.rate(entries.count(), start));
            }
            entries.requireStored(reading(file));
            try (KvStore store = KvStore.builder()
                    .setFile(folder.resolve("alone" + repeat + ".db"))
                    .build()) {
                KvNamespace<byte[]> target = store.namespace(KvStore.DEFAULT_NAMESPACE);
                long start = System.nanoTime();
                for (int place = 0; place < singles(entries); place++) {
                    target.put(entries.key(place), entries.value(place));
                }
                alone = Math.max(alone, KvBenchEntries.rate(singles(entries), start));
            }
            ceiling = Math.max(
                    ceiling, entries.inBatches(folder.resolve("ceiling" + repeat + ".db"), Access.LIVE, LARGE_BATCH));
        }
        return List.of(
                Figure.plain("single_full", "one transaction per put, synced (WAL, FULL): the baseline", single, "/s"),
                Figure.plain("through_async", "putAsync, futures complete after the sync (WAL, FULL)", async, "/s"),
                Figure.atLeast("through_async_ratio", "the same against the baseline", async / single, "x", 40),
                Figure.plain(
                        "through_ceiling",
                        "plain JDBC into the same table, sorted transactions of 16,384 rows: what SQLite can do at best",
                        ceiling,
                        "/s"),
                Figure.plain(
                        "through_one_thread", "put of one thread that waits for each commit (WAL, FULL)", alone, "/s"));
    }

    /** WRITE_THROUGH from blocking threads, which share commits. */
    static List<Figure> threads(Path folder, KvBench.Options options) throws InterruptedException {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        double single = 0;
        double shared = 0;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            single = Math.max(
                    single, entries.oneByOne(folder.resolve("single" + repeat + ".db"), Access.LIVE, singles(entries)));
            Path file = folder.resolve("threads" + repeat + ".db");
            try (KvStore store = KvStore.builder().setFile(file).build()) {
                shared = Math.max(shared, fromThreads(entries, store.namespace(KvStore.DEFAULT_NAMESPACE)));
            }
            entries.requireStored(reading(file));
        }
        return List.of(
                Figure.plain(
                        "threads_single_full",
                        "one transaction per put, synced (WAL, FULL): the baseline",
                        single,
                        "/s"),
                Figure.plain(
                        "through_16_threads",
                        "put of 16 threads, each returns after the sync (WAL, FULL)",
                        shared,
                        "/s"),
                Figure.atLeast("through_16_ratio", "the same against the baseline", shared / single, "x", 8));
    }

    private static double fromThreads(KvBenchEntries entries, KvNamespace<byte[]> target) throws InterruptedException {
        CyclicBarrier begin = new CyclicBarrier(THREADS + 1);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < THREADS; number++) {
            int first = number;
            Thread thread = new Thread(() -> {
                try {
                    begin.await();
                    for (int place = first; place < entries.count(); place += THREADS) {
                        target.put(entries.key(place), entries.value(place));
                    }
                } catch (Exception e) {
                    failure.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        long start = System.nanoTime();
        try {
            begin.await();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double rate = KvBenchEntries.rate(entries.count(), start);
        if (failure.get() != null) {
            throw new IllegalStateException("A put failed", failure.get());
        }
        return rate;
    }

    /** LAZY, flushed, against one transaction per put, neither synced at each commit. */
    static List<Figure> behind(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        double single = 0;
        double behind = 0;
        for (int repeat = 0; repeat < options.repeats(); repeat++) {
            single = Math.max(
                    single,
                    entries.oneByOne(folder.resolve("single" + repeat + ".db"), Access.LIVE_FAST, entries.count()));
            Path file = folder.resolve("behind" + repeat + ".db");
            try (KvStore store = lazy(file, Durability.FAST).build()) {
                long start = System.nanoTime();
                putAll(entries, store.namespace(KvStore.DEFAULT_NAMESPACE));
                store.flushWriteBuffer();
                behind = Math.max(behind, KvBenchEntries.rate(entries.count(), start));
            }
            entries.requireStored(reading(file));
        }
        return List.of(
                Figure.plain(
                        "single_fast", "one transaction per put, not synced (WAL, NORMAL): the baseline", single, "/s"),
                Figure.plain(
                        "write_behind",
                        "LAZY until flushWriteBuffer returned (WAL, NORMAL): survives a kill",
                        behind,
                        "/s"),
                Figure.atLeast("write_behind_ratio", "the same against the baseline", behind / single, "x", 6));
    }

    /** LAZY and encrypted. */
    static List<Figure> encrypted(Path folder, KvBench.Options options) {
        KvBenchEntries entries = new KvBenchEntries(options.entries());
        double durable = 0;
        try (KvSecret secret = KvSecret.password("a password for measuring".toCharArray())) {
            for (int repeat = 0; repeat < options.repeats(); repeat++) {
                Path file = folder.resolve("encrypted" + repeat + ".db");
                try (KvStore store =
                        lazy(file, Durability.FULL).optSecret(secret).build()) {
                    long start = System.nanoTime();
                    putAll(entries, store.namespace(KvStore.DEFAULT_NAMESPACE));
                    store.flushWriteBuffer();
                    durable = Math.max(durable, KvBenchEntries.rate(entries.count(), start));
                }
                entries.requireStored(reading(file).optSecret(secret));
            }
        }
        return List.of(Figure.plain(
                "encrypted_durable",
                "LAZY, AES-256-GCM, until flushWriteBuffer returned: committed and synced (WAL, FULL)",
                durable,
                "/s"));
    }

    private static KvStoreBuilder lazy(Path file, Durability durability) {
        return KvStore.builder()
                .setFile(file)
                .optPersistMode(PersistMode.LAZY)
                .optFlushInterval(Duration.ofSeconds(1))
                .optDurability(durability);
    }

    private static KvStoreBuilder reading(Path file) {
        return KvStore.builder().setFile(file).optReadOnly(true);
    }

    private static int singles(KvBenchEntries entries) {
        return Math.min(SINGLES, entries.count());
    }

    private static void putAll(KvBenchEntries entries, KvNamespace<byte[]> target) {
        for (int place = 0; place < entries.count(); place++) {
            target.put(entries.key(place), entries.value(place));
        }
    }

    private static void putAsync(KvBenchEntries entries, KvNamespace<byte[]> target) {
        CompletableFuture<?>[] futures = new CompletableFuture<?>[entries.count()];
        for (int place = 0; place < futures.length; place++) {
            futures[place] = target.putAsync(entries.key(place), entries.value(place));
        }
        CompletableFuture.allOf(futures).join();
    }
}
