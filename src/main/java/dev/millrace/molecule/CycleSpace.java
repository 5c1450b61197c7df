package dev.millrace.molecule;

import java.util.ArrayList;
import java.util.List;

/** Candidate cycles of one ring system as bond sets, and which of them are relevant. */
final class CycleSpace {
    private final int words;
    private final int dimension;
    private final List<List<long[]>> byLength = new ArrayList<>();

    CycleSpace(int bonds, int dimension) {
        this.words = (bonds + 63) >> 6;
        this.dimension = dimension;
    }

    void offer(long[] paths, int a, int b, int bond, int otherBond, int length) {
        long[] cycle = new long[words];
        for (int w = 0; w < words; w++) {
            cycle[w] = paths[a * words + w] | paths[b * words + w];
        }
        cycle[bond >> 6] |= 1L << bond;
        if (otherBond >= 0) {
            cycle[otherBond >> 6] |= 1L << otherBond;
        }
        while (byLength.size() <= length) {
            byLength.add(new ArrayList<>(0));
        }
        byLength.get(length).add(cycle);
    }

    List<long[]> relevant() {
        List<long[]> result = new ArrayList<>();
        List<long[]> basis = new ArrayList<>();
        int[] pivots = new int[dimension];
        for (List<long[]> sameLength : byLength) {
            if (basis.size() >= dimension) {
                break;
            }
            int shorter = basis.size();
            for (long[] cycle : sameLength) {
                long[] rest = cycle.clone();
                int pivot = reduce(rest, basis, pivots, 0, shorter);
                if (pivot < 0) {
                    continue;
                }
                result.add(cycle);
                pivot = reduce(rest, basis, pivots, shorter, basis.size());
                if (pivot >= 0) {
                    pivots[basis.size()] = pivot;
                    basis.add(rest);
                }
            }
        }
        return result;
    }

    /** Adds basis vectors whose pivot is set; gives the first set bit of what is left, or -1 for nothing. */
    private static int reduce(long[] vector, List<long[]> basis, int[] pivots, int from, int to) {
        for (int i = from; i < to; i++) {
            int pivot = pivots[i];
            if ((vector[pivot >> 6] >>> pivot & 1) != 0) {
                long[] row = basis.get(i);
                for (int w = 0; w < vector.length; w++) {
                    vector[w] ^= row[w];
                }
            }
        }
        for (int w = 0; w < vector.length; w++) {
            if (vector[w] != 0) {
                return (w << 6) + Long.numberOfTrailingZeros(vector[w]);
            }
        }
        return -1;
    }
}
