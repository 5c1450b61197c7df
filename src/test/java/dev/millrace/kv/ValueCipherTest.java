package dev.millrace.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.kv.DecryptionException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueCipherTest {
    private static final long SEED = 20261127;
    private static final Path FILE = Path.of("store.db");
    private static final byte[] AAD = "main|key".getBytes(UTF_8);

    @TempDir
    private Path folder;

    private KvSecret keyFile;

    @BeforeEach
    void makeKeyFile() throws IOException {
        Path file = folder.resolve("store.key");
        KvSecret.newKeyFile(file);
        keyFile = KvSecret.keyFile(file);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 1_000, 65_537, 10_000_000})
    void open_whatWasSealed_isTheValue(int length) {
        byte[] plain = new byte[length];
        new Random(SEED).nextBytes(plain);
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        byte[] sealed;
        try (ValueCipher cipher = ValueCipher.open(header, keyFile, FILE)) {
            sealed = cipher.seal(AAD, plain);
            assertThat(sealed).hasSize(ValueCipher.OVERHEAD_BYTES + length);
            assertThat(cipher.open(AAD, sealed)).isEqualTo(plain);
            assertThat(cipher.open(new byte[0], cipher.seal(new byte[0], plain)))
                    .isEqualTo(plain);
        }
        try (ValueCipher reopened = ValueCipher.open(header, keyFile, FILE)) {
            assertThat(reopened.open(AAD, sealed)).isEqualTo(plain);
        }
    }

    @Test
    void seal_sameValueTwice_sharesNothingButTheSalt() {
        try (ValueCipher cipher = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE)) {
            byte[] plain = new byte[64];
            byte[] first = cipher.seal(AAD, plain);
            byte[] second = cipher.seal(AAD, plain);
            assertThat(Arrays.copyOf(first, 16)).isEqualTo(Arrays.copyOf(second, 16));
            assertThat(ByteBuffer.wrap(first).getLong(16)).isZero();
            assertThat(ByteBuffer.wrap(second).getLong(16)).isOne();
            assertThat(Arrays.copyOfRange(first, 24, 104)).isNotEqualTo(Arrays.copyOfRange(second, 24, 104));
        }
    }

    @Test
    void open_withPassword_opensWhatItMade() {
        try (KvSecret password = KvSecret.password("Geheimnis 水車".toCharArray());
                KvSecret same = KvSecret.password("Geheimnis 水車".toCharArray());
                KvSecret wrong = KvSecret.password("Geheimnis 水牛".toCharArray())) {
            Map<String, String> header = ValueCipher.newHeader(password);
            assertThat(header)
                    .containsEntry("encryption", "AES-256-GCM")
                    .containsEntry("kdf", "PBKDF2-HMAC-SHA256")
                    .containsEntry("kdf_iterations", "600000");
            assertThat(header.get("kdf_salt")).hasSize(32);
            byte[] sealed;
            try (ValueCipher cipher = ValueCipher.open(header, password, FILE)) {
                sealed = cipher.seal(AAD, AAD);
            }
            try (ValueCipher cipher = ValueCipher.open(header, same, FILE)) {
                assertThat(cipher.open(AAD, sealed)).isEqualTo(AAD);
            }
            DecryptionException refused = refused(Reason.WRONG_SECRET, header, wrong);
            assertThat(refused)
                    .hasMessageContaining("wrong password or key file")
                    .hasMessageContaining("store.db");
            assertTellsNothing(refused, "Geheimnis");
        }
    }

    @Test
    void open_withAnotherKeyFile_isToldAtOpen() throws IOException {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        Path other = folder.resolve("other.key");
        KvSecret.newKeyFile(other);
        try (KvSecret wrong = KvSecret.keyFile(other)) {
            assertThat(refused(Reason.WRONG_SECRET, header, wrong)).hasMessageContaining("wrong password or key file");
        }
    }

    @Test
    void open_withoutSecretOrWithTheOtherKind_saysWhichIsNeeded() {
        try (KvSecret password = KvSecret.password("Geheimnis".toCharArray())) {
            Map<String, String> ofKeyFile = ValueCipher.newHeader(keyFile);
            Map<String, String> ofPassword = ValueCipher.newHeader(password);
            assertThat(refused(Reason.SECRET_MISSING, ofKeyFile, null)).hasMessageContaining("Give its key file");
            assertThat(refused(Reason.SECRET_MISSING, ofPassword, null)).hasMessageContaining("Give its password");
            assertThat(refused(Reason.OTHER_KIND_OF_SECRET, ofKeyFile, password))
                    .hasMessageContaining("expected a key file, found a password");
            assertThat(refused(Reason.OTHER_KIND_OF_SECRET, ofPassword, keyFile))
                    .hasMessageContaining("expected a password, found a key file");
        }
    }

    @Test
    void open_entriesOfAPlainStore_saysNotEncrypted() {
        Map<String, String> plain = Map.of("schema_version", "1", "kind", "kv");
        assertThat(ValueCipher.isEncrypted(plain)).isFalse();
        assertThat(refused(Reason.NOT_ENCRYPTED, plain, keyFile)).hasMessageContaining("not encrypted");
    }

    /** Whichever character is changed, whichever entry is lost: it is damage, and never looks like another password. */
    @Test
    void open_anyDamageOfTheHeader_isToldApartFromAWrongSecret() {
        try (KvSecret password = KvSecret.password("Geheimnis".toCharArray())) {
            for (KvSecret secret : List.of(keyFile, password)) {
                Map<String, String> header = ValueCipher.newHeader(secret);
                for (String name : header.keySet()) {
                    Map<String, String> without = new HashMap<>(header);
                    without.remove(name);
                    assertThat(ValueCipher.isEncrypted(without)).isTrue();
                    refused(Reason.DAMAGED, without, secret);
                    String value = header.get(name);
                    for (int i = 0; i < value.length(); i++) {
                        for (int bit = 0; bit < 7; bit++) {
                            char flipped = (char) (value.charAt(i) ^ 1 << bit);
                            refused(
                                    Reason.DAMAGED,
                                    with(header, name, value.substring(0, i) + flipped + value.substring(i + 1)),
                                    secret);
                        }
                        refused(Reason.DAMAGED, with(header, name, value.substring(0, i)), secret);
                    }
                    refused(Reason.DAMAGED, with(header, name, value + "0"), secret);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "encryption, AES-128-CBC, UNSUPPORTED",
        "encryption, '', UNSUPPORTED",
        "kdf, Argon2id, UNSUPPORTED",
        "kdf, none, DAMAGED",
        "kdf_iterations, 599999, DAMAGED",
        "kdf_iterations, 10000001, DAMAGED",
        "kdf_iterations, -600000, DAMAGED",
        "kdf_iterations, 0600000, DAMAGED",
        "kdf_iterations, 99999999999999999999, DAMAGED",
        "kdf_iterations, many, DAMAGED",
        "kdf_salt, '', DAMAGED",
        "kdf_salt, 00112233445566778899aabbccddee, DAMAGED",
        "kdf_salt, 00112233445566778899aabbccddeegg, DAMAGED",
        "wrapped_key, '', DAMAGED",
        "wrapped_key, 00, DAMAGED",
        "store_uuid, 1-1-1-1-1, DAMAGED",
        "store_uuid, store, DAMAGED",
        "store_uuid, 00000000-0000-0000-0000-000000000000, WRONG_SECRET"
    })
    void open_forgedHeaderWithFittingCheck_isRefused(String name, String value, Reason reason) {
        try (KvSecret password = KvSecret.password("Geheimnis".toCharArray())) {
            Map<String, String> header = with(HEADER_OF_PASSWORD, name, value);
            header.put("encryption_check", check(header));
            DecryptionException refused = refused(reason, header, password);
            if (reason != Reason.WRONG_SECRET) {
                assertThat(refused).hasMessageContaining(name.equals("kdf") && value.equals("none") ? "kdf_" : name);
            }
        }
    }

    @Test
    void open_controlCharactersInTheHeader_areNotRepeated() {
        Map<String, String> header = with(HEADER_OF_PASSWORD, "encryption", "\u001b[2Jforged");
        header.put("encryption_check", check(header));
        assertThat(refused(Reason.UNSUPPORTED, header, keyFile).getMessage()).doesNotContain("\u001b", "forged");
    }

    @Test
    void open_headerOfOneStoreWithIdOfAnother_isRefused() {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        Map<String, String> other = ValueCipher.newHeader(keyFile);
        assertThat(header.get("store_uuid")).isNotEqualTo(other.get("store_uuid"));
        assertThat(header.get("wrapped_key")).isNotEqualTo(other.get("wrapped_key"));
        header.put("store_uuid", other.get("store_uuid"));
        header.put("encryption_check", check(header));
        refused(Reason.WRONG_SECRET, header, keyFile);
    }

    @Test
    void open_tamperedValues20000_refusesAllAlike() {
        tamper(20_000);
    }

    @Test
    @Tag("campaign")
    void open_tamperedValuesOneMillion_refusesAllAlike() {
        tamper(1_000_000);
    }

    private void tamper(int count) {
        Random random = new Random(SEED);
        Map<String, Integer> refusals = new HashMap<>();
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        try (ValueCipher cipher = ValueCipher.open(header, keyFile, FILE);
                ValueCipher writer = ValueCipher.open(header, keyFile, FILE);
                ValueCipher foreign = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE)) {
            for (int i = 0; i < count; i++) {
                byte[] plain = new byte[random.nextInt(10) == 0 ? 0 : random.nextInt(300)];
                random.nextBytes(plain);
                byte[] aad = ("main|key" + random.nextInt(1_000)).getBytes(UTF_8);
                byte[] sealed = (random.nextBoolean() ? cipher : writer).seal(aad, plain);
                byte[] other = writer.seal(aad, plain);
                byte[] tamperedAad = aad;
                byte[] tampered = sealed;
                int kind = i % 10;
                switch (kind) {
                    case 0 -> tampered = flip(sealed, random.nextInt(8 * sealed.length));
                    case 1 -> tampered = flip(sealed, random.nextInt(8 * 24));
                    case 2 -> tampered = flip(sealed, 8 * (sealed.length - 16) + random.nextInt(128));
                    case 3 -> tampered = Arrays.copyOf(sealed, random.nextInt(sealed.length));
                    case 4 -> tampered = Arrays.copyOf(sealed, sealed.length + 1 + random.nextInt(40));
                    case 5 -> tamperedAad = flip(aad, random.nextInt(8 * aad.length));
                    case 6 -> tamperedAad = Arrays.copyOf(aad, random.nextInt(aad.length));
                    case 7 -> tampered = foreign.seal(aad, plain);
                    // The prefix of one value before the rest of another, which was written for the same key.
                    case 8 -> {
                        tampered = sealed.clone();
                        System.arraycopy(other, 0, tampered, 0, 24);
                    }
                    default -> {
                        tampered = new byte[random.nextInt(200)];
                        random.nextBytes(tampered);
                    }
                }
                String what = "seed " + SEED + ", value " + i + ", kind " + kind;
                byte[] usedAad = tamperedAad;
                byte[] used = tampered;
                assertThat(catchThrowable(() -> cipher.open(usedAad, used)))
                        .as(what)
                        .isExactlyInstanceOf(DecryptionException.class)
                        .satisfies(refused -> refusals.merge(refused.getMessage(), 1, Integer::sum));
                if (i % 100 == 0) {
                    assertThat(cipher.open(aad, sealed)).as(what).isEqualTo(plain);
                }
            }
        }
        assertThat(refusals).as("one message for all").hasSize(1).containsValue(count);
        assertThat(refusals.keySet().iterator().next()).contains("store.db", "changed, or moved");
    }

    @Test
    void open_valueMovedToAnotherKey_namesFileAndReason() {
        try (ValueCipher cipher = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE)) {
            byte[] sealed = cipher.seal(AAD, "the value".getBytes(UTF_8));
            assertThatThrownBy(() -> cipher.open("main|other".getBytes(UTF_8), sealed))
                    .isInstanceOfSatisfying(DecryptionException.class, refused -> {
                        assertThat(refused.file()).isEqualTo(FILE);
                        assertThat(refused.reason()).isEqualTo(Reason.DAMAGED);
                        assertTellsNothing(refused, "the value");
                    });
        }
    }

    @Test
    void seal_manyOpeningsAndThreads_neverRepeatsANonce() throws Exception {
        assertThat(repeatedNonces(6, 4, 10_000, 9_000)).isZero();
    }

    @Test
    @Tag("campaign")
    void seal_tenMillionValues_neverRepeatsANonce() throws Exception {
        assertThat(repeatedNonces(25, 4, 100_000, 250_000)).isZero();
    }

    /** Of some openings of one store, each used by threads at once, with a new salt after so many values. */
    private long repeatedNonces(int openings, int threads, int sealsOfThread, long valuesPerSession) throws Exception {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        Map<String, BitSet> counters = new HashMap<>();
        long repeated = 0;
        for (int opening = 0; opening < openings; opening++) {
            try (ValueCipher cipher = ValueCipher.open(header, keyFile, FILE, valuesPerSession)) {
                List<byte[]> rows = new ArrayList<>();
                for (List<byte[]> ofThread : inThreads(threads, () -> {
                    List<byte[]> prefixes = new ArrayList<>();
                    for (int i = 0; i < sealsOfThread; i++) {
                        byte[] sealed = cipher.seal(AAD, AAD);
                        if (i % 1_000 == 0) {
                            assertThat(cipher.open(AAD, sealed)).isEqualTo(AAD);
                        }
                        prefixes.add(Arrays.copyOf(sealed, 24));
                    }
                    return prefixes;
                })) {
                    rows.addAll(ofThread);
                }
                assertThat(rows).hasSize(threads * sealsOfThread);
                for (byte[] row : rows) {
                    String salt = HexFormat.of().formatHex(row, 0, 16);
                    int counter = Math.toIntExact(ByteBuffer.wrap(row).getLong(16));
                    assertThat(counter < valuesPerSession).isTrue();
                    BitSet seen = counters.computeIfAbsent(salt, unseen -> new BitSet());
                    repeated += seen.get(counter) ? 1 : 0;
                    seen.set(counter);
                }
            }
        }
        long sessionsOfOpening = (threads * (long) sealsOfThread + valuesPerSession - 1) / valuesPerSession;
        assertThat(counters).hasSize((int) (openings * sessionsOfOpening));
        assertThat(counters.values().stream().mapToLong(BitSet::cardinality).sum())
                .isEqualTo((long) openings * threads * sealsOfThread);
        return repeated;
    }

    @Test
    void open_valuesOf3000Sessions_readsThemAgainAndAgain() {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        List<byte[]> rows = new ArrayList<>();
        try (ValueCipher writer = ValueCipher.open(header, keyFile, FILE, 1)) {
            for (int i = 0; i < 3_000; i++) {
                rows.add(writer.seal(AAD, Integer.toString(i).getBytes(UTF_8)));
            }
        }
        assertThat(rows.stream()
                        .map(row -> HexFormat.of().formatHex(row, 0, 16))
                        .distinct())
                .hasSize(3_000);
        try (ValueCipher reader = ValueCipher.open(header, keyFile, FILE)) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < rows.size(); i++) {
                    assertThat(reader.open(AAD, rows.get(i))).asString(UTF_8).isEqualTo(Integer.toString(i));
                }
            }
        }
    }

    @Test
    void sealAndOpen_fourThreadsAtOnce_giveEachItsOwn() throws Exception {
        try (ValueCipher cipher = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE, 1_000)) {
            inThreads(4, () -> {
                Random random = new Random(Thread.currentThread().getName().hashCode());
                for (int i = 0; i < 5_000; i++) {
                    byte[] aad = new byte[random.nextInt(100)];
                    byte[] plain = new byte[random.nextInt(2_000)];
                    random.nextBytes(aad);
                    random.nextBytes(plain);
                    byte[] sealed = cipher.seal(aad, plain);
                    assertThat(cipher.open(aad, sealed)).isEqualTo(plain);
                    byte[] damaged = flip(sealed, random.nextInt(8 * sealed.length));
                    assertThatThrownBy(() -> cipher.open(aad, damaged)).isInstanceOf(DecryptionException.class);
                }
                return null;
            });
        }
    }

    @Test
    void close_whileThreadsSeal_leavesOnlyValuesThatOpen() throws Exception {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        try (ValueCipher reader = ValueCipher.open(header, keyFile, FILE)) {
            for (int round = 0; round < 50; round++) {
                // Few values for a salt, so that keys are derived while the data key is overwritten.
                ValueCipher cipher = ValueCipher.open(header, keyFile, FILE, 3);
                CountDownLatch started = new CountDownLatch(2);
                ExecutorService pool = Executors.newFixedThreadPool(2);
                try {
                    List<Future<List<byte[]>>> sealing = new ArrayList<>();
                    for (int thread = 0; thread < 2; thread++) {
                        sealing.add(pool.submit(() -> sealUntilClosed(cipher, started)));
                    }
                    started.await();
                    cipher.close();
                    for (Future<List<byte[]>> sealed : sealing) {
                        for (byte[] row : sealed.get()) {
                            assertThat(reader.open(AAD, row)).isEqualTo(AAD);
                        }
                    }
                } finally {
                    pool.shutdownNow();
                }
            }
        }
    }

    private static List<byte[]> sealUntilClosed(ValueCipher cipher, CountDownLatch started) {
        List<byte[]> rows = new ArrayList<>();
        try {
            while (true) {
                rows.add(cipher.seal(AAD, AAD));
                started.countDown();
            }
        } catch (IllegalStateException closed) {
            assertThat(closed).hasMessageContaining("closed");
            return rows;
        }
    }

    @Test
    void close_twice_refusesUseAfterwards() {
        ValueCipher cipher = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE);
        byte[] sealed = cipher.seal(AAD, AAD);
        cipher.close();
        cipher.close();
        assertThatThrownBy(() -> cipher.seal(AAD, AAD)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cipher.open(AAD, sealed)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void open_afterTheSecretIsClosed_goesOn() {
        try (ValueCipher cipher = ValueCipher.open(ValueCipher.newHeader(keyFile), keyFile, FILE, 1)) {
            keyFile.close();
            byte[] first = cipher.seal(AAD, AAD);
            byte[] second = cipher.seal(AAD, AAD);
            assertThat(cipher.open(AAD, first)).isEqualTo(AAD);
            assertThat(cipher.open(AAD, second)).isEqualTo(AAD);
        }
    }

    @Test
    void toString_always_tellsTheStoreOnly() {
        Map<String, String> header = ValueCipher.newHeader(keyFile);
        try (ValueCipher cipher = ValueCipher.open(header, keyFile, FILE)) {
            assertThat(cipher).hasToString("ValueCipher[" + header.get("store_uuid") + "]");
        }
    }

    /* Made once from the format's description alone, by another program in another language. They open for ever. */

    private static final Map<String, String> HEADER_OF_PASSWORD = Map.of(
            "encryption", "AES-256-GCM",
            "kdf", "PBKDF2-HMAC-SHA256",
            "kdf_iterations", "600000",
            "kdf_salt", "f8b71cffed39d740452d30cbdbdcbc85",
            "wrapped_key",
                    "560633f083eec82ba354e557463c4c1c8f8dcbd86b9a6ba84f1d1631cad72371"
                            + "e57789bf0366d8e780bcd9764be4b47cf732dcc5d05aa644bc49d609",
            "store_uuid", "6f1c2b7e-90a4-4d53-8e2f-0b5a7c3d1e49",
            "encryption_check", "de0133e2");
    private static final Map<String, String> HEADER_OF_KEY_FILE = Map.of(
            "encryption", "AES-256-GCM",
            "kdf", "none",
            "wrapped_key",
                    "3b68671cb9720c08d09cad4c5054b54acf85b6eb1ec341da6a5ee71b65d27952"
                            + "b52060b233249df11586cd7d814a77e75f572d2563b6b21f9d752cf1",
            "store_uuid", "6f1c2b7e-90a4-4d53-8e2f-0b5a7c3d1e49",
            "encryption_check", "9a0364ee");
    private static final String GOLDEN_PASSWORD = "Geheimnis é 水車";
    private static final String GOLDEN_KEY_FILE = "1d5599b0acdf61320fee7aa87169c80fedb991c88f2867630ae98c4ee5ed6f57";
    /** "Millrace, März" of "table|key", as value 0x0102030405 of its session. */
    private static final String GOLDEN_VALUE =
            "de13cccbb846d7480021428d662a01c600000001020304054ace3a0db79c3f691cd0e5612ce16f72e9e07a138593a31247182a7def182a";
    /** Nothing, of nothing. */
    private static final String GOLDEN_EMPTY_VALUE =
            "de13cccbb846d7480021428d662a01c60000000000000000e86e9a395c5cbd659c6695be5721969e";

    @Test
    void open_goldenStoreOfAPassword_readsItsValues() {
        try (KvSecret secret = KvSecret.password(GOLDEN_PASSWORD.toCharArray())) {
            assertGolden(HEADER_OF_PASSWORD, secret);
        }
    }

    @Test
    void open_goldenStoreOfAKeyFile_readsItsValues() throws IOException {
        Path file = folder.resolve("golden.key");
        KvSecret.newKeyFile(file);
        Files.writeString(file, GOLDEN_KEY_FILE + "\n");
        try (KvSecret secret = KvSecret.keyFile(file)) {
            assertGolden(HEADER_OF_KEY_FILE, secret);
        }
    }

    private static void assertGolden(Map<String, String> header, KvSecret secret) {
        HexFormat hex = HexFormat.of();
        try (ValueCipher cipher = ValueCipher.open(header, secret, FILE)) {
            assertThat(cipher.open("table|key".getBytes(UTF_8), hex.parseHex(GOLDEN_VALUE)))
                    .asString(UTF_8)
                    .isEqualTo("Millrace, März");
            assertThat(cipher.open(new byte[0], hex.parseHex(GOLDEN_EMPTY_VALUE)))
                    .isEmpty();
        }
    }

    private static DecryptionException refused(Reason reason, Map<String, String> header, KvSecret secret) {
        Throwable thrown = catchThrowable(() -> ValueCipher.open(header, secret, FILE));
        assertThat(thrown).as("%s", header).isExactlyInstanceOf(DecryptionException.class);
        DecryptionException refused = (DecryptionException) thrown;
        assertThat(refused.reason()).as("%s: %s", header, refused).isEqualTo(reason);
        assertThat(refused.file()).isEqualTo(FILE);
        return refused;
    }

    private static void assertTellsNothing(Throwable thrown, String secret) {
        for (Throwable told = thrown; told != null; told = told.getCause()) {
            assertThat(told.toString()).doesNotContain(secret);
        }
    }

    private static Map<String, String> with(Map<String, String> header, String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(header);
        changed.put(name, value);
        return changed;
    }

    private static String check(Map<String, String> header) {
        CRC32C crc = new CRC32C();
        for (String name : List.of("encryption", "kdf", "kdf_iterations", "kdf_salt", "wrapped_key", "store_uuid")) {
            if (header.containsKey(name)) {
                crc.update((name + "=" + header.get(name) + "\n").getBytes(UTF_8));
            }
        }
        return String.format("%08x", crc.getValue());
    }

    private static byte[] flip(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private static <T> List<T> inThreads(int threads, Callable<T> body) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> done : pool.invokeAll(Collections.nCopies(threads, body))) {
                results.add(done.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
