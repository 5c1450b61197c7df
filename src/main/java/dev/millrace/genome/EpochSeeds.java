package dev.millrace.genome;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The seeds that the original draws for its epochs: {@code numpy.random.default_rng(seed).integers(0, 2³¹ − 1, size=epochs)}.
 *
 * <p>From the published descriptions: NumPy's {@code SeedSequence} (after O'Neill's {@code seed_seq_fe}), PCG64 = PCG XSL-RR 128/64
 * (O'Neill 2014), and bounded integers without division (Lemire 2019) from halves of its numbers, the lower first.
 */
final class EpochSeeds {
    private static final int POOL = 4;
    private static final int EXCLUSIVE = Integer.MAX_VALUE;
    private static final long MULTIPLIER_HIGH = 2549297995355413924L;
    private static final long MULTIPLIER_LOW = 4865540595714422341L;

    private final long incrementHigh;
    private final long incrementLow;
    private final Deque<Integer> halves = new ArrayDeque<>();
    private long high;
    private long low;

    private EpochSeeds(long seed) {
        long[] state = seedSequence(seed);
        this.incrementHigh = (state[2] << 1) | (state[3] >>> 63);
        this.incrementLow = (state[3] << 1) | 1;
        step();
        add(state[0], state[1]);
        step();
    }

    /**
     * Seeds of epochs 0, 1, ….
     *
     * @param seed not negative
     */
    static int[] of(long seed, int epochs) {
        EpochSeeds generator = new EpochSeeds(seed);
        int[] seeds = new int[epochs];
        Arrays.setAll(seeds, epoch -> generator.next());
        return seeds;
    }

    private int next() {
        long product;
        do {
            product = (half() & 0xFFFFFFFFL) * EXCLUSIVE;
            // 2³² mod 2³¹ − 1 = 2 products would come once too often.
        } while ((product & 0xFFFFFFFFL) < (1L << 32) % EXCLUSIVE);
        return (int) (product >>> 32);
    }

    private int half() {
        if (halves.isEmpty()) {
            step();
            long number = Long.rotateRight(high ^ low, (int) (high >>> 58));
            halves.add((int) number);
            halves.add((int) (number >>> 32));
        }
        return halves.remove();
    }

    private void step() {
        long productHigh = unsignedHigh(low, MULTIPLIER_LOW) + high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH;
        low *= MULTIPLIER_LOW;
        high = productHigh;
        add(incrementHigh, incrementLow);
    }

    private void add(long otherHigh, long otherLow) {
        low += otherLow;
        high += otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
    }

    private static long unsignedHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
    }

    private static long[] seedSequence(long seed) {
        int[] pool = new int[POOL];
        int constant = 0x43b0d7e5;
        for (int i = 0; i < POOL; i++) {
            int word = i == 0 ? (int) seed : i == 1 ? (int) (seed >>> 32) : 0;
            pool[i] = hash(word, constant, constant * 0x931e8875);
            constant *= 0x931e8875;
        }
        for (int source = 0; source < POOL; source++) {
            for (int target = 0; target < POOL; target++) {
                if (source != target) {
                    int hashed = hash(pool[source], constant, constant * 0x931e8875);
                    constant *= 0x931e8875;
                    int mixed = pool[target] * 0xca01f9dd - hashed * 0x4973f715;
                    pool[target] = mixed ^ (mixed >>> 16);
                }
            }
        }
        long[] state = new long[POOL];
        constant = 0x8b51f9dd;
        for (int i = 0; i < 2 * POOL; i++) {
            long word = hash(pool[i % POOL], constant, constant * 0x58f38ded) & 0xFFFFFFFFL;
            constant *= 0x58f38ded;
            state[i / 2] |= i % 2 == 0 ? word : word << 32;
        }
        return state;
    }

    private static int hash(int value, int before, int after) {
        int product = (value ^ before) * after;
        return product ^ (product >>> 16);
    }
}
