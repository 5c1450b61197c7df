package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static dev.millrace.kv.KvTests.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a store does whatever its mode and however little it keeps in memory. */
@ParameterizedClass
@EnumSource
final class KvStoreContractTest {
    private static final List<String> ODD_TEXTS = List.of(
            "",
            " ",
            "a\0b",
            "\0",
            "'",
            "\"; DROP TABLE entries; --",
            "%_*?[a-z]",
            "SELECT 1",
            "\\u0041",
            "line\nfeed\r\ttab",
            "😀",
            "👩‍🚀",
            "zero\u200bwidth",
            "zerowidth",
            "\ufeffbom",
            "e\u0301",
            "é",
            "\ue000",
            "\uffff",
            "\ud800\udc00",
            "\udbff\udfff",
            "1",
            "01",
            "1.0",
            "1e0",
            "-0",
            "NaN",
            "NULL",
            "null",
            "{\"a\":[1]}",
            "x".repeat(10_000),
            "漢".repeat(20_000));
    private static final List<String> UNSTORABLE = List.of(
            "x".repeat(Keys.LONGEST + 1),
            "漢".repeat(Keys.LONGEST / 3 + 1),
            "half \ud83d",
            "\ude00 half",
            "\ud83d\ud83d\ude00");

    @TempDir
    private Path folder;

    @Parameter
    private Setup setup;

    private KvStore store;
    private KvNamespace<byte[]> entries;

    /** Modes, and what they keep in memory: all, three entries, nothing. A store in memory has nothing else. */
    enum Setup {
        MEMORY(PersistMode.MEMORY, -1),
        LAZY(PersistMode.LAZY, -1),
        LAZY_TINY(PersistMode.LAZY, 3),
        LAZY_NONE(PersistMode.LAZY, 0),
        WRITE_THROUGH(PersistMode.WRITE_THROUGH, -1),
        WRITE_THROUGH_TINY(PersistMode.WRITE_THROUGH, 3),
        WRITE_THROUGH_NONE(PersistMode.WRITE_THROUGH, 0);

        private final PersistMode mode;
        private final int hotEntries;

        Setup(PersistMode mode, int hotEntries) {
            this.mode = mode;
            this.hotEntries = hotEntries;
        }

        KvStore open(Path file) {
            KvStoreBuilder builder = KvStore.builder().optPersistMode(mode).optFlushInterval(Duration.ofMillis(5));
            if (mode != PersistMode.MEMORY) {
                builder.setFile(file);
            }
            return (hotEntries < 0 ? builder.optHotBytes(1L << 30) : builder.optHotEntries(hotEntries)).build();
        }

        boolean persists() {
            return mode != PersistMode.MEMORY;
        }
    }

    @BeforeEach
    void open() {
        store = setup.open(file());
        entries = store.namespace("entries");
    }

    @AfterEach
    void close() {
        store.close();
        if (setup.persists()) {
            KvTests.checkSound(file());
        }
    }

    @Test
    void put_newAndAgain_isReadBack() {
        assertThat(entries.get("a")).isNull();
        assertThat(entries.containsKey("a")).isFalse();
        entries.put("a", bytes("one"));
        assertThat(text(entries.get("a"))).isEqualTo("one");
        assertThat(entries.containsKey("a")).isTrue();
        entries.put("a", bytes("two"));
        assertThat(text(entries.get("a"))).isEqualTo("two");
        assertThat(entries.size()).isEqualTo(1);
        reopen();
        assertThat(text(entries.get("a"))).isEqualTo(setup.persists() ? "two" : null);
    }

    @Test
    void remove_presentAndAbsent_tellsWhichAndStaysRemoved() {
        entries.put("a", bytes("one"));
        assertThat(entries.remove("b")).isFalse();
        assertThat(entries.remove("a")).isTrue();
        assertThat(entries.remove("a")).isFalse();
        assertThat(entries.get("a")).isNull();
        assertThat(entries.containsKey("a")).isFalse();
        assertThat(entries.size()).isZero();
        reopen();
        assertThat(entries.get("a")).isNull();
    }

    @Test
    void entries_manyInRandomOrder_comeInOrderOfTheKeysAndByPrefix() {
        Map<String, String> expected = new TreeMap<>(Keys.ORDER);
        for (int i = 0; i < 600; i++) {
            expected.put((i % 3 == 0 ? "b/" : "a/") + i, "value " + i);
        }
        expected.put("a", "prefix alone");
        expected.put("a0", "behind the slash");
        List<String> shuffled = new ArrayList<>(expected.keySet());
        Collections.shuffle(shuffled, new Random(7));
        Map<String, byte[]> all = new LinkedHashMap<>();
        shuffled.forEach(key -> all.put(key, bytes(expected.get(key))));
        entries.putAll(all);

        assertThat(entries.keys().toList()).isEqualTo(List.copyOf(expected.keySet()));
        assertThat(entries.entries().map(entry -> entry.getKey() + text(entry.getValue())))
                .containsExactlyElementsOf(expected.entrySet().stream()
                        .map(entry -> entry.getKey() + entry.getValue())
                        .toList());
        for (String prefix : List.of("a/", "a", "b/5", "c", "")) {
            assertThat(entries.keys(prefix))
                    .as(prefix)
                    .containsExactlyElementsOf(expected.keySet().stream()
                            .filter(key -> key.startsWith(prefix))
                            .toList());
        }
        assertThat(entries.entries("a/1").count())
                .isEqualTo(expected.keySet().stream()
                        .filter(key -> key.startsWith("a/1"))
                        .count());
        assertThat(entries.size()).isEqualTo(602);
    }

    @Test
    void put_oddKeys_areAllDifferentAndInOrderOfTheirUtf8Bytes() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        for (String key : ODD_TEXTS) {
            all.put(key, bytes("value of " + key));
        }
        entries.batchPut(all);
        assertThat(entries.size()).isEqualTo(ODD_TEXTS.size());
        for (int round = 0; round < 2; round++) {
            for (String key : ODD_TEXTS) {
                assertThat(text(entries.get(key))).isEqualTo("value of " + key);
                assertThat(entries.containsKey(key)).isTrue();
                assertThat(entries.containsKey(key + "!")).isFalse();
            }
            assertThat(texts(entries.batchGet(ODD_TEXTS)))
                    .isEqualTo(ODD_TEXTS.stream().map(key -> "value of " + key).toList());
            assertThat(entries.keys().toList())
                    .isEqualTo(ODD_TEXTS.stream()
                            .sorted((left, right) -> Arrays.compareUnsigned(bytes(left), bytes(right)))
                            .toList());
            if (setup.persists()) {
                reopen();
            }
        }
        for (String key : ODD_TEXTS) {
            assertThat(entries.remove(key)).as(key).isTrue();
            assertThat(entries.get(key)).isNull();
        }
        assertThat(entries.size()).isZero();
    }

    @Test
    void keys_oddPrefix_findsWhatBeginsWithIt() {
        for (String key : ODD_TEXTS) {
            CompletableFuture<Void> unused = entries.putAsync(key, bytes(key));
        }
        for (String prefix : ODD_TEXTS) {
            assertThat(entries.keys(prefix))
                    .as(prefix)
                    .containsExactlyInAnyOrderElementsOf(ODD_TEXTS.stream()
                            .filter(key -> key.startsWith(prefix))
                            .toList());
        }
        assertThatThrownBy(() -> entries.keys("\ud83d").toList()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anything_keyThatCannotBeStored_isRefusedBeforeAnythingIsDone() {
        entries.put("x", bytes("there"));
        for (String key : UNSTORABLE) {
            List<ThrowingCallable> calls = List.of(
                    () -> entries.put(key, bytes("v")),
                    () -> entries.get(key),
                    () -> entries.remove(key),
                    () -> entries.containsKey(key),
                    () -> entries.batchGet(List.of("x", key)),
                    () -> entries.batchPut(Map.of("y", bytes("v"), key, bytes("v"))),
                    () -> entries.putAll(Map.of("y", bytes("v"), key, bytes("v"))),
                    () -> entries.computeIfAbsent(key, absent -> bytes("v")),
                    () -> entries.getAsync(key),
                    () -> entries.putAsync(key, bytes("v")),
                    () -> entries.removeAsync(key),
                    () -> joined(entries.batchGetAsync(List.of("x", key))),
                    () -> entries.batchPutAsync(Map.of("y", bytes("v"), key, bytes("v"))),
                    () -> entries.asMap().put(key, bytes("v")),
                    () -> entries.asMap().get(key),
                    () -> entries.asMap().remove(key),
                    () -> entries.asMap().compute(key, (same, before) -> bytes("v")),
                    () -> store.namespace(key),
                    () -> store.dropNamespace(key),
                    () -> store.<Object>transaction(transaction -> {
                        transaction.put(entries, "y", bytes("v"));
                        transaction.put(entries, key, bytes("v"));
                        return "";
                    }),
                    () -> store.<Object>transaction(transaction -> text(transaction.get(entries, key))),
                    () -> store.<Object>transaction(transaction -> transaction.remove(entries, key)));
            for (int i = 0; i < calls.size(); i++) {
                assertThatThrownBy(calls.get(i))
                        .as("call %d with %s", i, Keys.shown(key))
                        .isInstanceOf(IllegalArgumentException.class)
                        .message()
                        .hasSizeLessThan(500);
            }
        }
        assertThat(entries.keys()).containsExactly("x");
        entries.put("漢".repeat(Keys.LONGEST / 3) + "x", bytes("longest"));
        assertThat(entries.size()).isEqualTo(2);
    }

    @Test
    void put_valuesOfAllKinds_areReadBackByteByByte() {
        byte[] all = new byte[256];
        IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
        byte[] large = new byte[10 << 20];
        new Random(3).nextBytes(large);
        Map<String, byte[]> values = Map.of(
                "empty", new byte[0],
                "all", all,
                "zeros", new byte[1000],
                "zero", new byte[1],
                "large", large);
        values.forEach(entries::put);
        for (int round = 0; round < 2; round++) {
            values.forEach((key, value) -> assertThat(entries.get(key)).isEqualTo(value));
            assertThat(entries.batchGet(List.of("empty", "large", "absent")))
                    .satisfiesExactly(
                            value -> assertThat(value).isEmpty(),
                            value -> assertThat(Arrays.equals(value, large)).isTrue(),
                            value -> assertThat(value).isNull());
            if (setup.persists()) {
                reopen();
            }
        }
    }

    @Test
    void put_valueOverTheLimit_isRefusedAndChangesNothing() {
        entries.put("a", bytes("old"));
        byte[] tooLarge = new byte[KvStore.LARGEST_VALUE_BYTES + 1];
        assertThatThrownBy(() -> entries.put("a", tooLarge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Cannot put 'a' of namespace", "at most 67,108,864 bytes, found 67,108,865");
        assertThatThrownBy(() -> entries.putAsync("a", tooLarge)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> entries.batchPut(Map.of("a", tooLarge, "b", bytes("v"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(text(entries.get("a"))).isEqualTo("old");
        assertThat(entries.size()).isEqualTo(1);
    }

    @Test
    void arrays_changedAfterwards_areNotTheStores() {
        byte[] given = bytes("given");
        entries.put("put", given);
        Map<String, byte[]> batch = Map.of("batch", given);
        entries.batchPut(batch);
        CompletableFuture<Void> written = entries.putAsync("async", given);
        byte[] computed = entries.computeIfAbsent("computed", absent -> given);
        store.<Object>transaction(transaction -> {
            transaction.put(entries, "transaction", given);
            given[0] = 'G';
            assertThat(text(transaction.get(entries, "transaction"))).isEqualTo("given");
            return "";
        });
        computed[1] = 'I';
        written.join();
        List<String> keys = List.of("put", "batch", "async", "computed", "transaction");
        for (String key : keys) {
            entries.get(key)[0] = 'X';
            entries.batchGet(List.of(key, key)).get(0)[0] = 'X';
            entries.entries().forEach(entry -> entry.getValue()[0] = 'X');
            entries.asMap().get(key)[0] = 'X';
            assertThat(text(entries.get(key))).as(key).isEqualTo("given");
        }
        assertThat(texts(entries.batchGet(keys))).containsOnly("given");
        List<byte[]> twice = entries.batchGet(List.of("put", "put"));
        assertThat(twice.get(0)).isNotSameAs(twice.get(1));
    }

    @Test
    void put_sameKey10000Times_keepsTheLast() {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        for (int i = 0; i < 10_000; i++) {
            if (i % 50 == 0) {
                entries.put("key", bytes("value " + i));
            } else {
                last = entries.putAsync("key", bytes("value " + i));
            }
        }
        assertThat(text(entries.get("key"))).isEqualTo("value 9999");
        last.join();
        assertThat(text(entries.get("key"))).isEqualTo("value 9999");
        assertThat(entries.size()).isEqualTo(1);
        reopen();
        assertThat(text(entries.get("key"))).isEqualTo(setup.persists() ? "value 9999" : null);
    }

    @Test
    void remove_andPutAgain100Times_alternates() {
        for (int i = 0; i < 100; i++) {
            entries.put("key", bytes("value " + i));
            assertThat(text(entries.get("key"))).isEqualTo("value " + i);
            assertThat(entries.remove("key")).isTrue();
            assertThat(entries.get("key")).isNull();
            if (i % 10 == 0) {
                assertThat(entries.size()).isZero();
            }
        }
        entries.put("key", bytes("last"));
        reopen();
        assertThat(entries.size()).isEqualTo(setup.persists() ? 1 : 0);
    }

    @Test
    void computeIfAbsent_presentOrNot_computesOnce() {
        AtomicInteger computed = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            byte[] value = entries.computeIfAbsent("key", key -> bytes(key + computed.incrementAndGet()));
            assertThat(text(value)).isEqualTo("key1");
        }
        assertThat(computed).hasValue(1);
        assertThatThrownBy(() -> entries.computeIfAbsent("other", key -> {
                    throw new IllegalStateException("no value");
                }))
                .hasMessage("no value");
        assertThat(entries.containsKey("other")).isFalse();
    }

    @Test
    void clear_manyEntries_removesThemFromMemoryAndFile() {
        KvNamespace<byte[]> other = store.namespace("other");
        other.put("key 1", bytes("stays"));
        entries.putAll(numbered(0, 100));
        entries.clear();
        assertThat(entries.size()).isZero();
        assertThat(entries.get("key 1")).isNull();
        assertThat(entries.keys()).isEmpty();
        assertThat(texts(entries.batchGet(List.of("key 1", "key 2")))).containsOnlyNulls();
        assertThat(text(other.get("key 1"))).isEqualTo("stays");
        entries.put("key 1", bytes("new"));
        assertThat(text(entries.get("key 1"))).isEqualTo("new");
        reopen();
        if (setup.persists()) {
            assertThat(entries.keys()).containsExactly("key 1");
            assertThat(text(store.namespace("other").get("key 1"))).isEqualTo("stays");
        }
    }

    @Test
    void dropNamespace_withEntries_isGoneAndMayBeMadeAgain() {
        entries.putAll(numbered(0, 10));
        store.namespace("other").put("key", bytes("stays"));
        assertThat(store.namespaces()).containsExactly("entries", "other");
        assertThat(store.dropNamespace("absent")).isFalse();
        assertThat(store.dropNamespace("entries")).isTrue();
        assertThat(store.dropNamespace("entries")).isFalse();
        assertThat(store.namespaces()).containsExactly("other");
        assertThat(entries.get("key 1")).isNull();
        assertThat(entries.size()).isZero();
        store.namespace("third").put("key 1", bytes("third"));
        entries.put("key 1", bytes("again"));
        assertThat(text(store.namespace("entries").get("key 1"))).isEqualTo("again");
        assertThat(entries.size()).isEqualTo(1);
        reopen();
        assertThat(store.namespaces()).isEqualTo(setup.persists() ? List.of("entries", "other", "third") : List.of());
        if (setup.persists()) {
            assertThat(text(entries.get("key 1"))).isEqualTo("again");
        }
    }

    @Test
    void namespace_oddNames_areIsolated() {
        List<String> names = new ArrayList<>(ODD_TEXTS);
        names.addAll(List.of("a-b", "ab", "a_b", "A-B", "main", "sqlite_master", "namespaces", "a:b"));
        for (String name : names) {
            store.namespace(name).put("key", bytes("in " + name));
        }
        assertThat(store.namespaces())
                .isEqualTo(names.stream()
                        .sorted((left, right) -> Arrays.compareUnsigned(bytes(left), bytes(right)))
                        .toList());
        if (setup.persists()) {
            reopen();
        }
        for (String name : names) {
            assertThat(store.namespace(name).name()).isEqualTo(name);
            assertThat(store.namespace(name).entries().map(entry -> entry.getKey() + " " + text(entry.getValue())))
                    .containsExactly("key in " + name);
        }
        assertThat(store.dropNamespace("a-b")).isTrue();
        assertThat(text(store.namespace("ab").get("key"))).isEqualTo("in ab");
        assertThat(store.namespace("a-b").get("key")).isNull();
    }

    @Test
    void namespace_500_eachHoldsItsOwn() {
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            written.add(store.namespace("namespace " + i).putAsync("key", bytes("value " + i)));
        }
        written.forEach(CompletableFuture::join);
        if (setup.persists()) {
            reopen();
        }
        assertThat(store.namespaces()).hasSize(500);
        for (int i = 0; i < 500; i++) {
            assertThat(text(store.namespace("namespace " + i).get("key"))).isEqualTo("value " + i);
        }
    }

    @Test
    void batchGet_duplicatesAndAbsentOnes_comesInOrderOfTheKeys() {
        entries.putAll(numbered(0, 10));
        assertThat(entries.batchGet(List.of())).isEmpty();
        assertThat(texts(entries.batchGet(List.of("key 3", "absent", "key 1", "key 3", "absent", "key 9"))))
                .containsExactly("value 3", null, "value 1", "value 3", null, "value 9");
        assertThat(texts(entries.batchGetAsync(List.of("key 3", "absent", "key 3"))
                        .join()))
                .containsExactly("value 3", null, "value 3");
    }

    @Test
    void batchGet_20000Keys_findsAll() {
        entries.batchPut(numbered(0, 20_000));
        List<String> keys = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 19_999; i >= -1; i--) {
            keys.add("key " + i);
            expected.add(i < 0 ? null : "value " + i);
        }
        assertThat(texts(entries.batchGet(keys))).isEqualTo(expected);
        if (setup.persists()) {
            reopen();
            assertThat(texts(entries.batchGet(keys))).isEqualTo(expected);
            assertThat(store.statistics().misses()).isEqualTo(20_001);
        }
    }

    @Test
    void async_allOfThem_completeWithWhatTheOthersReturn() throws Exception {
        entries.putAsync("a", bytes("one")).get(30, TimeUnit.SECONDS);
        entries.batchPutAsync(Map.of("b", bytes("two"), "c", bytes("three"))).get(30, TimeUnit.SECONDS);
        entries.batchPutAsync(Map.of()).get(30, TimeUnit.SECONDS);
        assertThat(text(entries.getAsync("a").get(30, TimeUnit.SECONDS))).isEqualTo("one");
        assertThat(entries.getAsync("absent").get(30, TimeUnit.SECONDS)).isNull();
        assertThat(entries.removeAsync("a").get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(entries.removeAsync("a").get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(texts(entries.batchGetAsync(List.of("a", "b")).get(30, TimeUnit.SECONDS)))
                .containsExactly(null, "two");
        assertThat(entries.size()).isEqualTo(2);
    }

    @Test
    void putAsync_beforeItIsCommitted_isReadByEverything() {
        for (int i = 0; i < 50; i++) {
            String key = "key " + i;
            CompletableFuture<Void> written = entries.putAsync(key, bytes("value " + i));
            assertThat(text(entries.get(key))).isEqualTo("value " + i);
            assertThat(entries.containsKey(key)).isTrue();
            assertThat(text(entries.getAsync(key).join())).isEqualTo("value " + i);
            assertThat(texts(entries.batchGet(List.of(key)))).containsExactly("value " + i);
            assertThat(entries.keys(key)).contains(key);
            assertThat(entries.size()).isEqualTo(i + 1);
            written.join();
        }
    }

    @Test
    void removeAsync_thenPut_keepsThePut() {
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Void> unused = entries.putAsync("key", bytes("old"));
            CompletableFuture<Boolean> removed = entries.removeAsync("key");
            CompletableFuture<Void> put = entries.putAsync("key", bytes("new " + i));
            assertThat(removed.join()).isTrue();
            put.join();
            assertThat(text(entries.get("key"))).isEqualTo("new " + i);
        }
    }

    @Test
    void transaction_readsAndWrites_areOne() {
        entries.put("a", bytes("1"));
        entries.put("b", bytes("1"));
        KvNamespace<byte[]> other = store.namespace("other");
        String result = store.transaction(transaction -> {
            assertThat(text(transaction.get(entries, "a"))).isEqualTo("1");
            transaction.put(entries, "a", bytes("2"));
            assertThat(text(transaction.get(entries, "a"))).isEqualTo("2");
            assertThat(text(entries.get("a"))).as("for others").isEqualTo("1");
            assertThat(transaction.remove(entries, "b")).isTrue();
            assertThat(transaction.remove(entries, "b")).isFalse();
            assertThat(transaction.get(entries, "b")).isNull();
            transaction.put(other, "c", bytes("3"));
            assertThat(transaction.remove(other, "c")).isTrue();
            transaction.put(other, "d", bytes("4"));
            return "done";
        });
        assertThat(result).isEqualTo("done");
        assertThat(text(entries.get("a"))).isEqualTo("2");
        assertThat(entries.get("b")).isNull();
        assertThat(other.keys()).containsExactly("d");
        assertThat(store.<Object>transaction(transaction -> null)).isNull();
    }

    @Test
    void transaction_thatThrows_leavesNothing() {
        entries.put("a", bytes("1"));
        assertThatThrownBy(() -> store.<Object>transaction(transaction -> {
                    transaction.put(entries, "a", bytes("2"));
                    transaction.put(entries, "b", bytes("2"));
                    throw new UnsupportedOperationException("changed my mind");
                }))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(text(entries.get("a"))).isEqualTo("1");
        assertThat(entries.size()).isEqualTo(1);
        entries.put("b", bytes("after"));
        assertThat(entries.size()).isEqualTo(2);
    }

    @Test
    void transaction_misused_isRefusedAndHarmless() {
        KvTransaction[] escaped = new KvTransaction[1];
        store.<Object>transaction(transaction -> escaped[0] = transaction);
        assertThatThrownBy(() -> escaped[0].put(entries, "a", bytes("late"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> escaped[0].get(entries, "a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> escaped[0].remove(entries, "a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.<Object>transaction(outer -> {
                    outer.put(entries, "outer", bytes("v"));
                    return store.<Object>transaction(inner -> "nested");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one inside another");
        try (KvStore stranger =
                KvStore.builder().optPersistMode(PersistMode.MEMORY).build()) {
            KvNamespace<byte[]> foreign = stranger.namespace("entries");
            foreign.put("a", bytes("foreign"));
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> store.<Object>transaction(transaction -> text(transaction.get(foreign, "a"))),
                    () -> store.<Object>transaction(transaction -> transaction.remove(foreign, "a")),
                    () -> store.<Object>transaction(transaction -> {
                        transaction.put(foreign, "a", bytes("v"));
                        return "";
                    }))) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("of another one");
            }
        }
        assertThat(entries.size()).isZero();
        store.<Object>transaction(transaction -> {
            transaction.put(entries, "a", bytes("works"));
            return "";
        });
        assertThat(entries.size()).isEqualTo(1);
    }

    @Test
    void close_repeatedly_isHarmlessAndAfterwardsEverythingThrows() {
        entries.put("a", bytes("one"));
        entries.get("a");
        var map = entries.asMap();
        var pages = entries.entries();
        store.close();
        store.close();
        List<ThrowingCallable> calls = List.of(
                () -> entries.get("a"),
                () -> entries.get("absent"),
                () -> entries.put("a", bytes("v")),
                () -> entries.remove("a"),
                () -> entries.remove("absent"),
                () -> entries.containsKey("a"),
                () -> entries.containsKey("absent"),
                () -> entries.size(),
                () -> entries.computeIfAbsent("a", key -> bytes("v")),
                () -> entries.keys().toList(),
                () -> entries.keys("a").toList(),
                () -> entries.entries().toList(),
                () -> entries.batchGet(List.of("a")),
                () -> entries.batchGet(List.of("absent")),
                () -> entries.batchPut(Map.of("a", bytes("v"))),
                () -> entries.batchPut(Map.of()),
                () -> entries.getAsync("a"),
                () -> entries.getAsync("absent"),
                () -> entries.putAsync("a", bytes("v")),
                () -> entries.removeAsync("a"),
                () -> entries.batchGetAsync(List.of("a")),
                () -> entries.batchPutAsync(Map.of("a", bytes("v"))),
                () -> entries.batchPutAsync(Map.of()),
                () -> entries.clear(),
                () -> map.get("a"),
                () -> map.put("a", bytes("v")),
                () -> map.remove("a"),
                () -> map.size(),
                () -> map.isEmpty(),
                () -> map.clear(),
                () -> map.keySet().toArray(),
                () -> store.namespace("entries"),
                () -> store.namespaces(),
                () -> store.dropNamespace("entries"),
                () -> store.flushWriteBuffer(),
                () -> store.<Object>transaction(transaction -> ""));
        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i)).as("call %d", i).isInstanceOf(IllegalStateException.class);
        }
        if (setup.persists()) {
            assertThatThrownBy(pages::toList).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void statistics_afterSomeWork_tellWhatWasDone() {
        entries.putAll(numbered(0, 10));
        store.flushWriteBuffer();
        entries.get("key 1");
        entries.get("absent");
        KvStatistics statistics = store.statistics();
        assertThat(statistics.hits() + statistics.misses()).isEqualTo(2);
        assertThat(statistics.misses()).isPositive();
        assertThat(statistics.dirty()).isZero();
        assertThat(statistics.pending()).isZero();
        assertThat(statistics.pendingBytes()).isZero();
        assertThat(statistics.failedFlushes()).isZero();
        if (setup.persists()) {
            assertThat(statistics.written()).isEqualTo(10);
            assertThat(statistics.flushes()).isPositive();
        }
        if (setup.hotEntries >= 0) {
            assertThat(statistics.hotEntries()).isLessThanOrEqualTo(setup.hotEntries);
            // What keeps nothing has nothing to evict.
            assertThat(statistics.evictions() > 0).isEqualTo(setup.hotEntries > 0);
        } else {
            assertThat(statistics.hotEntries()).isEqualTo(10);
            assertThat(statistics.hotBytes()).isPositive();
        }
    }

    private Path file() {
        return folder.resolve("store.db");
    }

    private void reopen() {
        store.close();
        store = setup.open(file());
        entries = store.namespace("entries");
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    private static Map<String, byte[]> numbered(int from, int to) {
        Map<String, byte[]> numbered = new LinkedHashMap<>();
        for (int i = from; i < to; i++) {
            numbered.put("key " + i, bytes("value " + i));
        }
        return numbered;
    }
}
