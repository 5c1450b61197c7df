package dev.millrace.batch;

import dev.millrace.Internal;

/**
 * A keyed permutation of 0 … n − 1 that is computed position by position, in constant time and without memory.
 *
 * <p>Immutable, thread-safe.
 */
@Internal
public final class Permutation {
    /*
     * A Feistel network over the smallest even number of bits that holds n, with results outside the range fed in again
     * ("cycle walking"), which keeps it a permutation. The network is wider than n by a factor below 4, so 2.5 walks are
     * needed on average at most. Round function: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
     */
    private static final int ROUNDS = 4;

    /** Largest {@code n}. */
    public static final long LARGEST = 1L << 62;

    private final long size;
    private final int halfBits;
    private final long halfMask;
    private final long[] keys = new long[ROUNDS];

    /**
     * One of very many permutations.
     *
     * @param size {@code n}, from 1 to {@link #LARGEST}
     * @param seed chooses it, together with {@code epoch}
     */
    public Permutation(long size, long seed, long epoch) {
        if (size > LARGEST) {
            throw new IllegalArgumentException("Expected at most 2^62 positions to permute, found " + size + ".");
        }
        this.size = size;
        int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(Math.max(size - 1, 1)));
        this.halfBits = (bits + 1) / 2;
        this.halfMask = (1L << halfBits) - 1;
        long state = mix(seed) ^ mix(epoch * 0x9E3779B97F4A7C15L + 1);
        for (int round = 0; round < ROUNDS; round++) {
            state += 0x9E3779B97F4A7C15L;
            keys[round] = mix(state);
        }
    }

    /** Where a position 0 … n − 1 goes. */
    public int at(int position) {
        return (int) at((long) position);
    }

    /** Where a position 0 … n − 1 goes. */
    public long at(long position) {
        long value = position;
        do {
            value = encrypt(value);
        } while (value >= size);
        return value;
    }

    private long encrypt(long value) {
        long left = value >>> halfBits;
        long right = value & halfMask;
        for (int round = 0; round < ROUNDS; round++) {
            long mixed = left ^ (mix(right + keys[round]) & halfMask);
            left = right;
            right = mixed;
        }
        return left << halfBits | right;
    }

    /** Scatters numbers that lie close to each other. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
