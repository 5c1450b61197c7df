package dev.millrace.genome;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Counts by window index, kept in pages that are made when touched, so that memory follows what is touched. One thread at a time. */
final class VisitCounts {
    private static final int PAGE_BITS = 14;
    private static final int PAGE = 1 << PAGE_BITS;

    private final Map<Long, int[]> pages = new HashMap<>();

    /** What is kept for an index; 0 at first. */
    int get(long index) {
        int[] page = pages.get(index >>> PAGE_BITS);
        return page == null ? 0 : page[(int) index & (PAGE - 1)];
    }

    void set(long index, int value) {
        pages.computeIfAbsent(index >>> PAGE_BITS, unused -> new int[PAGE])[(int) index & (PAGE - 1)] = value;
    }

    /** How many indexes have each value but 0. */
    Map<Integer, Long> histogram() {
        Map<Integer, Long> counts = new HashMap<>();
        for (int[] page : pages.values()) {
            Arrays.stream(page).filter(value -> value != 0).forEach(value -> counts.merge(value, 1L, Long::sum));
        }
        return counts;
    }
}
