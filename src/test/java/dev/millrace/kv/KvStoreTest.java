package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.millrace.sqlite.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What concerns a store as a whole: settings, opening and closing, futures, readers beside a writer. */
final class KvStoreTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void put_afterAClearCommittedWithManyWrites_canBeRead() throws Exception {
        try (KvStore store = KvTests.lazy(folder.resolve("store.db"))) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            CountDownLatch go = new CountDownLatch(1);
            store.callbacks().publish(() -> awaitQuietly(go));
            try {
                for (int i = 0; i < 1_000; i++) {
                    entries.put("key " + i, bytes("old"));
                }
                entries.clear();
                // Committed by itself, and so forgotten by the pending map.
                CompletableFuture<Void> put = entries.putAsync("key 1", bytes("new"));
                CompletableFuture<Void> flush = CompletableFuture.runAsync(store::flushWriteBuffer);
                put.get(60, TimeUnit.SECONDS);
                assertThat(text(entries.get("key 1"))).isEqualTo("new");
                assertThat(entries.containsKey("key 2")).isFalse();
                go.countDown();
                flush.get(60, TimeUnit.SECONDS);
                assertThat(text(entries.get("key 1"))).isEqualTo("new");
            } finally {
                go.countDown();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void build_severalSettingsWrong_namesThemAll() {
        assertThatThrownBy(() -> KvStore.builder()
                        .optBufferSize(0)
                        .optHotBytes(-1)
                        .optPendingBytes(0)
                        .optFlushInterval(Duration.ZERO)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("setFile")
                .hasMessageContaining("optBufferSize: expected at least 1, found 0")
                .hasMessageContaining("optHotBytes: expected at least 0, found -1")
                .hasMessageContaining("optPendingBytes")
                .hasMessageContaining("optFlushInterval");
        assertThatThrownBy(() -> KvStore.builder()
                        .setFile(file())
                        .optPersistMode(PersistMode.MEMORY)
                        .optCompression(true)
                        .optBufferSize(1 << 20)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("setFile: expected none")
                .hasMessageContaining("optCompression")
                .hasMessageContaining("optBufferSize: expected at most");
        assertThat(file()).doesNotExist();
    }

    @Test
    void build_fileOfSomethingElse_isRefusedAndUntouched() throws Exception {
        Files.writeString(file(), "no database, but a text that is long enough to have been a header of one");
        assertThatThrownBy(() -> KvTests.writeThrough(file())).isInstanceOf(DatabaseException.class);
        assertThat(file()).content().startsWith("no database");
        assertThatThrownBy(() -> KvTests.writeThrough(folder.resolve("absent/store.db")))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("folder exists");
        assertThatThrownBy(() -> KvTests.readOnly(folder.resolve("absent.db"))).isInstanceOf(DatabaseException.class);
        assertThat(folder.resolve("absent.db")).doesNotExist();
    }

    @Test
    void build_twice_secondIsRefusedAndTheFirstGoesOn() {
        try (KvStore store = KvTests.writeThrough(file())) {
            assertThatThrownBy(() -> KvTests.writeThrough(file()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("writing to it");
            store.namespace("n").put("key", bytes("value"));
            assertThat(text(store.namespace("n").get("key"))).isEqualTo("value");
        }
    }

    @Test
    void close_100Times_leavesOneFileWithEverything() {
        for (int i = 0; i < 100; i++) {
            try (KvStore store = i % 2 == 0 ? KvTests.lazy(file()) : KvTests.writeThrough(file())) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                assertThat(i == 0 ? null : text(entries.get("key " + (i - 1))))
                        .isEqualTo(i == 0 ? null : "v" + (i - 1));
                entries.put("key " + i, bytes("v" + i));
            }
            assertThat(folder.toFile().list()).as("round %d", i).containsExactly("store.db");
        }
        assertThat(KvTests.stored(file(), "entries")).hasSize(100);
    }

    @Test
    void putAsync_completed_isSeenByAnotherReader() throws Exception {
        try (KvStore store = KvTests.writeThrough(file());
                KvStore reader = KvTests.readOnly(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            KvNamespace<byte[]> seen = reader.namespace("entries");
            for (int i = 0; i < 100; i++) {
                entries.putAsync("key", bytes("value " + i)).get(30, TimeUnit.SECONDS);
                assertThat(text(seen.get("key"))).isEqualTo("value " + i);
            }
            assertThat(entries.removeAsync("key").get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(seen.get("key")).isNull();
        }
    }

    @Test
    void callback_thatPutsAndWaits_doesNotBlockTheStore() {
        try (KvStore store = KvTests.writeThrough(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            assertTimeoutPreemptively(LONG, () -> {
                CompletableFuture<?>[] chains = IntStream.range(0, 50)
                        .mapToObj(i -> entries.putAsync("first " + i, bytes("v"))
                                .thenRun(() -> {
                                    entries.put("second " + i, bytes("v"));
                                    assertThat(entries.remove("first " + i)).isTrue();
                                    store.<Object>transaction(transaction -> {
                                        transaction.put(entries, "third " + i, bytes("v"));
                                        return "";
                                    });
                                    store.flushWriteBuffer();
                                }))
                        .toArray(CompletableFuture<?>[]::new);
                CompletableFuture.allOf(chains).join();
                assertThat(entries.size()).isEqualTo(100);
            });
        }
    }

    @Test
    void close_byACallback_ends() {
        KvStore store = KvTests.writeThrough(file());
        CompletableFuture<Void> closed =
                store.namespace("entries").putAsync("key", bytes("v")).thenRun(store::close);
        assertTimeoutPreemptively(LONG, closed::join);
        assertThat(KvTests.stored(file(), "entries")).hasSize(1);
    }

    @Test
    void put_whileInterrupted_isCommittedAndKeepsTheFlag() {
        try (KvStore store = KvTests.writeThrough(file())) {
            Thread.currentThread().interrupt();
            store.namespace("entries").put("key", bytes("v"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(KvTests.stored(file(), "entries")).hasSize(1);
        }
    }

    @Test
    void readOnly_besideAWriter_seesWhatIsCommittedAlsoInNewNamespaces() {
        try (KvStore writer = KvTests.lazy(file());
                KvStore reader = KvTests.readOnly(file())) {
            KvNamespace<byte[]> seen = reader.namespace("late");
            assertThat(seen.get("key")).isNull();
            assertThat(seen.size()).isZero();
            KvNamespace<byte[]> late = writer.namespace("late");
            late.put("key", bytes("one"));
            assertThat(seen.get("key")).as("not committed").isNull();
            writer.flushWriteBuffer();
            assertThat(text(seen.get("key"))).isEqualTo("one");
            assertThat(seen.size()).isEqualTo(1);
            assertThat(seen.keys()).containsExactly("key");
            assertThat(seen.containsKey("key")).isTrue();
            assertThat(reader.namespaces()).containsExactly("late");
            late.put("key", bytes("two"));
            writer.flushWriteBuffer();
            assertThat(text(seen.get("key"))).as("not from a cache").isEqualTo("two");
            assertThat(KvTests.texts(seen.batchGet(List.of("key", "absent")))).containsExactly("two", null);
        }
    }

    @Test
    void readOnly_numberOfANamespaceUsedAgain_doesNotShowTheOther() {
        try (KvStore store = KvTests.writeThrough(file())) {
            store.namespace("a").put("key", bytes("of a"));
        }
        try (KvStore reader = KvTests.readOnly(file())) {
            KvNamespace<byte[]> a = reader.namespace("a");
            assertThat(text(a.get("key"))).isEqualTo("of a");
            try (KvStore store = KvTests.writeThrough(file())) {
                store.dropNamespace("a");
            }
            try (KvStore store = KvTests.writeThrough(file())) {
                store.namespace("b").put("key", bytes("of b"));
            }
            assertThat(a.get("key")).isNull();
            assertThat(a.keys()).isEmpty();
            assertThat(text(reader.namespace("b").get("key"))).isEqualTo("of b");
        }
    }

    @Test
    void readOnly_writes_areRefused() {
        KvTests.writeThrough(file()).close();
        try (KvStore reader = KvTests.readOnly(file())) {
            KvNamespace<byte[]> entries = reader.namespace("entries");
            assertThatThrownBy(() -> entries.put("key", bytes("v")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("opened read-only");
            assertThatThrownBy(() -> entries.putAsync("key", bytes("v"))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(entries::clear).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> reader.dropNamespace("entries")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> reader.<Object>transaction(transaction -> ""))
                    .isInstanceOf(IllegalStateException.class);
            reader.flushWriteBuffer();
        }
    }

    /** One query is one moment: if it took several, some would see what is written between them. */
    @Test
    void batchGet_20000KeysWhileAllAreOverwritten_readsAllOfOneMoment() throws Exception {
        Map<String, byte[]> batch = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            batch.put("key " + i, bytes("0"));
        }
        List<String> keys = List.copyOf(batch.keySet());
        AtomicBoolean stop = new AtomicBoolean();
        try (KvStore store = KvTests.writeThrough(file());
                KvStore reader = KvTests.readOnly(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.batchPut(batch);
            AtomicInteger version = new AtomicInteger();
            Thread writer = new Thread(() -> {
                while (!stop.get()) {
                    byte[] value = bytes(Integer.toString(version.incrementAndGet()));
                    batch.replaceAll((key, old) -> value);
                    entries.batchPut(batch);
                }
            });
            writer.start();
            try {
                for (int round = 0; round < 20 || version.get() < 5; round++) {
                    assertThat(KvTests.texts(reader.namespace("entries").batchGet(keys)).stream()
                                    .distinct())
                            .hasSize(1);
                }
            } finally {
                stop.set(true);
                writer.join();
            }
        }
    }

    @Test
    void memory_moreThanFits_forgetsButNeverLies() {
        try (KvStore store = KvStore.builder()
                .optPersistMode(PersistMode.MEMORY)
                .optHotEntries(10)
                .build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            for (int i = 0; i < 1_000; i++) {
                entries.put("key " + i % 50, bytes("value " + i));
                byte[] value = entries.get("key " + i % 50);
                assertThat(value == null ? "value " + i : text(value)).isEqualTo("value " + i);
            }
            assertThat(entries.size()).isLessThanOrEqualTo(10);
            assertThat(store.statistics().evictions()).isPositive();
            assertThat(store.statistics().hotEntries()).isLessThanOrEqualTo(10);
        }
    }

    private Path file() {
        return folder.resolve("store.db");
    }

    @Test
    void close_inTheCallbackOfARead_doesNotWaitForItself() {
        KvStore store = KvTests.writeThrough(folder.resolve("closing.db"));
        KvNamespace<byte[]> entries = store.namespace("entries");
        entries.put("key", new byte[1]);
        CompletableFuture<Thread> closing = entries.batchGetAsync(List.of("key", "absent"))
                .thenCombine(entries.batchGetAsync(List.of("absent")), (one, other) -> {
                    store.close();
                    return Thread.currentThread();
                });
        assertTimeoutPreemptively(Duration.ofSeconds(8), closing::join);
        assertThat(closing.join().isInterrupted()).isFalse();
    }

    @Test
    void put_nothing_namesWhatIsMissing() {
        try (KvStore store = KvTests.writeThrough(folder.resolve("nothing.db"))) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            assertThatThrownBy(() -> entries.put(null, new byte[1]))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("key");
            assertThatThrownBy(() -> entries.put("key", null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("value");
        }
    }
}
