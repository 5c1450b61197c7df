package dev.millrace.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as stored bytes in a few large arrays: 4 bytes beside each row. Filled by one thread, then read by many.
 */
final class EncodedRows {
    /* Arrays of some 20 MB for small graphs: a collector that rounds large arrays up to its regions loses little. */
    private static final int ROWS_PER_CHUNK = 1 << 16;
    static final int CACHE_LINE_BYTES = 64;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

    /** Bytes of consecutive rows, and where each begins, with the end of the last. */
    private record Chunk(byte[] bytes, int[] offsets) {}

    private final List<Chunk> chunks = new ArrayList<>();
    private byte[] bytes = new byte[1 << 20];
    private int[] offsets = new int[ROWS_PER_CHUNK + 1];
    private int length;
    private int rows = 0;
    private long sealedBytes;

    /** Begins the next row. */
    void begin() {
        if (rows == ROWS_PER_CHUNK) {
            seal();
        }
        offsets[rows++] = length;
    }

    void append(byte[] source, int from, int count) {
        if (count > bytes.length - length) {
            long wanted = Math.max(bytes.length + (bytes.length >> 1), (long) length + count);
            if ((long) length + count > LARGEST_ARRAY) {
                throw new MemoryLimitException(
                        "Cannot keep rows in memory: expected at most " + LARGEST_ARRAY / ROWS_PER_CHUNK
                                + " bytes a row on average, found more. Turn the cache in memory off.");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, LARGEST_ARRAY));
        }
        System.arraycopy(source, from, bytes, length, count);
        length += count;
    }

    void appendInt(int value) {
        byte[] little = {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)};
        append(little, 0, little.length);
    }

    /** Ends the last row and gives up what is not needed. */
    void finish() {
        seal();
        bytes = new byte[0];
        offsets = new int[0];
    }

    /** Bytes of the rows so far and of their places. */
    long bytes() {
        return sealedBytes + length + (long) rows * Integer.BYTES;
    }

    /** Decodes a row; null if it is not the row of this id any more. */
    <R> @Nullable R decode(int row, long id, RowDecoder<R> decoder) {
        Chunk chunk = chunks.get(row / ROWS_PER_CHUNK);
        int place = row % ROWS_PER_CHUNK;
        return decoder.decode(id, chunk.bytes, chunk.offsets[place], chunk.offsets[place + 1]);
    }

    /**
     * Reads a byte of every cache line of some rows, one after another with nothing in between: so the processor waits for
     * many of them at a time, and not for each when it is decoded.
     *
     * @return any number that depends on what was read
     */
    int touch(int[] chosen) {
        int sum = 0;
        for (int row : chosen) {
            Chunk chunk = chunks.get(row / ROWS_PER_CHUNK);
            int place = row % ROWS_PER_CHUNK;
            for (int at = chunk.offsets[place]; at < chunk.offsets[place + 1]; at += CACHE_LINE_BYTES) {
                sum += chunk.bytes[at];
            }
        }
        return sum;
    }

    private void seal() {
        offsets[rows] = length;
        chunks.add(new Chunk(Arrays.copyOf(bytes, length), Arrays.copyOf(offsets, rows + 1)));
        sealedBytes += length + (long) rows * Integer.BYTES;
        rows = 0;
        length = 0;
    }
}
