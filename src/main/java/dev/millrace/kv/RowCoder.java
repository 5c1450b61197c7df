package dev.millrace.kv;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.CorruptTensorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Turns a value into the columns of its row and back: compress, then encrypt, then checksum. One thread at a time.
 */
final class RowCoder {
    /* What is shorter gains nothing. */
    private static final int SMALLEST_TO_COMPRESS = 64;

    private final Path file;
    private final boolean compress;
    private final @Nullable ValueCipher cipher;
    private final ByteBuffer scalar = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final RowDigest digest = new RowDigest(KvSchema.ENTRY_TABLE);

    /**
     * @param compress whether new values are compressed where that makes them smaller
     * @param cipher null for a file that is not encrypted
     */
    RowCoder(Path file, boolean compress, @Nullable ValueCipher cipher) {
        this.file = file;
        this.compress = compress;
        this.cipher = cipher;
    }

    /**
     * The columns of a row after its key.
     *
     * @param rawBytes length before compression; null without
     */
    record Row(long format, long compression, @Nullable Long rawBytes, byte[] value, long crc) {}

    Row encode(Namespace namespace, String key, StoredValue stored) {
        byte[] raw = stored.bytes();
        byte[] value = compress && raw.length >= SMALLEST_TO_COMPRESS ? Compression.LZ4.compress(raw) : raw;
        boolean smaller = value.length < raw.length;
        long format = stored.format().code();
        long compression = (smaller ? Compression.LZ4 : Compression.NONE).code();
        Long rawBytes = smaller ? Long.valueOf(raw.length) : null;
        if (cipher != null) {
            value = cipher.seal(context(namespace.name(), key, format, compression, rawBytes), value);
        }
        long crc = crc(namespace.id(), key, format, compression, rawBytes, value);
        return new Row(format, compression, rawBytes, value, crc);
    }

    /**
     * The value of a row.
     *
     * @throws CorruptDatabaseException if it is damaged, naming it
     * @throws DecryptionException if it is encrypted and not what was written
     */
    StoredValue decode(int namespaceId, String namespace, String key, Row row) {
        long crc = crc(namespaceId, key, row.format, row.compression, row.rawBytes, row.value);
        if (crc != row.crc) {
            throw damaged(namespace, key, "expected row_crc " + row.crc + ", found " + crc, null);
        }
        Codecs.Format format = Codecs.Format.byCode((int) row.format);
        if (format == null || format.code() != row.format) {
            throw damaged(namespace, key, "expected a known format, found " + row.format, null);
        }
        byte[] value = row.value;
        if (cipher != null) {
            value = cipher.open(context(namespace, key, row.format, row.compression, row.rawBytes), value);
        }
        return new StoredValue(format, decompress(namespace, key, row, value));
    }

    private long crc(
            int namespaceId, String key, long format, long compression, @Nullable Long rawBytes, byte[] value) {
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        digest.begin(
                        namespaceId,
                        keyBytes.length,
                        Long.BYTES,
                        Long.BYTES,
                        rawBytes == null ? -1 : Long.BYTES,
                        value.length)
                .value(keyBytes, 0, keyBytes.length);
        number(format);
        number(compression);
        if (rawBytes != null) {
            number(rawBytes);
        }
        return digest.value(value, 0, value.length).end();
    }

    private void number(long value) {
        digest.value(scalar.putLong(0, value).array(), 0, Long.BYTES);
    }

    private byte[] decompress(String namespace, String key, Row row, byte[] value) {
        Long rawBytes = row.rawBytes;
        if (row.compression == Compression.NONE.code() && rawBytes == null) {
            return value;
        }
        if (row.compression != Compression.LZ4.code()
                || rawBytes == null
                || rawBytes < 0
                || rawBytes > KvStore.LARGEST_VALUE_BYTES
                || rawBytes > Compression.LZ4.largestRawLength(value.length)) {
            throw damaged(
                    namespace,
                    key,
                    "expected a known compression and a length that it can give, found compression " + row.compression
                            + " of " + value.length + " bytes and raw_bytes " + rawBytes,
                    null);
        }
        byte[] raw = new byte[rawBytes.intValue()];
        try {
            Compression.LZ4.decompress(value, 0, value.length, raw);
        } catch (CorruptTensorException e) {
            throw damaged(namespace, key, e.reason(), e);
        }
        return raw;
    }

    private CorruptDatabaseException damaged(String namespace, String key, String what, @Nullable Throwable cause) {
        return new CorruptDatabaseException(
                String.format(
                        Locale.ROOT,
                        "Damaged entry %s of namespace %s: %s (%s). Restore the file, or put the entry again.",
                        Keys.shown(key),
                        Keys.shown(namespace),
                        what,
                        file),
                file,
                cause);
    }

    /** What an encrypted value is bound to: it cannot be put in another's place, nor read as something else. */
    private static byte[] context(
            String namespace, String key, long format, long compression, @Nullable Long rawBytes) {
        byte[] name = namespace.getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 * Integer.BYTES + name.length + keyBytes.length)
                .putInt((int) format)
                .putInt((int) compression)
                .putInt(rawBytes == null ? -1 : rawBytes.intValue())
                .putInt(name.length)
                .put(name)
                .put(keyBytes)
                .array();
    }
}
