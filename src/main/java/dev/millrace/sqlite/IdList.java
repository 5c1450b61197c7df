package dev.millrace.sqlite;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Ascending ids as one blob: unsigned LEB128 varints of the differences, the first from 0. One read at open instead of an
 * index scan.
 */
final class IdList {
    private IdList() {}

    /**
     * Packs ids.
     *
     * @throws IllegalArgumentException if they are negative or not strictly ascending
     */
    public static byte[] pack(long[] ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(ids.length + 16);
        long previous = -1;
        for (long id : ids) {
            if (id <= previous) {
                throw new IllegalArgumentException(
                        "Expected ascending ids ≥ 0, found " + id + " after " + previous + ".");
            }
            long rest = previous < 0 ? id : id - previous;
            while (rest >= 0x80) {
                out.write((int) (rest | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
            previous = id;
        }
        return out.toByteArray();
    }

    /**
     * Unpacks {@code count} ids.
     *
     * @throws IllegalArgumentException if the blob does not hold exactly that many ascending ids
     */
    public static long[] unpack(byte[] packed, int count) {
        // One byte per id at least: a forged count is refused before anything is allocated for it.
        if (count < 0 || count > packed.length) {
            throw malformed(count);
        }
        long[] ids = new long[count];
        int at = 0;
        long previous = 0;
        for (int i = 0; i < count; i++) {
            long step = 0;
            int shift = 0;
            int part;
            do {
                if (at == packed.length || shift > 56) {
                    throw malformed(count);
                }
                part = packed[at++];
                step |= (long) (part & 0x7F) << shift;
                shift += 7;
            } while (part < 0);
            long id = previous + step;
            if (id < previous || (i > 0 && step == 0)) {
                throw malformed(count);
            }
            ids[i] = id;
            previous = id;
        }
        if (at != packed.length) {
            throw malformed(count);
        }
        return ids;
    }

    /** Whether an ascending list holds an id. */
    public static boolean contains(long[] ids, long id) {
        return Arrays.binarySearch(ids, id) >= 0;
    }

    private static IllegalArgumentException malformed(int count) {
        return new IllegalArgumentException("Expected " + count + " packed ids, found a damaged list.");
    }
}
