package dev.millrace.tensor;

import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * How the payload of a blob is stored. Immutable and thread-safe.
 *
 * <p>A new algorithm is one more permitted type with its own code; existing codes never change their meaning.
 */
public sealed interface Compression permits Compression.None, Compression.Lz4 {
    /** The payload is the array itself. Free to read, and the smallest for narrow feature codes. */
    Compression NONE = new None();

    /** LZ4 block, written at high compression and read by the bounds-checked native decompressor. */
    Compression LZ4 = new Lz4();

    /** The byte of the blob header. */
    int code();

    /** The compressed bytes, or {@code raw} itself when compression does not make it smaller. */
    byte[] compress(byte[] raw);

    /**
     * Decompresses exactly {@code raw.length} bytes.
     *
     * @throws CorruptTensorException if the payload yields another length or is malformed
     */
    void decompress(byte[] payload, int offset, int length, byte[] raw);

    /** The largest raw size that {@code compressedLength} bytes can stand for; a larger claim is a forgery. */
    long largestRawLength(int compressedLength);

    /** Stores bytes as they are. */
    record None() implements Compression {
        @Override
        public int code() {
            return 0;
        }

        @Override
        public byte[] compress(byte[] raw) {
            return raw;
        }

        @Override
        public void decompress(byte[] payload, int offset, int length, byte[] raw) {
            if (length != raw.length) {
                throw new CorruptTensorException("expected " + raw.length + " bytes, found " + length, offset);
            }
            System.arraycopy(payload, offset, raw, 0, length);
        }

        @Override
        public long largestRawLength(int compressedLength) {
            return compressedLength;
        }
    }

    /** LZ4 block format. */
    record Lz4() implements Compression {
        /* Only the safe decompressor: the "fast" one trusts the stored length and is slower in the maintained fork. */
        private static final LZ4Factory FACTORY = LZ4Factory.fastestInstance();

        @Override
        public int code() {
            return 1;
        }

        @Override
        public byte[] compress(byte[] raw) {
            byte[] compressed = FACTORY.highCompressor().compress(raw);
            return compressed.length < raw.length ? compressed : raw;
        }

        @Override
        public void decompress(byte[] payload, int offset, int length, byte[] raw) {
            int written;
            try {
                written = FACTORY.safeDecompressor().decompress(payload, offset, length, raw, 0, raw.length);
            } catch (LZ4Exception e) {
                throw new CorruptTensorException("malformed LZ4 block", offset, e);
            }
            if (written != raw.length) {
                throw new CorruptTensorException(
                        "expected " + raw.length + " bytes after LZ4, found " + written, offset);
            }
        }

        @Override
        public long largestRawLength(int compressedLength) {
            // One input byte adds at most 255 output bytes to a match length.
            return 255L * compressedLength + 64;
        }
    }
}
