package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Takes the elements of one array in row-major order and stores them in the slot's type. Nothing is rounded unseen but what a
 * float32 cannot hold: an integer type takes whole numbers in its range only. One thread at a time.
 */
public final class SlotOutput {
    private final QuerySlot slot;
    private final ByteBuffer out;

    SlotOutput(QuerySlot slot) {
        this.slot = slot;
        this.out = ByteBuffer.allocate(slot.elementCount() * slot.type().sizeBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Appends a number, exact in float64.
     *
     * @throws IllegalArgumentException if it does not fit the type, or there is no room
     */
    public SlotOutput put(double value) {
        checkRoom(1);
        switch (slot.type()) {
            case FLOAT32 -> {
                if (Double.isFinite(value) && Math.abs(value) > Float.MAX_VALUE) {
                    throw new SlotMisfitException("expected a value within the range of FLOAT32, found " + value);
                }
                out.putFloat((float) value);
            }
            case FLOAT64 -> out.putDouble(value);
            default -> {
                if (value != Math.rint(value) || Math.abs(value) > 1L << 53) {
                    throw new SlotMisfitException("expected an integer for " + slot.type() + ", found " + value);
                }
                put((long) value);
            }
        }
        return this;
    }

    /**
     * Appends a whole number, exact in int64.
     *
     * @throws IllegalArgumentException if it does not fit the type, or there is no room
     */
    public SlotOutput put(long value) {
        checkRoom(1);
        switch (slot.type()) {
            case FLOAT32 -> out.putFloat((float) value);
            case FLOAT64 -> out.putDouble((double) value);
            case INT64 -> out.putLong(value);
            case INT32 -> out.putInt((int) inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT8 -> out.put((byte) inRange(value, 0, 255));
            case INT8 -> out.put((byte) inRange(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case BOOLEAN -> out.put((byte) inRange(value, 0, 1));
            case UINT16, FLOAT16 -> throw new AssertionError(slot.type());
        }
        return this;
    }

    /** Appends 1 or 0. */
    public SlotOutput put(boolean value) {
        return put(value ? 1L : 0L);
    }

    /** Appends numbers, each as {@link #put(double)}. */
    public SlotOutput put(float[] values) {
        checkRoom(values.length);
        for (float value : values) {
            put(value);
        }
        return this;
    }

    /** Appends numbers, each as {@link #put(double)}. */
    public SlotOutput put(double[] values) {
        checkRoom(values.length);
        for (double value : values) {
            put(value);
        }
        return this;
    }

    /** Appends whole numbers, each as {@link #put(long)}. */
    public SlotOutput put(int[] values) {
        checkRoom(values.length);
        for (int value : values) {
            put((long) value);
        }
        return this;
    }

    /** Appends whole numbers, each as {@link #put(long)}. */
    public SlotOutput put(long[] values) {
        checkRoom(values.length);
        for (long value : values) {
            put(value);
        }
        return this;
    }

    /** Appends elements that are little-endian bytes of the slot's type already. */
    public SlotOutput putRaw(byte[] elements) {
        if (elements.length > out.remaining()) {
            throw tooMany();
        }
        out.put(elements);
        return this;
    }

    /**
     * The array, once it is complete.
     *
     * @throws IllegalArgumentException if elements are missing, or a boolean is neither 0 nor 1
     */
    public byte[] bytes() {
        if (out.hasRemaining()) {
            throw new SlotMisfitException("expected " + slot.elementCount() + " elements for shape " + slot.shape()
                    + ", found " + out.position() / slot.type().sizeBytes());
        }
        checkBooleans(slot, out.array());
        return out.array();
    }

    /** The engine takes a byte of a boolean for 0 or 1 without looking. */
    static void checkBooleans(QuerySlot slot, byte[] elements) {
        if (slot.type() == DType.BOOLEAN) {
            for (byte element : elements) {
                if (element != 0 && element != 1) {
                    throw new SlotMisfitException("expected 0..1 for BOOLEAN, found " + (element & 0xFF));
                }
            }
        }
    }

    /** For who writes elements in the slot's type itself. */
    ByteBuffer buffer() {
        return out;
    }

    private void checkRoom(int elements) {
        if ((long) elements * slot.type().sizeBytes() > out.remaining()) {
            throw tooMany();
        }
    }

    private SlotMisfitException tooMany() {
        return new SlotMisfitException(
                "expected " + slot.elementCount() + " elements for shape " + slot.shape() + ", found more");
    }

    private long inRange(long value, long least, long most) {
        if (value < least || value > most) {
            throw new SlotMisfitException(
                    "expected " + least + ".." + most + " for " + slot.type() + ", found " + value);
        }
        return value;
    }
}
