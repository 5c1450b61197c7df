package dev.millrace.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One stored array: a validated view of bytes in the format of {@link TensorCodec}. Shape and type are known without
 * decompressing, so that a reader can size its target first and decode into it once.
 *
 * <p>Immutable as long as the bytes it views are left alone; thread-safe. Decompression happens on each read and is not
 * kept.
 */
public final class TensorBlob {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);
    private static final VarHandle FLOAT = view(float[].class);
    private static final VarHandle DOUBLE = view(double[].class);

    private static final int SMALL_HEADER = 6;

    private final byte[] source;
    private final int start;
    private final int payload;
    private final int end;
    private final DType type;
    private final Compression compression;
    private final int[] shape;
    private final int elementCount;

    TensorBlob(
            byte[] source,
            int start,
            int payload,
            int end,
            DType type,
            Compression compression,
            int[] shape,
            int count) {
        this.source = source;
        this.start = start;
        this.payload = payload;
        this.end = end;
        this.type = type;
        this.compression = compression;
        this.shape = shape;
        this.elementCount = count;
    }

    /**
     * Parses a whole array as one blob.
     *
     * @throws CorruptTensorException if the bytes are not exactly one blob
     */
    public static TensorBlob parse(byte[] bytes) {
        TensorBlob blob = parse(bytes, 0, bytes.length);
        if (blob.end != bytes.length) {
            throw new CorruptTensorException(
                    "expected the blob to end after " + blob.end + " bytes, found " + bytes.length, blob.end);
        }
        return blob;
    }

    /**
     * Parses the blob that starts at {@code offset}; it may be followed by other bytes. Nothing is read at or after
     * {@code limit}, and nothing is allocated for a payload.
     *
     * @throws CorruptTensorException if no valid blob starts there
     */
    public static TensorBlob parse(byte[] bytes, int offset, int limit) {
        Objects.checkFromToIndex(offset, limit, bytes.length);
        TensorBlob small = parseSmall(bytes, offset, limit);
        return small == null ? new BlobHeaderParser(bytes, offset, limit).parse() : small;
    }

    /**
     * A raw vector or matrix with dimensions below 128, as nearly all arrays of small graphs are; null for any other, and for
     * whatever the parser has to refuse.
     */
    private static @Nullable TensorBlob parseSmall(byte[] bytes, int offset, int limit) {
        if (limit - offset < SMALL_HEADER || bytes[offset] != (byte) TensorCodec.VERSION_1 || bytes[offset + 2] != 0) {
            return null;
        }
        int rank = bytes[offset + 3];
        DType type = DType.byCode(bytes[offset + 1]);
        int first = bytes[offset + 4];
        int second = rank == 2 ? bytes[offset + 5] : 1;
        if (type == null || rank < 1 || rank > 2 || first < 0 || second < 0) {
            return null;
        }
        int count = first * second;
        int payload = offset + 4 + rank;
        int end = payload + count * type.sizeBytes();
        if (end > limit || end < payload) {
            return null;
        }
        int[] shape = rank == 2 ? new int[] {first, second} : new int[] {first};
        return new TensorBlob(bytes, offset, payload, end, type, Compression.NONE, shape, count);
    }

    /**
     * Length of the blob that starts at {@code offset}, its header checked as by {@link #parse(byte[], int, int)}.
     *
     * @throws CorruptTensorException if no valid blob starts there
     */
    public static int encodedLength(byte[] bytes, int offset, int limit) {
        return parse(bytes, offset, limit).encodedLength();
    }

    /** Element type as stored. */
    public DType type() {
        return type;
    }

    /** Number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** Length of one dimension. */
    public int dim(int axis) {
        return shape[axis];
    }

    /** A copy of the shape. */
    public int[] shape() {
        return shape.clone();
    }

    /** Product of all dimensions. */
    public int elementCount() {
        return elementCount;
    }

    /** How the payload is stored. */
    public Compression compression() {
        return compression;
    }

    /** Bytes of header and payload. */
    public int encodedLength() {
        return end - start;
    }

    /** The encoded bytes, as they go into a BLOB column; the array this blob views if it fills it, so not to be changed. */
    public byte[] toBytes() {
        return start == 0 && end == source.length ? source : Arrays.copyOfRange(source, start, end);
    }

    /** The array whose bytes from {@link #offset()} on, {@link #encodedLength()} of them, are this blob. Not to be changed. */
    public byte[] backingArray() {
        return source;
    }

    /** Where this blob starts in {@link #backingArray()}. */
    public int offset() {
        return start;
    }

    /** All elements converted to float32; integers beyond 2^24 are rounded. */
    public float[] toFloats() {
        float[] values = new float[elementCount];
        byte[] raw = raw();
        int at = rawOffset(raw);
        for (int i = 0; i < values.length; i++) {
            values[i] = type.isFloating() ? (float) doubleAt(raw, at, i) : (float) longAt(raw, at, i);
        }
        return values;
    }

    /** All elements converted to float64. */
    public double[] toDoubles() {
        double[] values = new double[elementCount];
        byte[] raw = raw();
        int at = rawOffset(raw);
        if (type == DType.FLOAT64) {
            ByteBuffer.wrap(raw, at, elementCount * Double.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asDoubleBuffer()
                    .get(values);
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = type.isFloating() ? doubleAt(raw, at, i) : (double) longAt(raw, at, i);
        }
        return values;
    }

    /**
     * All elements of an integer array.
     *
     * @throws IllegalStateException if the type is floating
     */
    public long[] toLongs() {
        requireInteger();
        long[] values = new long[elementCount];
        byte[] raw = raw();
        int at = rawOffset(raw);
        for (int i = 0; i < values.length; i++) {
            values[i] = longAt(raw, at, i);
        }
        return values;
    }

    /** Appends the elements as float32 at the target's position and moves it. The target is little-endian. */
    public void putFloats(ByteBuffer target) {
        byte[] raw = raw();
        int at = rawOffset(raw);
        if (type == DType.FLOAT32) {
            target.put(raw, at, elementCount * Float.BYTES);
            return;
        }
        int to = target.position();
        target.position(Math.addExact(to, Math.multiplyExact(elementCount, Float.BYTES)));
        if (type == DType.UINT8) {
            for (int i = 0; i < elementCount; i++) {
                target.putFloat(to + (i << 2), raw[at + i] & 0xFF);
            }
        } else {
            for (int i = 0; i < elementCount; i++) {
                float value = type.isFloating() ? (float) doubleAt(raw, at, i) : (float) longAt(raw, at, i);
                target.putFloat(to + (i << 2), value);
            }
        }
    }

    /**
     * Appends the rows of a matrix as float32 rows of another width, the first columns of each and zeros where it has fewer,
     * at the target's position and moves it. The target is little-endian.
     *
     * @throws IllegalStateException if this is no matrix
     */
    public void putFloats(ByteBuffer target, int width) {
        if (shape.length != 2) {
            throw new IllegalStateException("Expected a matrix, found " + this + ".");
        }
        byte[] raw = raw();
        int at = rawOffset(raw);
        int kept = Math.min(width, shape[1]);
        for (int row = 0; row < shape[0]; row++) {
            int first = row * shape[1];
            for (int i = first; i < first + kept; i++) {
                target.putFloat(type.isFloating() ? (float) doubleAt(raw, at, i) : (float) longAt(raw, at, i));
            }
            for (int column = kept; column < width; column++) {
                target.putFloat(0);
            }
        }
    }

    /**
     * Appends the elements {@code from ≤ i < to} as int64, each increased by {@code addend}, at the target's position and
     * moves it. The target is little-endian.
     *
     * @return as {@link #max()} of the range, before {@code addend}, so that an index can be checked on its way
     * @throws IllegalStateException if the type is floating
     */
    public long putLongs(ByteBuffer target, int from, int to, long addend) {
        requireInteger();
        Objects.checkFromToIndex(from, to, elementCount);
        byte[] raw = raw();
        int at = rawOffset(raw);
        int position = target.position();
        target.position(Math.addExact(position, Math.multiplyExact(to - from, Long.BYTES)));
        long largest = -1;
        if (type == DType.UINT8) {
            int largestByte = -1;
            for (int i = from; i < to; i++, position += Long.BYTES) {
                int value = raw[at + i] & 0xFF;
                largestByte = Math.max(largestByte, value);
                target.putLong(position, value + addend);
            }
            return largestByte;
        }
        for (int i = from; i < to; i++, position += Long.BYTES) {
            long value = longAt(raw, at, i);
            largest = Math.max(largest, asIndex(value));
            target.putLong(position, value + addend);
        }
        return largest;
    }

    /** Appends the little-endian elements in their stored type at the target's position and moves it. */
    public void putRaw(ByteBuffer target) {
        byte[] raw = raw();
        target.put(raw, rawOffset(raw), elementCount * type.sizeBytes());
    }

    /**
     * The largest element of an array of indices: −1 when it is empty, {@link Long#MAX_VALUE} when one is negative, so that
     * one comparison tells whether all are in range.
     */
    public long max() {
        requireInteger();
        byte[] raw = raw();
        int at = rawOffset(raw);
        long max = -1;
        for (int i = 0; i < elementCount; i++) {
            max = Math.max(max, asIndex(longAt(raw, at, i)));
        }
        return max;
    }

    private static long asIndex(long value) {
        return value < 0 ? Long.MAX_VALUE : value;
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    private void requireInteger() {
        if (type.isFloating()) {
            throw new IllegalStateException("Expected an integer tensor, found " + this + ".");
        }
    }

    /** The array that holds the elements: the source itself when nothing is compressed. */
    private byte[] raw() {
        if (compression == Compression.NONE) {
            return source;
        }
        byte[] raw = new byte[elementCount * type.sizeBytes()];
        try {
            compression.decompress(source, payload, end - payload, raw);
        } catch (CorruptTensorException e) {
            throw new CorruptTensorException(e.reason(), payload - start, e);
        }
        return raw;
    }

    @SuppressWarnings("ReferenceEquality") // asks whether it is this very array
    private int rawOffset(byte[] raw) {
        return raw == source ? payload : 0;
    }

    private long longAt(byte[] raw, int at, int index) {
        return switch (type) {
            case UINT8, BOOLEAN -> raw[at + index] & 0xFF;
            case INT8 -> raw[at + index];
            case UINT16 -> (short) SHORT.get(raw, at + (index << 1)) & 0xFFFF;
            case INT32 -> (int) INT.get(raw, at + (index << 2));
            case INT64 -> (long) LONG.get(raw, at + (index << 3));
            case FLOAT16, FLOAT32, FLOAT64 -> throw new AssertionError(type);
        };
    }

    private double doubleAt(byte[] raw, int at, int index) {
        return switch (type) {
            case FLOAT16 -> halfToFloat((short) SHORT.get(raw, at + (index << 1)));
            case FLOAT32 -> (float) FLOAT.get(raw, at + (index << 2));
            case FLOAT64 -> (double) DOUBLE.get(raw, at + (index << 3));
            case UINT8, INT8, BOOLEAN, UINT16, INT32, INT64 -> throw new AssertionError(type);
        };
    }

    /* IEEE 754 binary16; java.lang.Float has this from release 20 on. */
    private static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >>> 10 & 0x1F;
        int mantissa = half & 0x3FF;
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 31 ? 0xFF : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | mantissa << 13);
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }
}
