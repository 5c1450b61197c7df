package dev.millrace.exafs;

import java.util.Arrays;

/**
 * The ids of a batch in ascending order, and where each of them belongs. Immutable by agreement.
 *
 * @param sorted ascending; as they came where they cannot be packed beside their places
 * @param places of each of {@code sorted} in the batch
 */
record IdOrder(long[] sorted, int[] places) {
    private static final int PLACE_BITS = 20;

    static IdOrder of(long[] ids) {
        int[] places = new int[ids.length];
        long[] packed = new long[ids.length];
        boolean fits = ids.length <= 1 << PLACE_BITS;
        for (int i = 0; i < ids.length; i++) {
            places[i] = i;
            packed[i] = ids[i] << PLACE_BITS | i;
            fits &= ids[i] >= 0 && ids[i] < 1L << (Long.SIZE - 1 - PLACE_BITS);
        }
        if (!fits) {
            return new IdOrder(ids, places);
        }
        Arrays.sort(packed);
        long[] sorted = new long[ids.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = packed[i] >> PLACE_BITS;
            places[i] = (int) packed[i] & ((1 << PLACE_BITS) - 1);
        }
        return new IdOrder(sorted, places);
    }

    /** Place in the batch of what was asked for as number {@code asked}. */
    int place(int asked) {
        return places[asked];
    }
}
