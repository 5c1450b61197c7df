package dev.millrace.pcqm;

import java.util.Arrays;

/** Which idx were there already, for an input without order: 16 to 32 bytes each. One thread at a time. */
final class IdxSet {
    private static final long FREE = -1;

    private long[] slots = new long[1 << 10];
    private int size;

    IdxSet() {
        Arrays.fill(slots, FREE);
    }

    /** Adds a number from 0; false if it is in already. */
    boolean add(long idx) {
        if (2 * size >= slots.length) {
            long[] old = slots;
            slots = new long[Math.multiplyExact(2, old.length)];
            Arrays.fill(slots, FREE);
            for (long value : old) {
                if (value != FREE) {
                    put(value);
                }
            }
        }
        boolean added = put(idx);
        size += added ? 1 : 0;
        return added;
    }

    private boolean put(long idx) {
        int at = (int) ((idx * 0x9E3779B97F4A7C15L) >>> 33) & (slots.length - 1);
        while (slots[at] != FREE) {
            if (slots[at] == idx) {
                return false;
            }
            at = (at + 1) & (slots.length - 1);
        }
        slots[at] = idx;
        return true;
    }
}
