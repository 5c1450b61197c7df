package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

final class KvVerificationTest {
    @TempDir
    private Path folder;

    @Test
    void verify_everyFormat_isSoundAndCounted() {
        Path file = store("sound.db", null);
        KvVerification found = KvVerification.verify(file, null, done -> {});
        assertThat(found.faults()).isEmpty();
        assertThat(found.isSound()).isTrue();
        assertThat(found.rows())
                .containsEntry("main", 200L)
                .containsEntry("other", 100L)
                .hasSize(2);
        assertThat(found.sealed()).isZero();
    }

    @Test
    void verify_encryptedWithoutSecret_saysWhatItDidNotOpen() {
        try (KvSecret secret = KvSecret.password("secret".toCharArray())) {
            Path file = store("sealed.db", secret);
            KvVerification closed = KvVerification.verify(file, null, done -> {});
            assertThat(closed.isSound()).isTrue();
            assertThat(closed.sealed()).isEqualTo(300);
            KvVerification open = KvVerification.verify(file, secret, done -> {});
            assertThat(open.isSound()).isTrue();
            assertThat(open.sealed()).isZero();
        }
    }

    @Test
    void verify_valueNotOfItsFormat_isFoundAlthoughItsChecksumFits() {
        Path file = folder.resolve("format.db");
        try (KvStore store = KvStore.builder().setFile(file).build()) {
            byte[] noJson = "{".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            store.putStored("main", "j", new StoredValue(Codecs.Format.JSON, noJson));
            store.putStored("main", "t", new StoredValue(Codecs.Format.TENSOR, noJson));
            store.putStored("main", "u", new StoredValue(Codecs.Format.TEXT, new byte[] {-1}));
            store.putStored("main", "ok", new StoredValue(Codecs.Format.BYTES, noJson));
        }
        KvVerification found = KvVerification.verify(file, null, done -> {});
        assertThat(found.faultCount()).isEqualTo(3);
        assertThat(found.faults()).allMatch(fault -> fault.startsWith("Entry '"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM entries WHERE id = 7",
                "UPDATE entries SET key = 'elsewhere' WHERE id = 7",
                "UPDATE entries SET value = (SELECT value FROM entries WHERE id = 8) WHERE id = 7",
                "UPDATE entries SET namespace_id = 2 WHERE id = 7",
                "UPDATE entries SET namespace_id = 99 WHERE id = 7",
                "UPDATE entries SET format = 2 WHERE id = 7",
                "UPDATE entries SET format = 77 WHERE id = 7",
                "UPDATE entries SET value = CAST(value AS TEXT) WHERE id = 7",
                "UPDATE entries SET row_crc = 0 WHERE id = 7",
                "UPDATE namespaces SET entry_count = entry_count + 1 WHERE id = 1",
                "UPDATE namespaces SET name = 'x' WHERE id = 1",
                "DELETE FROM namespaces WHERE id = 2",
                "UPDATE dataset_info SET value = 'x' WHERE key = 'info_crc'"
            })
    void verify_rowsChangedBySomebodyElse_isAFault(String sql) {
        Path file = store("changed.db", null);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(sql);
        }
        KvVerification found = KvVerification.verify(file, null, done -> {});
        assertThat(found.isSound()).as(sql).isFalse();
        assertThat(found.faults()).hasSizeLessThanOrEqualTo(KvVerification.MOST_FAULTS);
    }

    @ParameterizedTest
    @CsvSource({"1400, false", "700, true"})
    void verify_aFlippedBit_isFoundOrChangesNoValue(int flips, boolean encrypted) throws IOException {
        Path key = folder.resolve("key");
        if (encrypted) {
            KvSecret.newKeyFile(key);
        }
        try (KvSecret secret = encrypted ? KvSecret.keyFile(key) : null) {
            Path file = store("whole.db", secret);
            Map<String, StoredValue> expected = values(file, secret);
            assertThat(expected).hasSize(300);
            byte[] whole = Files.readAllBytes(file);
            Path damaged = folder.resolve("damaged.db");
            Files.write(damaged, whole);
            Random random = new Random(flips);
            int found = 0;
            for (int i = 0; i < flips; i++) {
                int at = random.nextInt(whole.length);
                byte flipped = (byte) (whole[at] ^ 1 << random.nextInt(8));
                put(damaged, at, flipped);
                if (isSound(damaged, secret)) {
                    assertThat(values(damaged, secret))
                            .as("bit of byte %d, %02x to %02x", at, whole[at], flipped)
                            .isEqualTo(expected);
                } else {
                    found++;
                }
                put(damaged, at, whole[at]);
            }
            assertThat(found).isGreaterThan(flips / 2);
        }
    }

    private static boolean isSound(Path file, @Nullable KvSecret secret) {
        try {
            return KvVerification.verify(file, secret, done -> {}).isSound();
        } catch (DatabaseException | DecryptionException e) {
            return false;
        }
    }

    private static void put(Path file, int at, byte value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {value}), at);
        }
    }

    private static Map<String, StoredValue> values(Path file, @Nullable KvSecret secret) {
        Map<String, StoredValue> values = new LinkedHashMap<>();
        try (KvStore store = KvStore.builder()
                .setFile(file)
                .optReadOnly(true)
                .optSecret(secret)
                .build()) {
            for (String name : store.namespaces()) {
                List<String> keys = store.namespace(name).keys().toList();
                List<@Nullable StoredValue> read = new KvEntries(store, name).get(keys);
                for (int i = 0; i < keys.size(); i++) {
                    StoredValue value = read.get(i);
                    if (value != null) {
                        values.put(name + '/' + keys.get(i), value);
                    }
                }
            }
        }
        return values;
    }

    /** 300 entries of every format, some compressed, some larger than a page. */
    private Path store(String name, @Nullable KvSecret secret) {
        Path file = folder.resolve(name);
        Random random = new Random(1);
        try (KvStore store = KvStore.builder()
                .setFile(file)
                .optPersistMode(PersistMode.LAZY)
                .optCompression(true)
                .optSecret(secret)
                .build()) {
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[i % 10 == 0 ? 5_000 : 40];
                random.nextBytes(bytes);
                store.namespace("main").put("b" + i, bytes);
                store.namespace("main", Codecs.TEXT).put("t" + i, "text ".repeat(i));
                KvNamespace<dev.millrace.tensor.TensorBlob> tensors = store.namespace("other", Codecs.TENSOR);
                KvNamespace<tools.jackson.databind.JsonNode> json =
                        store.namespace("other", i % 2 == 0 ? Codecs.JSON : Codecs.CBOR);
                if (i < 50) {
                    tensors.put("x" + i, TensorCodec.ofFloats(new float[] {i, 2, 3, 4}, Compression.NONE, 2, 2));
                } else {
                    json.put("j" + i, JsonMapper.shared().readTree("{\"i\":" + i + "}"));
                }
            }
        }
        return file;
    }
}
