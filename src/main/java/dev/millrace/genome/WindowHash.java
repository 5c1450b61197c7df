package dev.millrace.genome;

/**
 * Chance that is a function of (seed, epoch, window) alone, so that it is the same on every thread, every rank and after every
 * restart.
 *
 * <p>With {@code mix} the finalizer of SplitMix64 (Steele, Lea, Flood 2014) and {@code φ = 0x9E3779B97F4A7C15}, in 64 bits:
 * {@code h = mix(mix(mix(seed + φ) + (epoch + 1) · φ) + (index + 1) · φ)}.
 */
final class WindowHash {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private WindowHash() {}

    static long of(long seed, long epoch, long index) {
        return mix(mix(mix(seed + GOLDEN) + (epoch + 1) * GOLDEN) + (index + 1) * GOLDEN);
    }

    /** The highest bit of {@link #of}: true for half of the windows. */
    static boolean bit(long seed, long epoch, long index) {
        return of(seed, epoch, index) < 0;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
