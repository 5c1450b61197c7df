package dev.millrace.batch;

import java.util.function.IntToLongFunction;
import java.util.zip.CRC32C;

/** Tells one list of numbers from another. */
final class LongChecksum {
    private static final int CHUNK_BYTES = 1 << 13;

    private LongChecksum() {}

    /** How many there are and the CRC-32C over their bytes, the lowest first. */
    static String of(int count, IntToLongFunction numbers) {
        CRC32C crc = new CRC32C();
        byte[] chunk = new byte[CHUNK_BYTES];
        int filled = 0;
        for (int i = 0; i < count; i++) {
            long number = numbers.applyAsLong(i);
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                chunk[filled++] = (byte) (number >>> shift);
            }
            if (filled == CHUNK_BYTES) {
                crc.update(chunk, 0, filled);
                filled = 0;
            }
        }
        crc.update(chunk, 0, filled);
        return count + ":" + Long.toHexString(crc.getValue());
    }
}
