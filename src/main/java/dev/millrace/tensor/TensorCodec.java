package dev.millrace.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Writes and reads the tensor blob, version 1.
 *
 * <pre>
 *   blob        := version dtype compression rank dim{rank} [ length ] payload
 *   version     := 0xA1                         high nibble: magic, low nibble: format version
 *   dtype       := byte                         1 uint8, 2 int8, 3 boolean, 4 uint16, 5 int32, 6 int64,
 *                                               7 float16, 8 float32, 9 float64
 *   compression := byte                         0 none, 1 LZ4 block
 *   rank        := byte                         0 … 8
 *   dim, length := unsigned LEB128 varint       at most 2^31 − 1, shortest form
 *   length      present only when compression ≠ 0: bytes of the payload
 *   payload     := row-major, little-endian elements; without compression exactly dim₁ × … × dimᵣ × size bytes
 * </pre>
 *
 * The length of a blob follows from its own first bytes, so blobs may be laid end to end. An array that compression does
 * not make smaller is stored with compression 0. Raw arrays are limited to {@value #MAX_RAW_BYTES} bytes.
 */
public final class TensorCodec {
    static final int VERSION_1 = 0xA1;
    static final int MAX_RANK = 8;
    static final int MAX_RAW_BYTES = 1 << 28;

    private TensorCodec() {}

    /**
     * Encodes an array given as little-endian, row-major bytes.
     *
     * @throws IllegalArgumentException if {@code raw} does not have the size that type and shape ask for
     */
    public static TensorBlob encode(DType type, byte[] raw, Compression compression, int... shape) {
        long expected = (long) elementCount(shape) * type.sizeBytes();
        if (expected != raw.length || expected > MAX_RAW_BYTES) {
            throw new IllegalArgumentException("Cannot encode tensor: expected " + expected + " bytes (at most "
                    + MAX_RAW_BYTES + ") for " + type + ", found " + raw.length + ".");
        }
        byte[] payload = compression.compress(raw);
        boolean compressed = payload != raw;
        byte[] blob = new byte[headerLength(shape, compressed ? payload.length : -1) + payload.length];
        int at = 0;
        blob[at++] = (byte) VERSION_1;
        blob[at++] = (byte) type.code();
        blob[at++] = (byte) (compressed ? compression.code() : 0);
        blob[at++] = (byte) shape.length;
        for (int dim : shape) {
            at = putVarint(blob, at, dim);
        }
        if (compressed) {
            at = putVarint(blob, at, payload.length);
        }
        System.arraycopy(payload, 0, blob, at, payload.length);
        return TensorBlob.parse(blob);
    }

    /** Encodes bytes 0 … 255, uncompressed: feature codes. */
    public static TensorBlob ofUnsignedBytes(byte[] values, int... shape) {
        return encode(DType.UINT8, values, Compression.NONE, shape);
    }

    /** Encodes non-negative integers in the narrowest of uint8, uint16 and int32 that holds the largest, uncompressed. */
    public static TensorBlob ofIndices(int[] values, int... shape) {
        int all = 0;
        for (int value : values) {
            all |= value;
        }
        if (all < 0) {
            throw new IllegalArgumentException("Cannot encode indices: expected values ≥ 0, found a negative one.");
        }
        DType type = all < 1 << 8 ? DType.UINT8 : all < 1 << 16 ? DType.UINT16 : DType.INT32;
        ByteBuffer raw = littleEndian(values.length, type);
        for (int value : values) {
            switch (type.sizeBytes()) {
                case 1 -> raw.put((byte) value);
                case 2 -> raw.putShort((short) value);
                default -> raw.putInt(value);
            }
        }
        return encode(type, raw.array(), Compression.NONE, shape);
    }

    /** Encodes float32 values. */
    public static TensorBlob ofFloats(float[] values, Compression compression, int... shape) {
        ByteBuffer raw = littleEndian(values.length, DType.FLOAT32);
        raw.asFloatBuffer().put(values);
        return encode(DType.FLOAT32, raw.array(), compression, shape);
    }

    /** Encodes float64 values. */
    public static TensorBlob ofDoubles(double[] values, Compression compression, int... shape) {
        ByteBuffer raw = littleEndian(values.length, DType.FLOAT64);
        raw.asDoubleBuffer().put(values);
        return encode(DType.FLOAT64, raw.array(), compression, shape);
    }

    private static ByteBuffer littleEndian(int count, DType type) {
        return ByteBuffer.allocate(Math.multiplyExact(count, type.sizeBytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int elementCount(int[] shape) {
        if (shape.length > MAX_RANK) {
            throw new IllegalArgumentException(
                    "Cannot encode tensor: expected at most " + MAX_RANK + " dimensions, found " + shape.length + ".");
        }
        int count = 1;
        for (int dim : shape) {
            count = Math.multiplyExact(count, Objects.checkIndex(dim, Integer.MAX_VALUE));
        }
        return count;
    }

    private static int headerLength(int[] shape, int payloadLength) {
        int length = 4;
        for (int dim : shape) {
            length += varintLength(dim);
        }
        return payloadLength < 0 ? length : length + varintLength(payloadLength);
    }

    private static int varintLength(int value) {
        return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
    }

    private static int putVarint(byte[] target, int at, int value) {
        int rest = value;
        int next = at;
        while (rest >= 0x80) {
            target[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[next++] = (byte) rest;
        return next;
    }
}
