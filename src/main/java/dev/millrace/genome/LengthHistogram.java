package dev.millrace.genome;

import java.util.ArrayList;
import java.util.List;

/** Counts contigs by length, three classes to a power of ten: 1, 2, 5, 10, 20, 50 … One thread at a time. */
public final class LengthHistogram {
    private static final int[] STEPS = {1, 2, 5};

    /**
     * Contigs of similar length.
     *
     * @param from least length
     * @param to greatest length
     * @param contigs how many there are
     * @param bases their bases
     */
    public record Bin(long from, long to, long contigs, long bases) {}

    private final List<Bin> bins = new ArrayList<>();

    LengthHistogram() {
        bins.add(new Bin(0, 0, 0, 0));
        long from = 1;
        for (long power = 1; power <= 1_000_000_000_000L; power *= 10) {
            for (int step = 0; step < STEPS.length; step++) {
                long next = step + 1 < STEPS.length ? STEPS[step + 1] * power : 10 * power;
                bins.add(new Bin(from, next - 1, 0, 0));
                from = next;
            }
        }
        bins.add(new Bin(from, Long.MAX_VALUE, 0, 0));
    }

    void add(long length) {
        int low = 0;
        int high = bins.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (length > bins.get(middle).to()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Bin bin = bins.get(low);
        bins.set(low, new Bin(bin.from(), bin.to(), bin.contigs() + 1, bin.bases() + length));
    }

    /** The classes from the first to the last that has any. */
    List<Bin> bins() {
        int first = 0;
        int last = bins.size();
        while (first < last && bins.get(first).contigs() == 0) {
            first++;
        }
        while (last > first && bins.get(last - 1).contigs() == 0) {
            last--;
        }
        return List.copyOf(bins.subList(first, last));
    }
}
