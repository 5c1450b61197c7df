package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that cannot be written: who waits is told, nothing is lost, reordered or written twice. */
final class KvFailureTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int LARGE = 100_000;

    @TempDir
    private Path folder;

    @Test
    void put_diskFull_throwsAndIsStoredWhenThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("store.db");
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[2 << 20]);
            Map<String, String> expected = new HashMap<>();
            try (KvStore store = KvTests.writeThrough(file)) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                assertTimeoutPreemptively(LONG, () -> {
                    for (int i = 0; ; i++) {
                        String key = "key " + i;
                        expected.put(key, value(key, 1));
                        try {
                            entries.put(key, bytes(value(key, 1)));
                        } catch (DatabaseException e) {
                            assertThat(e)
                                    .hasMessageContaining("Cannot write to " + file)
                                    .hasMessageContaining("no space left")
                                    .hasMessageContaining("kept in memory and tried again");
                            break;
                        }
                    }
                });
                assertThat(expected).hasSizeGreaterThan(2);
                assertThat(store.statistics().dirty()).isEqualTo(1);
                assertThat(store.statistics().failedFlushes()).isPositive();
                expected.forEach((key, value) ->
                        assertThat(text(entries.get(key))).as(key).isEqualTo(value));

                // What is put on top comes on top, also in the file.
                for (String key : List.of("key 0", "key 1", "late")) {
                    expected.put(key, value(key, 2));
                    assertThatThrownBy(() -> entries.put(key, bytes(value(key, 2))))
                            .isInstanceOf(DatabaseException.class);
                }
                expected.remove("key 0");
                assertThatThrownBy(() -> entries.remove("key 0")).isInstanceOf(DatabaseException.class);
                assertThatThrownBy(store::flushWriteBuffer).isInstanceOf(DatabaseException.class);
                assertThatThrownBy(entries::size).isInstanceOf(DatabaseException.class);
                assertThat(entries.get("key 0")).isNull();
                assertThat(text(entries.get("late"))).isEqualTo(expected.get("late"));

                Files.delete(ballast);
                flush(store);
                assertThat(store.statistics().dirty()).isZero();
                assertThat(store.statistics().pendingBytes()).isZero();
                assertThat(entries.size()).isEqualTo(expected.size());
                entries.put("after", bytes("works again"));
                expected.put("after", "works again");
            }
            assertThat(KvTests.stored(file, "entries")).isEqualTo(expected);
            KvTests.checkSound(file);
        }
    }

    @Test
    void flush_diskFullInLazyMode_throwsAndKeepsWhatWaits() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("store.db");
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[3 << 20]);
            try (KvStore store = KvTests.lazy(file)) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                List<CompletableFuture<Void>> futures = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    entries.put("key " + i, bytes(value("key " + i, 1)));
                    futures.add(entries.putAsync("key " + i, bytes(value("key " + i, 2))));
                }
                assertTimeoutPreemptively(
                        LONG,
                        () -> assertThatThrownBy(store::flushWriteBuffer)
                                .isInstanceOf(DatabaseException.class)
                                .hasMessageContaining("no space left"));
                assertThat(futures).noneMatch(CompletableFuture::isDone);
                assertThat(store.statistics().dirty()).isEqualTo(20);
                assertThat(text(entries.get("key 7"))).isEqualTo(value("key 7", 2));
                assertThat(KvTests.stored(file, "entries")).isEmpty();
                Files.delete(ballast);
                flush(store);
                futures.forEach(CompletableFuture::join);
            }
            assertThat(KvTests.stored(file, "entries"))
                    .hasSize(20)
                    .allSatisfy((key, value) -> assertThat(value).isEqualTo(value(key, 2)));
        }
    }

    @Test
    void clear_diskFull_isInForceAtOnceAndStoredLater() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("store.db");
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[3 << 20]);
            try (KvStore store = KvTests.lazy(file)) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                entries.put("old", bytes("old"));
                store.flushWriteBuffer();
                for (int i = 0; i < 20; i++) {
                    entries.put("key " + i, bytes(value("key " + i, 1)));
                }
                assertTimeoutPreemptively(
                        LONG, () -> assertThatThrownBy(entries::clear).isInstanceOf(DatabaseException.class));
                for (String key : List.of("old", "key 1")) {
                    assertThat(entries.get(key)).as(key).isNull();
                    assertThat(entries.containsKey(key)).isFalse();
                    assertThat(entries.remove(key)).isFalse();
                }
                assertThat(entries.batchGet(List.of("old", "key 1"))).containsOnlyNulls();
                // Nobody computes from what is gone.
                assertThat(entries.asMap().putIfAbsent("key 2", bytes("new"))).isNull();
                assertThat(text(entries.get("key 2"))).isEqualTo("new");
                Files.delete(ballast);
                flush(store);
                assertThat(text(entries.get("key 2"))).isEqualTo("new");
                assertThat(entries.get("old")).isNull();
            }
            assertThat(KvTests.stored(file, "entries")).isEqualTo(Map.of("key 2", "new"));
            KvTests.checkSound(file);
        }
    }

    @Test
    void put_muchWaitsAndDiskFull_throwsInsteadOfHanging() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("store.db");
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[3 << 20]);
            Map<String, String> accepted = new HashMap<>();
            try (KvStore store = KvStore.builder()
                    .setFile(file)
                    .optPersistMode(PersistMode.LAZY)
                    .optFlushInterval(Duration.ofHours(1))
                    .optPendingBytes(10L * LARGE)
                    .build()) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                assertTimeoutPreemptively(
                        LONG,
                        () -> assertThatThrownBy(() -> {
                                    for (int i = 0; i < 1_000; i++) {
                                        entries.put("key " + i, bytes(value("key " + i, 1)));
                                        accepted.put("key " + i, value("key " + i, 1));
                                    }
                                })
                                .isInstanceOf(DatabaseException.class)
                                .hasMessageContaining("no space left")
                                .hasMessageContaining("This write is not kept"));
                assertThat(entries.containsKey("key " + accepted.size())).isFalse();
                assertThat(accepted.size()).isBetween(9, 40);
                assertThat(store.statistics().pendingBytes()).isLessThan(12L * LARGE);
                Files.delete(ballast);
                flush(store);
            }
            assertThat(KvTests.stored(file, "entries")).isEqualTo(accepted);
        }
    }

    @Test
    void put_littleRoomAndLongInterval_writesInsteadOfWaitingForIt() {
        try (KvStore store = KvStore.builder()
                .setFile(folder.resolve("store.db"))
                .optPersistMode(PersistMode.LAZY)
                .optBufferSize(10_000)
                .optFlushInterval(Duration.ofHours(1))
                .optPendingBytes(2_000)
                .build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            assertTimeoutPreemptively(LONG, () -> {
                for (int i = 0; i < 200; i++) {
                    entries.put("key " + i, new byte[i * 20]);
                    CompletableFuture<Void> unused = entries.putAsync("key " + i, new byte[i * 20 + 1]);
                }
                assertThat(entries.size()).isEqualTo(200);
            });
        }
    }

    @Test
    void clear_lazyWithLongInterval_doesNotWaitForIt() {
        try (KvStore store = KvTests.lazy(folder.resolve("store.db"))) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("key", bytes("value"));
            assertTimeoutPreemptively(LONG, () -> {
                entries.clear();
                entries.put("key", bytes("value"));
                assertThat(store.dropNamespace("entries")).isTrue();
            });
            assertThat(entries.size()).isZero();
        }
    }

    @Test
    void close_diskStaysFull_saysWhatIsLostAndFailsItsFutures() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("store.db");
            Files.write(disk.folder().resolve("ballast"), new byte[3 << 20]);
            KvStore store = KvTests.lazy(file);
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("kept", bytes("kept"));
            store.flushWriteBuffer();
            for (int i = 0; i < 20; i++) {
                entries.put("key " + i, bytes(value("key " + i, 1)));
            }
            CompletableFuture<Void> future = entries.putAsync("key 0", bytes("last"));
            assertTimeoutPreemptively(
                    LONG,
                    () -> assertThatThrownBy(store::close)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("Lost 20 entries, 'key ")
                            .hasMessageContaining(file.toString())
                            .hasMessageContaining("no space left"));
            assertTimeoutPreemptively(
                    LONG,
                    () -> assertThatThrownBy(future::join)
                            .isInstanceOf(CompletionException.class)
                            .hasMessageContaining("Lost 20 entries"));
            store.close();
            assertThat(KvTests.stored(file, "entries")).isEqualTo(Map.of("kept", "kept"));
        }
    }

    @Test
    void put_fileLockedByAnother_throwsAndIsStoredAfterwards() {
        Path file = folder.resolve("store.db");
        try (KvStore store = KvTests.writeThrough(file)) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("key", bytes("old"));
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("BEGIN IMMEDIATE");
                assertTimeoutPreemptively(
                        LONG,
                        () -> assertThatThrownBy(() -> entries.put("key", bytes("new")))
                                .isInstanceOf(DatabaseException.class)
                                .hasMessageContaining("Cannot write to " + file));
                assertThat(text(entries.get("key"))).isEqualTo("new");
                assertThat(KvTests.stored(file, "entries", "key")).isEqualTo("old");
                foreign.execute("COMMIT");
            }
            flush(store);
            assertThat(KvTests.stored(file, "entries", "key")).isEqualTo("new");
        }
    }

    @Test
    void put_entryThatTheFileRefuses_failsAloneAndLeavesWhatWasThere() {
        Path file = folder.resolve("store.db");
        try (KvStore store = KvTests.lazy(file)) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("bad", bytes("old"));
            store.flushWriteBuffer();
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("""
                        CREATE TRIGGER refuse BEFORE UPDATE ON entries WHEN NEW.key = 'bad' AND length(NEW.value) > 10
                        BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END""");
            }
            List<CompletableFuture<Void>> good = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                good.add(entries.putAsync("key " + i, bytes("value")));
            }
            CompletableFuture<Void> bad = entries.putAsync("bad", bytes("longer than ten bytes"));
            CompletableFuture<Void> badBatch =
                    entries.batchPutAsync(Map.of("other", bytes("v"), "bad", bytes("longer than ten bytes")));
            CompletableFuture<Void> last = entries.putAsync("key 0", bytes("last"));
            assertThat(text(entries.get("bad"))).isEqualTo("longer than ten bytes");
            assertTimeoutPreemptively(LONG, store::flushWriteBuffer);
            good.forEach(CompletableFuture::join);
            last.join();
            for (CompletableFuture<Void> future : List.of(bad, badBatch)) {
                assertThatThrownBy(future::join).hasStackTraceContaining("refused by a trigger");
            }
            assertThat(text(entries.get("bad"))).isEqualTo("old");
            assertThat(entries.get("other")).isNull();
            assertThat(text(entries.get("key 0"))).isEqualTo("last");
            assertThat(entries.size()).isEqualTo(51);
            assertThat(store.statistics().pending()).isZero();
            assertThat(store.statistics().pendingBytes()).isZero();
            assertThat(store.statistics().dirty()).isZero();
        }
        try (Database foreign = Database.open(file, Access.LIVE)) {
            foreign.execute("DROP TRIGGER refuse");
        }
        assertThat(KvTests.stored(file, "entries")).hasSize(51).containsEntry("bad", "old");
        KvTests.checkSound(file);
    }

    @Test
    void put_refusedInLazyMode_isCountedAndToldOnceByFlushOrClose() {
        Path file = folder.resolve("store.db");
        KvStore store = KvTests.lazy(file);
        KvNamespace<byte[]> entries = store.namespace("entries");
        try (Database foreign = Database.open(file, Access.LIVE)) {
            foreign.execute("""
                    CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.key LIKE 'bad%'
                    BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END""");
        }
        for (String key : List.of("bad 1", "good", "bad 2")) {
            entries.put(key, bytes("v"));
        }
        assertThat(entries.size()).isEqualTo(1);
        assertThatThrownBy(store::flushWriteBuffer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("refuses 2 of the entries")
                .hasMessageContaining("'bad ")
                .hasMessageContaining("refused by a trigger");
        store.flushWriteBuffer();
        assertThat(store.statistics().refused()).isEqualTo(2);
        assertThat(entries.get("bad 1")).isNull();
        entries.put("bad 3", bytes("v"));
        assertThatThrownBy(store::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("refuses 1 of the entries that were put, 'bad 3'");
        store.close();
        assertThat(KvTests.stored(file, "entries")).containsOnlyKeys("good");
    }

    @Test
    void put_refusedInWriteThrough_throws() {
        Path file = folder.resolve("store.db");
        try (KvStore store = KvTests.writeThrough(file)) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("good", bytes("v"));
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("""
                        CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.key = 'bad'
                        BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END""");
            }
            assertTimeoutPreemptively(
                    LONG,
                    () -> assertThatThrownBy(() -> entries.put("bad", bytes("v")))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("refused by a trigger"));
            assertThat(entries.get("bad")).isNull();
            entries.put("good", bytes("again"));
            assertThat(entries.keys()).containsExactly("good");
        }
    }

    @Test
    void put_refusedWhenCalledByACallback_throwsThere() {
        Path file = folder.resolve("store.db");
        try (KvStore store = KvTests.writeThrough(file)) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("good", bytes("v"));
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("""
                        CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.key = 'bad'
                        BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END""");
                // The callback has to be hung on the future before the commit.
                foreign.execute("BEGIN IMMEDIATE");
                CompletableFuture<Void> inCallback =
                        entries.putAsync("good", bytes("w")).thenRun(() -> entries.put("bad", bytes("v")));
                foreign.execute("COMMIT");
                assertTimeoutPreemptively(
                        LONG,
                        () -> assertThatThrownBy(inCallback::join).hasStackTraceContaining("refused by a trigger"));
            }
        }
    }

    @Test
    void put_entryThatTheFilePassesOverInSilence_failsAlone() {
        Path file = folder.resolve("store.db");
        try (KvStore store = KvTests.lazy(file)) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("good", bytes("v"));
            store.flushWriteBuffer();
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("""
                        CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.key = 'bad'
                        BEGIN SELECT RAISE(IGNORE); END""");
            }
            CompletableFuture<Void> bad = entries.putAsync("bad", bytes("v"));
            CompletableFuture<Void> other = entries.putAsync("other", bytes("v"));
            assertTimeoutPreemptively(LONG, store::flushWriteBuffer);
            assertThatThrownBy(bad::join).hasStackTraceContaining("neither possible");
            other.join();
            assertThat(entries.keys()).containsExactly("good", "other");
            assertThat(entries.size()).isEqualTo(2);
        }
    }

    /** Flushes until it works: the first attempt may be one that began while there was no room. */
    private static void flush(KvStore store) {
        assertTimeoutPreemptively(LONG, () -> {
            while (true) {
                try {
                    store.flushWriteBuffer();
                    return;
                } catch (DatabaseException e) {
                    Thread.sleep(10);
                }
            }
        });
    }

    private static String value(String key, int version) {
        return key + " " + version + "x".repeat(LARGE);
    }
}
