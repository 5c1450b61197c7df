package dev.millrace.spool;

import dev.millrace.Internal;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames being put together, to be appended in one go. Fields are little-endian. Reused after {@link #clear}; one thread at a
 * time.
 */
@Internal
public final class FrameBuffer {
    /** Longest text that {@link #putText} takes, in bytes of UTF-8. */
    static final int LONGEST_TEXT = 0xFFFF;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[256];
    private int size;
    private int frames;
    private int frameStart = -1;

    /** Forgets all frames. */
    public void clear() {
        size = 0;
        frames = 0;
        frameStart = -1;
    }

    /** Starts a frame. */
    public void begin() {
        if (frameStart >= 0) {
            throw new IllegalStateException("The frame before has not ended.");
        }
        room(Segment.FRAME_HEADER_BYTES);
        frameStart = size;
        size += Segment.FRAME_HEADER_BYTES;
    }

    /**
     * Ends the frame.
     *
     * @throws IllegalArgumentException if it is larger than a frame may be; it is forgotten then
     */
    public void end() {
        int payload = size - frameStart - Segment.LENGTH_AND_CRC_BYTES;
        int start = frameStart;
        frameStart = -1;
        if (payload > Segment.LARGEST_PAYLOAD) {
            size = start;
            throw new IllegalArgumentException(
                    "Expected a frame of at most " + Segment.LARGEST_PAYLOAD + " bytes, found " + payload + ".");
        }
        INT.set(bytes, start, payload);
        frames++;
    }

    /** Forgets the first frames, which are appended already. */
    public void dropFirst(int count) {
        int at = 0;
        for (int frame = 0; frame < count; frame++) {
            at += Segment.LENGTH_AND_CRC_BYTES + (int) INT.get(bytes, at);
        }
        System.arraycopy(bytes, at, bytes, 0, size - at);
        size -= at;
        frames -= count;
    }

    public void putByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    public void putInt(int value) {
        room(Integer.BYTES);
        INT.set(bytes, size, value);
        size += Integer.BYTES;
    }

    public void putLong(long value) {
        room(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    public void putDouble(double value) {
        putLong(Double.doubleToRawLongBits(value));
    }

    /**
     * A text of at most {@link #LONGEST_TEXT} bytes, after its length in 2 bytes.
     *
     * @throws IllegalArgumentException if it is longer
     */
    public void putText(String text) {
        int length = text.length();
        if (length <= LONGEST_TEXT) {
            room(Short.BYTES + length);
            int at = size + Short.BYTES;
            int done = 0;
            // Names are ASCII nearly always, and then need no encoder.
            while (done < length && text.charAt(done) < 0x80) {
                bytes[at++] = (byte) text.charAt(done++);
            }
            if (done == length) {
                SHORT.set(bytes, size, (short) length);
                size = at;
                return;
            }
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        if (encoded.length > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "Expected a text of at most " + LONGEST_TEXT + " bytes, found " + encoded.length + ".");
        }
        room(Short.BYTES + encoded.length);
        SHORT.set(bytes, size, (short) encoded.length);
        System.arraycopy(encoded, 0, bytes, size + Short.BYTES, encoded.length);
        size += Short.BYTES + encoded.length;
    }

    /** A text of any length, after its length in 4 bytes. */
    public void putLongText(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        putInt(encoded.length);
        room(encoded.length);
        System.arraycopy(encoded, 0, bytes, size, encoded.length);
        size += encoded.length;
    }

    /** Gives up the frame that was begun, if any. */
    public void abandon() {
        if (frameStart >= 0) {
            size = frameStart;
            frameStart = -1;
        }
    }

    /** Number of complete frames. */
    public int frames() {
        return frames;
    }

    int size() {
        return size;
    }

    void copyTo(byte[] target, int at) {
        System.arraycopy(bytes, 0, target, at, size);
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
