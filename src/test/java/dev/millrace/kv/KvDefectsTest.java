package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the store does where the one that it replaces, DictSQLite 4.2, loses, mixes up or reveals data. The numbers are those of
 * the list of its defects in the specification. Failing transactions (3) are also in {@link KvFailureTest}, kills (1) in
 * {@link KvKillTest}, races (8, 10) in {@link KvLinearizabilityTest}.
 */
final class KvDefectsTest {
    @TempDir
    private Path folder;

    /** 1: writes that "write through" waited in a buffer of 100 after they had returned. */
    @Test
    void put_writeThrough_isInTheFileWhenItReturns() {
        try (KvStore store =
                KvStore.builder().setFile(file()).optBufferSize(100).build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("key", bytes("value"));
            assertThat(KvTests.stored(file(), "entries", "key")).isEqualTo("value");
            entries.batchPut(Map.of("key", bytes("new"), "other", bytes("v")));
            assertThat(KvTests.stored(file(), "entries")).isEqualTo(Map.of("key", "new", "other", "v"));
            entries.remove("other");
            assertThat(KvTests.stored(file(), "entries")).isEqualTo(Map.of("key", "new"));
        }
    }

    /** 2: a clean close lost what waited. */
    @Test
    void close_lessThanABufferWaits_writesIt() {
        for (PersistMode mode : List.of(PersistMode.WRITE_THROUGH, PersistMode.LAZY)) {
            Path file = folder.resolve(mode + ".db");
            try (KvStore store =
                    KvStore.builder().setFile(file).optPersistMode(mode).build()) {
                CompletableFuture<Void> unused = store.namespace("entries").putAsync("a", bytes("1"));
                store.namespace("entries").put("b", bytes("2"));
            }
            assertThat(KvTests.stored(file, "entries")).isEqualTo(Map.of("a", "1", "b", "2"));
        }
    }

    /** 3: the first error dropped all that was to be written after it. */
    @Test
    void flush_oneEntryIsRefused_writesAllOthers() {
        try (KvStore store = KvTests.lazy(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            store.flushWriteBuffer();
            try (Database foreign = Database.open(file(), Access.LIVE)) {
                foreign.execute("""
                        CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.key = 'key 3'
                        BEGIN SELECT RAISE(ABORT, 'refused'); END""");
            }
            for (int i = 0; i < 10; i++) {
                entries.put("key " + i, bytes("v"));
            }
            assertThatThrownBy(store::flushWriteBuffer).hasMessageContaining("refuses 1 of the entries");
            assertThat(entries.keys()).hasSize(9).doesNotContain("key 3");
        }
    }

    /** 4: "one transaction" was one for each entry. */
    @Test
    void flush_manyWaiting_isOneTransaction() {
        try (KvStore store = KvTests.lazy(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            for (int i = 0; i < 1_000; i++) {
                entries.put("key " + i, bytes("v"));
            }
            store.flushWriteBuffer();
            assertThat(store.statistics().flushes()).isEqualTo(1);
            assertThat(store.statistics().written()).isEqualTo(1_000);
        }
        try (KvStore store = KvTests.writeThrough(file())) {
            Map<String, byte[]> batch = new LinkedHashMap<>();
            for (int i = 0; i < 1_000; i++) {
                batch.put("key " + i, bytes("w"));
            }
            store.namespace("entries").batchPut(batch);
            assertThat(store.statistics().flushes()).isEqualTo(1);
        }
    }

    /** 4: reading wrote, an access count for each entry. */
    @Test
    void get_anyNumberOfTimes_changesNothingInTheFile() throws Exception {
        try (KvStore store = KvTests.writeThrough(file())) {
            store.namespace("entries").put("key", bytes("value"));
        }
        byte[] before = Files.readAllBytes(file());
        try (KvStore store = KvTests.writeThrough(file())) {
            for (int i = 0; i < 100; i++) {
                store.namespace("entries").get("key");
                store.namespace("entries").batchGet(List.of("key", "absent"));
            }
            assertThat(store.statistics().flushes()).isZero();
        }
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM entries")).isEqualTo(1);
        }
        // Opening for writing turns the log on and off again, which is counted in the header.
        byte[] after = Files.readAllBytes(file());
        assertThat(after).hasSameSizeAs(before);
        assertThat(java.util.Arrays.equals(after, 100, after.length, before, 100, before.length))
                .isTrue();
    }

    /** 5: what was put in bulk reached the cache only. */
    @Test
    void batchPut_inEveryWay_isStoredInItsNamespace() {
        try (KvStore store = KvStore.builder().setFile(file()).optHotEntries(1).build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.batchPut(Map.of("a", bytes("1")));
            entries.putAll(Map.of("b", bytes("2")));
            entries.batchPutAsync(Map.of("c", bytes("3"))).join();
            entries.asMap().putAll(Map.of("d", bytes("4")));
            assertThat(KvTests.stored(file(), "entries")).isEqualTo(Map.of("a", "1", "b", "2", "c", "3", "d", "4"));
            assertThat(store.namespaces()).containsExactly("entries");
            assertThat(store.statistics().hotEntries()).as("bounded").isLessThanOrEqualTo(1);
        }
    }

    /** 6: what was cleared or removed came back. */
    @Test
    void clear_andRemove_stayDoneAfterReopening() {
        try (KvStore store = KvTests.lazy(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("a", bytes("1"));
            store.flushWriteBuffer();
            entries.put("b", bytes("waits"));
            entries.clear();
            entries.put("c", bytes("3"));
            entries.put("d", bytes("4"));
            store.flushWriteBuffer();
            assertThat(text(entries.asMap().remove("c"))).isEqualTo("3");
            entries.put("d", bytes("waits"));
            assertThat(entries.remove("d")).isTrue();
        }
        assertThat(KvTests.stored(file(), "entries")).isEmpty();
    }

    /** 7: removing and asking in another namespace went to the wrong one. */
    @Test
    void remove_inOneNamespace_leavesTheOthers() {
        try (KvStore store = KvTests.writeThrough(file())) {
            KvNamespace<byte[]> main = store.namespace(KvStore.DEFAULT_NAMESPACE);
            KvNamespace<byte[]> other = store.namespace("other");
            main.put("key", bytes("main"));
            assertThat(other.containsKey("key")).isFalse();
            assertThat(other.remove("key")).isFalse();
            other.put("key", bytes("other"));
            assertThat(main.remove("key")).isTrue();
            assertThat(text(other.get("key"))).isEqualTo("other");
        }
        assertThat(KvTests.stored(file(), "other", "key")).isEqualTo("other");
    }

    /** 7: what could not be read was "missing", or came as it was. */
    @Test
    void get_damagedRow_throwsNamingIt() {
        try (KvStore store = KvTests.writeThrough(file())) {
            store.namespace("entries").put("good", bytes("value"));
            store.namespace("entries").put("damaged", bytes("value"));
        }
        try (Database foreign = Database.open(file(), Access.LIVE)) {
            foreign.execute("UPDATE entries SET value = x'00' WHERE key = 'damaged'");
        }
        try (KvStore store = KvTests.writeThrough(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            assertThatThrownBy(() -> entries.get("damaged"))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("'damaged'")
                    .hasMessageContaining("'entries'");
            assertThatThrownBy(() -> entries.batchGet(List.of("good", "damaged")))
                    .isInstanceOf(CorruptDatabaseException.class);
            assertThatThrownBy(() -> entries.entries().toList()).isInstanceOf(CorruptDatabaseException.class);
            assertThat(text(entries.get("good"))).isEqualTo("value");
            entries.put("damaged", bytes("mended"));
            assertThat(text(entries.get("damaged"))).isEqualTo("mended");
        }
    }

    /** 8: after an eviction the old value was read, and written over the new one. */
    @Test
    void put_pushedOutOfMemoryAgainAndAgain_readsAndStoresTheLast() {
        try (KvStore store = KvStore.builder()
                .setFile(file())
                .optPersistMode(PersistMode.LAZY)
                .optHotEntries(2)
                .build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 50; i++) {
                    entries.put("key " + i, bytes("value " + round));
                }
                for (int i = 0; i < 50; i++) {
                    assertThat(text(entries.get("key " + i))).isEqualTo("value " + round);
                }
            }
        }
        assertThat(KvTests.stored(file(), "entries"))
                .hasSize(50)
                .allSatisfy((key, value) -> assertThat(value).isEqualTo("value 19"));
    }

    /** 9: overwriting replaced the row, and what else it said was lost. */
    @Test
    void put_overwriting_changesTheRowInPlace() {
        try (KvStore store = KvTests.writeThrough(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("a", bytes("1"));
            entries.put("b", bytes("1"));
            entries.put("a", bytes("2"));
            entries.put("b", bytes("2"));
            entries.put("c", bytes("2"));
        }
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryText("SELECT group_concat(id || key, ' ') FROM entries ORDER BY id"))
                    .isEqualTo("1a 2b 3c");
        }
    }

    /** 10: two writers of a key left one value in memory and the other one in the file. */
    @Test
    void put_sameKeysFromFourThreads_memoryAndFileAgree() throws Exception {
        Map<String, String> inMemory = new LinkedHashMap<>();
        try (KvStore store = KvTests.lazy(file())) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int thread = i;
                threads.add(new Thread(() -> {
                    for (int n = 0; n < 2_000; n++) {
                        entries.put("key " + n % 10, bytes(thread + " " + n));
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            for (int i = 0; i < 10; i++) {
                inMemory.put("key " + i, text(entries.get("key " + i)));
            }
        }
        assertThat(KvTests.stored(file(), "entries")).isEqualTo(inMemory);
    }

    /** 10: entries were in memory beyond the bound, and reading absent ones pushed others out. */
    @Test
    void get_absentAndPresent_keepsTheBound() {
        try (KvStore store = KvStore.builder().setFile(file()).optHotEntries(10).build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            for (int i = 0; i < 100; i++) {
                CompletableFuture<Void> unused = entries.putAsync("key " + i, bytes("v"));
            }
            store.flushWriteBuffer();
            for (int i = 0; i < 100; i++) {
                entries.get("key " + i);
                assertThat(store.statistics().hotEntries()).isLessThanOrEqualTo(10);
            }
            long evictions = store.statistics().evictions();
            for (int i = 0; i < 100; i++) {
                entries.get("absent " + i);
            }
            assertThat(store.statistics().evictions()).isEqualTo(evictions);
            assertThat(store.statistics().hotEntries()).isEqualTo(10);
        }
    }

    /** 12: bytes that looked like a pickle were read as one. 13: those that looked compressed were decompressed. */
    @Test
    void get_bytesThatLookLikeSomethingElse_areThoseThatWerePut() {
        List<byte[]> values = new ArrayList<>();
        for (byte[] magic : List.of(
                bytes("ZSTD"),
                new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD},
                new byte[] {0x04, 0x22, 0x4D, 0x18},
                new byte[] {(byte) 0x80, 0x04},
                new byte[] {0x00},
                new byte[] {(byte) 0xAC, (byte) 0xED, 0x00, 0x05},
                bytes("{\"json\":1}"))) {
            byte[] random = new byte[500];
            new Random(1).nextBytes(random);
            for (byte[] rest : List.of(new byte[0], new byte[500], random)) {
                byte[] value = java.util.Arrays.copyOf(magic, magic.length + rest.length);
                System.arraycopy(rest, 0, value, magic.length, rest.length);
                values.add(value);
            }
        }
        for (boolean compress : new boolean[] {true, false, true}) {
            try (KvStore store = KvStore.builder()
                    .setFile(file())
                    .optCompression(compress)
                    .optHotBytes(0)
                    .build()) {
                KvNamespace<byte[]> entries = store.namespace("entries");
                for (int i = 0; i < values.size(); i++) {
                    String key = compress + " " + i;
                    byte[] before = entries.get(key);
                    assertThat(before == null ? values.get(i) : before).isEqualTo(values.get(i));
                    entries.put(key, values.get(i));
                    assertThat(entries.get(key)).isEqualTo(values.get(i));
                }
            }
        }
        KvTests.checkSound(file());
    }

    /** 13: whether a value was compressed was guessed from its first bytes, and what came in bulk was not compressed. */
    @Test
    void put_compressible_saysSoInAColumnHoweverItWasPut() {
        byte[] zeros = new byte[10_000];
        byte[] random = new byte[10_000];
        new Random(2).nextBytes(random);
        try (KvStore store =
                KvStore.builder().setFile(file()).optCompression(true).build()) {
            KvNamespace<byte[]> entries = store.namespace("entries");
            entries.put("put", zeros);
            entries.batchPut(Map.of("batch", zeros));
            CompletableFuture<Void> async = entries.putAsync("async", zeros);
            entries.put("random", random);
            entries.put("short", new byte[10]);
            async.join();
        }
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryText("SELECT group_concat(key ORDER BY key) FROM entries WHERE compression <> 0"))
                    .isEqualTo("async,batch,put");
            assertThat(database.queryLong("SELECT max(length(value)) FROM entries WHERE compression <> 0"))
                    .isLessThan(1_000);
            assertThat(database.queryLong("SELECT min(raw_bytes) FROM entries")).isEqualTo(10_000);
            assertThat(database.queryLong("SELECT count(*) FROM entries WHERE raw_bytes IS NULL"))
                    .isEqualTo(2);
        }
        try (KvStore store = KvTests.readOnly(file())) {
            assertThat(store.namespace("entries").get("batch")).isEqualTo(zeros);
            assertThat(store.namespace("entries").get("random")).isEqualTo(random);
        }
    }

    /** 13: names of tables were made of names of namespaces, and "a-b" was "ab". */
    @Test
    void namespace_namesThatDifferInSigns_areDifferent() {
        List<String> names = List.of("ab", "a-b", "a_b", "a b", "a.b", "a:b", "A-B", "a\0b", "a''b", "");
        try (KvStore store = KvTests.writeThrough(file())) {
            names.forEach(name -> store.namespace(name).put("b:key", bytes("in " + name)));
        }
        names.forEach(name -> assertThat(KvTests.stored(file(), name)).isEqualTo(Map.of("b:key", "in " + name)));
    }

    /** 13: an interim version turned syncing off, and read what was not committed. 9: pragmas came too late to work. */
    @Test
    void open_whateverTheDurability_usesASyncedLogAndReadsCommittedOnly() {
        for (Durability durability : Durability.values()) {
            Path file = folder.resolve(durability + ".db");
            try (KvStore store = KvStore.builder()
                            .setFile(file)
                            .optDurability(durability)
                            .build();
                    Database reader = Database.open(file, Access.READ);
                    Database likeTheWriter =
                            Database.open(file, durability == Durability.FULL ? Access.LIVE : Access.LIVE_FAST)) {
                store.namespace("entries").put("key", bytes("v"));
                assertThat(reader.queryText("PRAGMA journal_mode")).isEqualTo("wal");
                assertThat(reader.queryLong("PRAGMA read_uncommitted")).isZero();
                assertThat(likeTheWriter.queryLong("PRAGMA synchronous"))
                        .isEqualTo(durability == Durability.FULL ? 2 : 1);
                assertThat(likeTheWriter.queryLong("PRAGMA read_uncommitted")).isZero();
            }
        }
    }

    private Path file() {
        return folder.resolve("store.db");
    }
}
