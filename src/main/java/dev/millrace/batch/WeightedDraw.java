package dev.millrace.batch;

/**
 * Positions drawn with replacement, each with a probability in proportion to its weight. What is drawn at a place of an epoch is
 * a function of seed, epoch and place alone, so that any batch is drawn by itself. Immutable, thread-safe.
 *
 * <p>Memory: 9 bytes per position.
 */
final class WeightedDraw {
    /*
     * Inversion: a number below the sum of all weights is searched in the running sums. Buckets of equal width say where to
     * begin (the "guide table" of Chen and Asau, 1974); their number is a power of two, so that a number's bucket and the
     * edges of buckets are exact. A weight of 0 does not move the sum, and a search for the first larger one cannot end there.
     * An alias table would be as fast, but rounding can leave it a tiny weight in a whole cell.
     */
    private static final int POSITIONS_PER_BUCKET_BITS = 2;
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final double ULP = 0x1p-53;

    private final double[] sums;
    private final int[] starts;
    private final int count;

    private WeightedDraw(double[] sums, int count) {
        this.sums = sums;
        this.starts = starts(sums);
        this.count = count;
    }

    /**
     * Prepares draws.
     *
     * @param weights of the positions, finite and not negative; becomes this object's own
     * @param count draws of an epoch
     * @throws IllegalArgumentException if the sum of the weights is 0 or too large for a number
     */
    static WeightedDraw of(double[] weights, int count) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            weights[i] = sum;
        }
        if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "Expected weights with a finite sum > 0, found " + weights.length + " with the sum " + sum + ".");
        }
        return new WeightedDraw(weights, count);
    }

    /* For each bucket the first position that any number in it can lead to, and the last of all at the end. */
    private static int[] starts(double[] sums) {
        int buckets = Math.max(1, Integer.highestOneBit(sums.length) >> POSITIONS_PER_BUCKET_BITS);
        double total = sums[sums.length - 1];
        int[] starts = new int[buckets + 1];
        int position = 0;
        for (int bucket = 0; bucket < buckets; bucket++) {
            double edge = total * ((double) bucket / buckets);
            while (sums[position] <= edge) {
                position++;
            }
            starts[bucket] = position;
        }
        while (sums[position] < total) {
            position++;
        }
        starts[buckets] = position;
        return starts;
    }

    /** Draws of an epoch. */
    int count() {
        return count;
    }

    /** What an epoch draws at its places. */
    PlaceOrder order(long seed, long epoch) {
        long key = Permutation.mix(seed + STEP) ^ Permutation.mix(epoch * STEP + 2);
        return PlaceOrder.of(place -> at((Permutation.mix(key + (place + 1L) * STEP) >>> 11) * ULP));
    }

    /** @param share from 0, below 1 */
    private int at(double share) {
        int bucket = (int) (share * (starts.length - 1));
        int low = starts[bucket];
        int high = starts[bucket + 1];
        double wanted = share * sums[sums.length - 1];
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sums[middle] > wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Draws among some of the positions, as many as there are.
     *
     * @throws IllegalArgumentException if they weigh nothing
     */
    WeightedDraw among(int[] positions) {
        double[] weights = new double[positions.length];
        for (int i = 0; i < weights.length; i++) {
            int position = positions[i];
            weights[i] = sums[position] - (position == 0 ? 0 : sums[position - 1]);
        }
        return of(weights, positions.length);
    }

    /** What the draws depend on, for a digest. */
    @Override
    public String toString() {
        return "weights=" + LongChecksum.of(sums.length, i -> Double.doubleToLongBits(sums[i])) + " draws=" + count;
    }
}
