package dev.millrace.training;

import ai.djl.engine.Engine;

/**
 * Makes the engine's random numbers a function of seed, epoch and batch, so that a resumed run draws what an uninterrupted
 * one draws. DJL's own samplers use the same source and become reproducible with it.
 */
final class EngineSeed {
    private static final long INITIALISATION = -1;
    private static final long ORDER = -2;

    private final long seed;

    EngineSeed(long seed) {
        this.seed = seed;
    }

    /** Before parameters get their first values. */
    void forInitialisation() {
        set(INITIALISATION, 0);
    }

    /** Before the order of an epoch is drawn. */
    void forOrder(long epoch) {
        set(ORDER, epoch);
    }

    /** Before a batch is computed. */
    void forBatch(long epoch, long batch) {
        set(epoch, batch);
    }

    private void set(long stream, long position) {
        Engine.getInstance().setRandomSeed((int) (mix(mix(mix(seed) + stream) + position) >>> 33));
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
