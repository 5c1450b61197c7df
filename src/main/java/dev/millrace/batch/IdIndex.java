package dev.millrace.batch;

import java.util.Arrays;

/**
 * Finds the place of an id in an ascending list. Memory beside the list: a quarter of a byte per id. Immutable, thread-safe.
 */
final class IdIndex {
    /*
     * Buckets of equal width in ids. Ids of a file are mostly dense, so that a bucket holds some 16 to 32 of them: a search
     * touches two cache lines, where one over the whole list would touch twenty.
     */
    private static final int IDS_PER_BUCKET = 16;
    private static final int MOST_BUCKETS = 1 << 24;

    private final IdRange ids;
    private final long first;
    private final long last;
    private final boolean dense;
    private final int shift;
    private final int[] starts;

    /** @param ids strictly ascending, not negative; kept, not copied */
    IdIndex(IdRange ids) {
        this.ids = ids;
        int count = ids.count();
        this.first = count == 0 ? 0 : ids.id(0);
        this.last = count == 0 ? -1 : ids.id(count - 1);
        long span = last - first;
        this.dense = span == count - 1;
        int wanted = Math.min(MOST_BUCKETS, Math.max(1, count / IDS_PER_BUCKET));
        int bits = 0;
        while (span >>> bits >= wanted) {
            bits++;
        }
        this.shift = bits;
        this.starts = dense ? new int[0] : starts();
    }

    private int[] starts() {
        int count = ids.count();
        int[] firsts = new int[bucket(last) + 2];
        int next = 0;
        for (int place = 0; place < count; place++) {
            for (int bucket = bucket(ids.id(place)); next <= bucket; next++) {
                firsts[next] = place;
            }
        }
        Arrays.fill(firsts, next, firsts.length, count);
        return firsts;
    }

    private int bucket(long id) {
        return (int) ((id - first) >>> shift);
    }

    /** The list itself. */
    IdRange ids() {
        return ids;
    }

    /** Place of an id in the range; −1 when it is not in it. */
    int find(long id) {
        if (id < first || id > last) {
            return -1;
        }
        if (dense) {
            return (int) (id - first);
        }
        int bucket = bucket(id);
        int found = Arrays.binarySearch(ids.ids(), ids.from() + starts[bucket], ids.from() + starts[bucket + 1], id);
        return found < 0 ? -1 : found - ids.from();
    }
}
