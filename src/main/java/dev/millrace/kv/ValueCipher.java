package dev.millrace.kv;

import dev.millrace.kv.DecryptionException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts the values of one store, each bound to what the caller says it belongs to. A sealed value is
 * <pre>
 *   salt(16) counter(8, most significant byte first) ciphertext(as long as the value) tag(16)
 * </pre>
 * with
 * <pre>
 *   row key    HMAC-SHA256(data key, "millrace kv row v1" salt 0x01)
 *   nonce      counter(8) 0 0 0 0
 *   additional store UUID(16, most significant byte first), then what the caller gave
 * </pre>
 * under AES-256-GCM. The data key comes from the {@link CipherHeader}. The row key is the first block of HKDF-Expand of
 * RFC 5869; its Extract is left out, as RFC 5869 §3.3 allows for a key that is random already.
 *
 * <p><b>No nonce twice.</b> Each {@link #open(Map, KvSecret, Path)} draws a salt of its own and counts from 0, so whoever
 * was killed, or goes on from a restored snapshot of the file, has other row keys than before and need remember nothing.
 * 2^32 openings of one store share a salt with a probability of 2^-65. A memory image of the running process that is
 * resumed twice is not covered.
 *
 * <p><b>Limits</b> of NIST SP 800-38D: unique nonces (§8), 96 bits long, and at most 2^32 values per row key, which §8.3
 * asks of random nonces and we keep although ours are counted; then follows a new salt. A value has at most 2^31 bytes,
 * far less than the 2^36 of §5.2.1.1.
 *
 * <p><b>Not hidden:</b> lengths of values, which were written by the same process and in which order, and that a whole
 * file was replaced by an older one of the same store.
 *
 * <p>Thread-safe. Cost beside AES itself: under 1 µs. Whoever opened it closes it.
 */
final class ValueCipher implements AutoCloseable {
    /** By how much a sealed value is longer. */
    static final int OVERHEAD_BYTES = CipherHeader.SALT_BYTES + Long.BYTES + CipherHeader.TAG_BYTES;

    private static final int PREFIX_BYTES = CipherHeader.SALT_BYTES + Long.BYTES;
    private static final long VALUES_PER_SESSION = 1L << 32;
    private static final int MAX_READ_KEYS = 1_024;
    private static final byte[] ROW_INFO = "millrace kv row v1".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final UUID storeUuid;
    private final byte[] storeUuidBytes;
    private final long valuesPerSession;
    private final SecureRandom random = new SecureRandom();
    /** Of sessions whose values were read; dropped when there are too many. */
    private final Map<Salt, SecretKeySpec> readKeys = new ConcurrentHashMap<>();
    /** As many as were in use at once. A new one for each value would take longer (3 µs) than the encryption of 1 kB. */
    private final Queue<Cipher> idleCiphers = new ConcurrentLinkedQueue<>();
    /** Guarded by this; overwritten by close. */
    private final byte[] dataKey;

    private volatile Session session;
    private volatile boolean closed;

    private ValueCipher(byte[] dataKey, UUID storeUuid, Path file, long valuesPerSession) {
        this.dataKey = dataKey;
        this.storeUuid = storeUuid;
        this.storeUuidBytes = CipherHeader.toBytes(storeUuid);
        this.file = file;
        this.valuesPerSession = valuesPerSession;
        this.session = newSession();
    }

    /** Entries for the {@code dataset_info} table of a new store, with a new data key. A password takes half a second. */
    static Map<String, String> newHeader(KvSecret secret) {
        return CipherHeader.create(secret);
    }

    /** Whether the {@code dataset_info} table speaks of encryption, be it well or damaged. */
    static boolean isEncrypted(Map<String, String> info) {
        return CipherHeader.isPresent(info);
    }

    /**
     * Opens the cipher of an encrypted store. A password takes half a second. The secret may be closed afterwards.
     *
     * @param info the {@code dataset_info} table; entries of others are passed over
     * @param secret null says that none was given
     * @param file named in messages, never opened
     * @throws DecryptionException with any reason
     */
    static ValueCipher open(Map<String, String> info, @Nullable KvSecret secret, Path file) {
        return open(info, secret, file, VALUES_PER_SESSION);
    }

    /** As above, with another bound of values for a row key. */
    static ValueCipher open(Map<String, String> info, @Nullable KvSecret secret, Path file, long valuesPerSession) {
        CipherHeader header = CipherHeader.parse(info, file);
        return new ValueCipher(header.unwrap(secret), header.storeUuid(), file, valuesPerSession);
    }

    /**
     * Encrypts a value.
     *
     * @param aad what the value belongs to, in a form that no two owners share; not kept in the result, and needed
     *     again to open it
     */
    byte[] seal(byte[] aad, byte[] plain) {
        if (plain.length > Integer.MAX_VALUE - 8 - OVERHEAD_BYTES) {
            throw new IllegalArgumentException("A value of " + plain.length + " bytes is too long to be encrypted");
        }
        Session current = session;
        long counter = current.counter.getAndIncrement();
        while (counter >= valuesPerSession) {
            current = sessionAfter(current);
            counter = current.counter.getAndIncrement();
        }
        requireOpen();
        byte[] sealed = new byte[OVERHEAD_BYTES + plain.length];
        ByteBuffer.wrap(sealed)
                .putLong(current.salt.high)
                .putLong(current.salt.low)
                .putLong(counter);
        try {
            Cipher cipher = takeCipher();
            init(cipher, Cipher.ENCRYPT_MODE, current.key, counter, aad);
            cipher.doFinal(plain, 0, plain.length, sealed, PREFIX_BYTES);
            giveBack(cipher);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot encrypt a value: this Java lacks AES/GCM/NoPadding", e);
        }
        return sealed;
    }

    /**
     * Decrypts a value.
     *
     * @param aad as given to {@link #seal}
     * @throws DecryptionException DAMAGED: whatever differs, the bytes, their owner or the store. Nothing of the value
     *     is told
     */
    byte[] open(byte[] aad, byte[] sealed) {
        requireOpen();
        if (sealed.length < OVERHEAD_BYTES) {
            throw damagedValue(null);
        }
        ByteBuffer prefix = ByteBuffer.wrap(sealed);
        Salt salt = new Salt(prefix.getLong(), prefix.getLong());
        long counter = prefix.getLong();
        SecretKeySpec known = readKeys.get(salt);
        SecretKeySpec key = known == null ? rowKey(salt) : known;
        byte[] plain = new byte[sealed.length - OVERHEAD_BYTES];
        try {
            Cipher cipher = takeCipher();
            init(cipher, Cipher.DECRYPT_MODE, key, counter, aad);
            cipher.doFinal(sealed, PREFIX_BYTES, sealed.length - PREFIX_BYTES, plain, 0);
            giveBack(cipher);
        } catch (GeneralSecurityException | ProviderException e) {
            // The cipher is not given back: who knows its state.
            throw damagedValue(e);
        }
        if (known == null) {
            // Only now: forged salts shall not drive out real ones.
            remember(salt, key);
        }
        return plain;
    }

    private void init(Cipher cipher, int mode, SecretKeySpec key, long counter, byte[] aad)
            throws GeneralSecurityException {
        byte[] nonce =
                ByteBuffer.allocate(CipherHeader.NONCE_BYTES).putLong(counter).array();
        cipher.init(mode, key, new GCMParameterSpec(Byte.SIZE * CipherHeader.TAG_BYTES, nonce));
        cipher.updateAAD(storeUuidBytes);
        cipher.updateAAD(aad);
    }

    private Cipher takeCipher() throws GeneralSecurityException {
        Cipher idle = idleCiphers.poll();
        return idle == null ? Cipher.getInstance("AES/GCM/NoPadding") : idle;
    }

    private void giveBack(Cipher cipher) {
        if (!closed) {
            idleCiphers.add(cipher);
        }
    }

    private void remember(Salt salt, SecretKeySpec key) {
        if (closed) {
            return;
        }
        if (readKeys.size() >= MAX_READ_KEYS) {
            readKeys.clear();
        }
        readKeys.put(salt, key);
    }

    private synchronized Session sessionAfter(Session full) {
        if (session == full) {
            session = newSession();
        }
        return session;
    }

    private Session newSession() {
        byte[] bytes = new byte[CipherHeader.SALT_BYTES];
        random.nextBytes(bytes);
        ByteBuffer drawn = ByteBuffer.wrap(bytes);
        Salt salt = new Salt(drawn.getLong(), drawn.getLong());
        return new Session(salt, rowKey(salt), new AtomicLong());
    }

    /** Synchronized, so that no key is ever derived from a data key that is being overwritten. */
    private synchronized SecretKeySpec rowKey(Salt salt) {
        requireOpen();
        byte[] key = new byte[0];
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(dataKey, "HmacSHA256"));
            mac.update(ROW_INFO);
            mac.update(ByteBuffer.allocate(CipherHeader.SALT_BYTES)
                    .putLong(salt.high)
                    .putLong(salt.low)
                    .array());
            key = mac.doFinal(new byte[] {1});
            return new SecretKeySpec(key, "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot derive a row key: this Java lacks HmacSHA256", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** The same for all causes: a damaged row tells no more to who damaged it. */
    private DecryptionException damagedValue(@Nullable Exception cause) {
        return new DecryptionException(
                "Cannot decrypt a value: it was changed, or moved here from another key or store (" + file
                        + "). Restore the file from a backup, or remove the entry.",
                file,
                Reason.DAMAGED,
                cause);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The store is closed (" + file + ")");
        }
    }

    /**
     * Overwrites the data key and forgets the rest, which the JDK gives no way to overwrite: keys derived from it go with
     * the garbage collector. Calls in flight end well or with an {@link IllegalStateException}.
     */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(dataKey, (byte) 0);
        readKeys.clear();
        idleCiphers.clear();
    }

    /** Tells the store only. */
    @Override
    public String toString() {
        return "ValueCipher[" + storeUuid + "]";
    }

    private record Salt(long high, long low) {}

    /** What this process encrypts with. */
    private static final class Session {
        private final Salt salt;
        private final SecretKeySpec key;
        private final AtomicLong counter;

        Session(Salt salt, SecretKeySpec key, AtomicLong counter) {
            this.salt = salt;
            this.key = key;
            this.counter = counter;
        }
    }
}
