package dev.millrace.genome;

/**
 * The hashed permutation of Kensler ("Correlated Multi-Jittered Sampling", Pixar 2013) in the form of the original, which does its
 * arithmetic in 64 bits instead of 32; what is beyond the mask never comes back, so both are permutations.
 */
final class HashedPermutation {
    /** The mask is filled up over 32 bits. */
    static final long LARGEST = 1L << 32;

    private HashedPermutation() {}

    /** Where {@code index} of 0 … {@code size} − 1 goes; the seed is not negative. */
    static long at(long index, long size, long seed) {
        if (size == 1) {
            return 0; // the original refuses it
        }
        long mask = (Long.highestOneBit(size - 1) << 1) - 1;
        long i = index;
        do {
            i ^= seed;
            i *= 0xe170893dL;
            i ^= seed >>> 16;
            i ^= (i & mask) >>> 4;
            i ^= seed >>> 8;
            i *= 0x0929eb3fL;
            i ^= seed >>> 23;
            i ^= (i & mask) >>> 1;
            i *= 1 | (seed >>> 27);
            i *= 0x6935fa69L;
            i ^= (i & mask) >>> 11;
            i *= 0x74dcb303L;
            i ^= (i & mask) >>> 2;
            i *= 0x9e501cc3L;
            i ^= (i & mask) >>> 2;
            i *= 0xc860a3dfL;
            i &= mask;
        } while (i >= size);
        return (i + seed) % size;
    }
}
