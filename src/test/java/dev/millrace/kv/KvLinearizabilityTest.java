package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kv.History.Kind;
import dev.millrace.kv.History.Op;
import dev.millrace.sqlite.Durability;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many threads on few keys: for each key there is one order that explains all that they saw, and it is that of the file. */
final class KvLinearizabilityTest {
    private static final long SEED = 20261130;
    private static final int THREADS = 4;
    private static final int OPS = 15;
    private static final List<String> KEYS = List.of("a", "b", "c");

    @TempDir
    private Path folder;

    @Test
    void fault_historiesMadeByHand_areToldApart() {
        Op put1 = new Op(Kind.PUT, null, "1", null, 0, 1);
        Op put2 = new Op(Kind.PUT, null, "2", null, 2, 3);
        assertThat(History.fault(List.of(put1, put2, get("2", 4, 5)), null)).isNull();
        assertThat(History.fault(List.of(put1, put2, get("1", 4, 5)), null))
                .as("stale read")
                .isNotNull();
        assertThat(History.fault(List.of(put1, put2, get(null, 4, 5)), null))
                .as("lost write")
                .isNotNull();
        // While a put is under way both values are right, but not the old one after the new one.
        Op slow = new Op(Kind.PUT, null, "2", null, 2, 9);
        assertThat(History.fault(List.of(put1, slow, get("1", 3, 4), get("2", 5, 6)), null))
                .isNull();
        assertThat(History.fault(List.of(put1, slow, get("2", 3, 4), get("1", 5, 6)), null))
                .isNotNull();
        Op removed = new Op(Kind.REMOVE, null, null, "true", 2, 9);
        Op removedToo = new Op(Kind.REMOVE, null, null, "true", 3, 8);
        assertThat(History.fault(List.of(put1, removed), null)).isNull();
        assertThat(History.fault(List.of(put1, removed, removedToo), null))
                .as("removed twice")
                .isNotNull();
        Op first = new Op(Kind.PUT_IF_ABSENT, null, "1", null, 0, 5);
        Op second = new Op(Kind.PUT_IF_ABSENT, null, "2", null, 1, 4);
        assertThat(History.fault(List.of(first), null)).isNull();
        assertThat(History.fault(List.of(first, second), null)).as("both first").isNotNull();
        Op replaced = new Op(Kind.REPLACE, "1", "3", "true", 2, 9);
        Op replacedToo = new Op(Kind.REPLACE, "1", "4", "true", 3, 8);
        assertThat(History.fault(List.of(put1, replaced, replacedToo), null)).isNotNull();
        assertThat(History.fault(List.of(put1, replaced, get("3", 10, 11)), null))
                .isNull();
    }

    private static Op get(String value, long invoked, long returned) {
        return new Op(Kind.GET, null, null, value, invoked, returned);
    }

    @ParameterizedTest
    @CsvSource({"LAZY, 1", "LAZY, 0", "LAZY, 100", "WRITE_THROUGH, 1", "WRITE_THROUGH, 100", "MEMORY, 100"})
    void operations_fromFourThreads_haveOneOrder(PersistMode mode, int hotEntries) throws Exception {
        checkHistories(mode, hotEntries, mode == PersistMode.WRITE_THROUGH ? 50 : 150);
    }

    @ParameterizedTest
    @Tag("campaign")
    @CsvSource({"LAZY, 1", "LAZY, 0", "LAZY, 100", "WRITE_THROUGH, 1", "WRITE_THROUGH, 100", "MEMORY, 100"})
    void operations_fromFourThreadsForLong_haveOneOrder(PersistMode mode, int hotEntries) throws Exception {
        checkHistories(mode, hotEntries, mode == PersistMode.WRITE_THROUGH ? 2_000 : 10_000);
    }

    /** Values so large that reading one takes as long as committing the next. */
    @Test
    void get_whileOneThreadCountsUp_neverGoesBack() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (KvStore store = KvStore.builder()
                .setFile(folder.resolve("store.db"))
                .optDurability(Durability.FAST)
                .optHotEntries(1)
                .build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("other", bytes("pushes the counter out"));
            AtomicInteger committed = new AtomicInteger();
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 1; i < THREADS; i++) {
                readers.add(threads.submit(() -> {
                    while (committed.get() < 1_500) {
                        int least = committed.get();
                        byte[] value = entries.get("counter");
                        assertThat(value == null ? 0 : ByteBuffer.wrap(value).getInt())
                                .isGreaterThanOrEqualTo(least);
                        entries.get("other");
                    }
                }));
            }
            for (int n = 1; n <= 1_500; n++) {
                byte[] value = new byte[50_000];
                ByteBuffer.wrap(value).putInt(n);
                entries.put("counter", value);
                committed.set(n);
            }
            for (Future<?> reader : readers) {
                reader.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void checkHistories(PersistMode mode, int hotEntries, int histories) throws Exception {
        Path file = folder.resolve("store.db");
        KvStoreBuilder builder = KvStore.builder()
                .optPersistMode(mode)
                .optHotEntries(hotEntries)
                .optBufferSize(7)
                .optFlushInterval(Duration.ofMillis(2));
        if (mode != PersistMode.MEMORY) {
            builder.setFile(file);
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (KvStore store = builder.build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            Map<String, String> before = new ConcurrentHashMap<>();
            for (int history = 0; history < histories; history++) {
                List<Map.Entry<String, Op>> all = record(store, entries, threads, history);
                History.byKey(all)
                        .forEach((key, operations) -> assertThat(History.fault(operations, before.get(key)))
                                .as("key %s, seed %d", key, SEED)
                                .isNull());
                for (String key : KEYS) {
                    String now = text(entries.get(key));
                    before.compute(key, (same, old) -> now);
                }
                if (mode != PersistMode.MEMORY && history % 10 == 0) {
                    checkFile(store, entries, file);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Lets all threads do something at once; what they did, by key. */
    private static List<Map.Entry<String, Op>> record(
            KvStore store, KvNamespace<byte[]> entries, ExecutorService threads, int history) throws Exception {
        AtomicLong clock = new AtomicLong();
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<List<Map.Entry<String, Op>>>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            results.add(threads.submit(() -> {
                Random random = new Random(SEED + history * 31L + thread);
                List<Map.Entry<String, Op>> done = new ArrayList<>();
                start.await(30, TimeUnit.SECONDS);
                for (int n = 0; n < OPS; n++) {
                    act(store, entries, random, history + "." + thread + "." + n, clock, done);
                }
                return done;
            }));
        }
        List<Map.Entry<String, Op>> all = new ArrayList<>();
        for (Future<List<Map.Entry<String, Op>>> result : results) {
            all.addAll(result.get(60, TimeUnit.SECONDS));
        }
        // And what is there in the end, so that nothing that was lost goes unnoticed.
        for (String key : KEYS) {
            long invoked = clock.getAndIncrement();
            all.add(Map.entry(key, get(text(entries.get(key)), invoked, clock.getAndIncrement())));
        }
        return all;
    }

    private static void act(
            KvStore store,
            KvNamespace<byte[]> entries,
            Random random,
            String value,
            AtomicLong clock,
            List<Map.Entry<String, Op>> done) {
        String key = KEYS.get(random.nextInt(KEYS.size()));
        int kind = random.nextInt(100);
        long invoked = clock.getAndIncrement();
        if (kind < 30) {
            String result = text(entries.get(key));
            done.add(Map.entry(key, get(result, invoked, clock.getAndIncrement())));
        } else if (kind < 45) {
            List<byte[]> results = entries.batchGet(KEYS);
            long returned = clock.getAndIncrement();
            for (int i = 0; i < KEYS.size(); i++) {
                done.add(Map.entry(KEYS.get(i), get(text(results.get(i)), invoked, returned)));
            }
        } else if (kind < 60) {
            entries.put(key, bytes(value));
            done.add(Map.entry(key, new Op(Kind.PUT, null, value, null, invoked, clock.getAndIncrement())));
        } else if (kind < 68) {
            boolean removed = entries.remove(key);
            done.add(Map.entry(
                    key, new Op(Kind.REMOVE, null, null, Boolean.toString(removed), invoked, clock.getAndIncrement())));
        } else if (kind < 78) {
            String result = text(entries.asMap().putIfAbsent(key, bytes(value)));
            done.add(Map.entry(key, new Op(Kind.PUT_IF_ABSENT, null, value, result, invoked, clock.getAndIncrement())));
        } else if (kind < 88) {
            byte[] expected = entries.get(key);
            String before = text(expected);
            // The read has its own place in the history.
            done.add(Map.entry(key, get(before, invoked, clock.getAndIncrement())));
            if (expected != null) {
                long replacing = clock.getAndIncrement();
                boolean replaced = entries.asMap().replace(key, expected, bytes(value));
                done.add(Map.entry(
                        key,
                        new Op(
                                Kind.REPLACE,
                                Objects.requireNonNull(before),
                                value,
                                Boolean.toString(replaced),
                                replacing,
                                clock.getAndIncrement())));
            }
        } else if (kind < 94) {
            store.flushWriteBuffer();
        } else if (kind < 97) {
            entries.clear();
            long returned = clock.getAndIncrement();
            for (String each : KEYS) {
                done.add(Map.entry(each, new Op(Kind.REMOVE, null, null, null, invoked, returned)));
            }
        } else {
            // Pushes others out of the hot tier.
            for (int i = 0; i < 10; i++) {
                entries.containsKey("other " + i);
                entries.computeIfAbsent("other " + i, KvTests::bytes);
                entries.get("other " + i);
            }
        }
    }

    /** Memory, the hot tier and the file agree. */
    private static void checkFile(KvStore store, KvNamespace<byte[]> entries, Path file) {
        store.flushWriteBuffer();
        assertThat(store.statistics().dirty()).isZero();
        try (KvStore reader = KvTests.readOnly(file)) {
            KvNamespace<byte[]> stored = reader.namespace("entries");
            List<String> keys = new ArrayList<>(KEYS);
            for (int i = 0; i < 10; i++) {
                keys.add("other " + i);
            }
            for (String key : keys) {
                assertThat(text(entries.get(key))).as(key).isEqualTo(text(stored.get(key)));
            }
            assertThat(entries.size())
                    .isEqualTo(stored.size())
                    .isEqualTo(stored.keys().count());
        }
    }
}
