package dev.millrace.kv;

import dev.millrace.kv.DecryptionException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What the file of an encrypted store says of its encryption, as entries of its {@code dataset_info} table; other
 * entries there are none of our business.
 * <pre>
 *   encryption        AES-256-GCM
 *   kdf               PBKDF2-HMAC-SHA256, or none for a key file
 *   kdf_iterations    600000 to 10000000; absent if kdf is none
 *   kdf_salt          16 random bytes; absent if kdf is none
 *   wrapped_key       nonce(12, random) data key(32, encrypted) tag(16)
 *   store_uuid        of this store, in its usual form of 36 characters
 *   encryption_check  CRC32C, 8 hexadecimal digits, of "name=value\n" of the entries above in this order, UTF-8
 * </pre>
 * Bytes are written as hexadecimal digits.
 *
 * <p>The data key is 32 random bytes, never changes, and is encrypted by AES-256-GCM with the 16 bytes of the UUID, most
 * significant first, as additional data. Its key is PBKDF2 of the password's UTF-8 bytes, or the key file's 32 bytes. The
 * 600,000 iterations are those that OWASP's Password Storage Cheat Sheet asks for; more than 10 million would only let a
 * forged file stall us.
 *
 * <p>The check guards against nobody who means it; it tells a damaged file, which a backup mends, from a wrong password,
 * which another try mends. Immutable.
 */
final class CipherHeader {
    static final String ENCRYPTION = "encryption";
    static final String KDF = "kdf";
    static final String KDF_ITERATIONS = "kdf_iterations";
    static final String KDF_SALT = "kdf_salt";
    static final String WRAPPED_KEY = "wrapped_key";
    static final String STORE_UUID = "store_uuid";
    static final String CHECK = "encryption_check";

    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;
    static final int SALT_BYTES = 16;
    static final int UUID_BYTES = 16;

    private static final String AES_GCM = "AES-256-GCM";
    private static final String PBKDF2 = "PBKDF2-HMAC-SHA256";
    private static final String NO_KDF = "none";
    private static final int ITERATIONS = 600_000;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final List<String> CHECKED =
            List.of(ENCRYPTION, KDF, KDF_ITERATIONS, KDF_SALT, WRAPPED_KEY, STORE_UUID);
    /** What may be repeated in a message: a forged file shall not write to a terminal. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 ._-]{0,40}");

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private final Map<String, String> info;
    private final Path file;

    private CipherHeader(Map<String, String> info, Path file) {
        this.info = info;
        this.file = file;
    }

    /** Whether a file's entries speak of encryption; also if some of them are missing. */
    static boolean isPresent(Map<String, String> info) {
        return info.containsKey(CHECK) || CHECKED.stream().anyMatch(info::containsKey);
    }

    /** The entries of a new store with a data key of its own. */
    static Map<String, String> create(KvSecret secret) {
        SecureRandom random = new SecureRandom();
        UUID uuid = UUID.randomUUID();
        Map<String, String> info = new LinkedHashMap<>();
        info.put(ENCRYPTION, AES_GCM);
        byte[] wrappingKey;
        if (secret.isPassword()) {
            byte[] salt = new byte[SALT_BYTES];
            random.nextBytes(salt);
            info.put(KDF, PBKDF2);
            info.put(KDF_ITERATIONS, Integer.toString(ITERATIONS));
            info.put(KDF_SALT, HexFormat.of().formatHex(salt));
            wrappingKey = secret.keyOfPassword(salt, ITERATIONS);
        } else {
            info.put(KDF, NO_KDF);
            wrappingKey = secret.keyOfFile();
        }
        byte[] dataKey = new byte[KEY_BYTES];
        random.nextBytes(dataKey);
        byte[] wrapped = new byte[NONCE_BYTES + KEY_BYTES + TAG_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        System.arraycopy(nonce, 0, wrapped, 0, NONCE_BYTES);
        try {
            Cipher cipher = wrapCipher(Cipher.ENCRYPT_MODE, wrappingKey, nonce, uuid);
            cipher.doFinal(dataKey, 0, KEY_BYTES, wrapped, NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot wrap the data key: this Java lacks AES/GCM/NoPadding", e);
        } finally {
            Arrays.fill(wrappingKey, (byte) 0);
            Arrays.fill(dataKey, (byte) 0);
        }
        info.put(WRAPPED_KEY, HexFormat.of().formatHex(wrapped));
        info.put(STORE_UUID, uuid.toString());
        info.put(CHECK, check(info));
        return info;
    }

    /**
     * Checks that the entries are what was written; asks for no secret yet.
     *
     * @throws DecryptionException NOT_ENCRYPTED, DAMAGED or UNSUPPORTED
     */
    static CipherHeader parse(Map<String, String> info, Path file) {
        CipherHeader header = new CipherHeader(info, file);
        if (!isPresent(info)) {
            throw new DecryptionException(
                    "Cannot open with a secret: the store is not encrypted (" + file
                            + "). Open it without password and key file.",
                    file,
                    Reason.NOT_ENCRYPTED,
                    null);
        }
        if (!header.text(CHECK).equals(check(info))) {
            throw header.damaged(CHECK, "the checksum of the other entries", "another");
        }
        header.requireKnown(ENCRYPTION, List.of(AES_GCM));
        header.requireKnown(KDF, List.of(PBKDF2, NO_KDF));
        if (header.usesPassword()) {
            header.iterations();
            header.bytes(KDF_SALT, SALT_BYTES);
        } else {
            header.requireAbsent(KDF_ITERATIONS);
            header.requireAbsent(KDF_SALT);
        }
        header.bytes(WRAPPED_KEY, NONCE_BYTES + KEY_BYTES + TAG_BYTES);
        header.storeUuid();
        return header;
    }

    /**
     * The data key, which the caller overwrites.
     *
     * @throws DecryptionException SECRET_MISSING, OTHER_KIND_OF_SECRET or WRONG_SECRET
     */
    byte[] unwrap(@Nullable KvSecret secret) {
        if (secret == null) {
            throw new DecryptionException(
                    "Cannot open: the store is encrypted (" + file + "). Give its "
                            + (usesPassword() ? "password." : "key file."),
                    file,
                    Reason.SECRET_MISSING,
                    null);
        }
        if (secret.isPassword() != usesPassword()) {
            throw new DecryptionException(
                    "Cannot open: expected a "
                            + (usesPassword() ? "password, found a key file" : "key file, found a password") + " ("
                            + file + "). Give what the store was made with.",
                    file,
                    Reason.OTHER_KIND_OF_SECRET,
                    null);
        }
        byte[] wrapped = bytes(WRAPPED_KEY, NONCE_BYTES + KEY_BYTES + TAG_BYTES);
        byte[] wrappingKey =
                usesPassword() ? secret.keyOfPassword(bytes(KDF_SALT, SALT_BYTES), iterations()) : secret.keyOfFile();
        try {
            byte[] nonce = Arrays.copyOf(wrapped, NONCE_BYTES);
            return wrapCipher(Cipher.DECRYPT_MODE, wrappingKey, nonce, storeUuid())
                    .doFinal(wrapped, NONCE_BYTES, KEY_BYTES + TAG_BYTES);
        } catch (AEADBadTagException e) {
            throw new DecryptionException(
                    "Cannot open: wrong password or key file (" + file + "). Give the "
                            + (usesPassword() ? "password" : "key file") + " that the store was made with.",
                    file,
                    Reason.WRONG_SECRET,
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot unwrap the data key: this Java lacks AES/GCM/NoPadding", e);
        } finally {
            Arrays.fill(wrappingKey, (byte) 0);
        }
    }

    private static Cipher wrapCipher(int mode, byte[] key, byte[] nonce, UUID uuid) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(Byte.SIZE * TAG_BYTES, nonce));
        cipher.updateAAD(toBytes(uuid));
        return cipher;
    }

    UUID storeUuid() {
        String text = text(STORE_UUID);
        try {
            UUID uuid = UUID.fromString(text);
            // Java also reads "1-1-1-1-1".
            if (uuid.toString().equals(text)) {
                return uuid;
            }
        } catch (IllegalArgumentException notOne) {
            // As any other text that is not one.
        }
        throw damaged(STORE_UUID, "a UUID", "another text");
    }

    static byte[] toBytes(UUID uuid) {
        return ByteBuffer.allocate(UUID_BYTES)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    private boolean usesPassword() {
        return text(KDF).equals(PBKDF2);
    }

    private int iterations() {
        String text = text(KDF_ITERATIONS);
        int iterations = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (iterations < ITERATIONS || iterations > MAX_ITERATIONS) {
            throw damaged(KDF_ITERATIONS, ITERATIONS + " to " + MAX_ITERATIONS, shown(text));
        }
        return iterations;
    }

    private byte[] bytes(String name, int length) {
        String text = text(name);
        if (text.length() == 2 * length && text.chars().allMatch(HexFormat::isHexDigit)) {
            return HexFormat.of().parseHex(text);
        }
        throw damaged(name, 2 * length + " hexadecimal digits", text.length() + " characters that are not");
    }

    private String text(String name) {
        String text = info.get(name);
        if (text == null) {
            throw damaged(name, "an entry", "none");
        }
        return text;
    }

    private void requireAbsent(String name) {
        if (info.containsKey(name)) {
            throw damaged(name, "no entry beside a key file", "one");
        }
    }

    private void requireKnown(String name, List<String> known) {
        String text = text(name);
        if (!known.contains(text)) {
            throw new DecryptionException(
                    "Cannot open: " + name + " of the store is expected to be " + String.join(" or ", known)
                            + ", found " + shown(text) + " (" + file
                            + "). Open it with the version that wrote it, or a newer one.",
                    file,
                    Reason.UNSUPPORTED,
                    null);
        }
    }

    private DecryptionException damaged(String name, String expected, String found) {
        return new DecryptionException(
                "Cannot open: the description of the store's encryption is damaged: " + name + ": expected " + expected
                        + ", found " + found + " (" + file + ", table dataset_info). Restore the file from a backup.",
                file,
                Reason.DAMAGED,
                null);
    }

    private static String shown(String text) {
        return PLAIN.matcher(text).matches() ? '"' + text + '"' : "a text of " + text.length() + " characters";
    }

    private static String check(Map<String, String> info) {
        CRC32C crc = new CRC32C();
        for (String name : CHECKED) {
            String value = info.get(name);
            if (value != null) {
                crc.update((name + '=' + value + '\n').getBytes(StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().toHexDigits(crc.getValue(), 8);
    }
}
