package dev.millrace.pcqm;

import java.util.Arrays;

/** Bytes of text that are put together. One thread at a time. */
final class Line {
    private byte[] bytes = new byte[1 << 16];
    private int length;

    void put(byte letter) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = letter;
    }

    void put(byte[] letters) {
        for (byte letter : letters) {
            put(letter);
        }
    }

    /** A number ≥ 0 in decimal, with at least {@code digits} digits. */
    void put(long number, int digits) {
        if (number >= 10 || digits > 1) {
            put(number / 10, digits - 1);
        }
        put((byte) ('0' + number % 10));
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }
}
