package dev.millrace.pcqm;

/**
 * Random draws that depend on a seed and a counter only, on every version of Java the same (SplitMix64, Steele et al. 2014).
 * One thread at a time.
 */
final class Draws {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    /** Starts the stream of one counter; streams of different counters and purposes do not overlap in practice. */
    void start(long seed, long counter, int purpose) {
        state = mix(mix(seed + GOLDEN * (purpose + 1)) + counter);
    }

    private long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** 0 … bound − 1. */
    int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** From 0, below 1. */
    double share() {
        return (next() >>> 11) * 0x1p-53;
    }

    /** Mean 0, standard deviation 1, never beyond ±6: the sum of twelve even draws. */
    double bell() {
        double sum = -6;
        for (int i = 0; i < 12; i++) {
            sum += share();
        }
        return sum;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
