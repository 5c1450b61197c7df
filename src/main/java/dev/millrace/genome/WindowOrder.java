package dev.millrace.genome;

import dev.millrace.batch.Permutation;
import org.jspecify.annotations.Nullable;

/**
 * In which order the windows of a split are visited over several epochs: sample {@code g} is of epoch {@code g / size}, and its
 * window a function of seed, epoch and {@code g mod size} alone. So any sample can be asked for first, and going on after
 * {@code consumed_samples} costs nothing.
 *
 * <p>Immutable, thread-safe; without memory for each window.
 */
public final class WindowOrder {
    /** How an epoch is shuffled. */
    public enum Shuffle {
        /** Not at all: windows in the order of their index. */
        NONE,
        /** By {@link Permutation}, as datasets of this library are; up to 2<sup>62</sup> windows. */
        NATIVE,
        /** By the hashed permutation of the original and its seeds of epochs; up to 2<sup>32</sup> windows. */
        UPSTREAM
    }

    /**
     * A window in an epoch.
     *
     * @param epoch from 0
     * @param window its index in the split
     */
    public record Visit(long epoch, long window) {}

    /* What is kept of the original's seeds: 4 bytes for each epoch. */
    private static final long LARGEST_UPSTREAM_EPOCHS = 1 << 24;

    private final long size;
    private final long samples;
    private final Shuffle shuffle;
    private final long seed;
    private final int[] epochSeeds;

    private WindowOrder(long size, long samples, Shuffle shuffle, long seed) {
        this.size = size;
        this.samples = samples;
        this.shuffle = shuffle;
        this.seed = seed;
        this.epochSeeds = shuffle == Shuffle.UPSTREAM ? EpochSeeds.of(seed, Math.toIntExact(epochs())) : new int[0];
    }

    /**
     * An order over {@code numEpochs} whole epochs, or over {@code numSamples} samples whose last epoch may be cut; over one epoch
     * if neither is given.
     *
     * @param size windows of the split
     * @param numEpochs how many epochs; null if {@code numSamples} says it
     * @param numSamples how many samples; null if {@code numEpochs} says it
     * @param seed chooses the order; not negative for that of the original
     * @throws IllegalArgumentException if both are given, or less than one epoch, or sizes beyond those of {@code shuffle}
     */
    public static WindowOrder of(
            long size, @Nullable Long numEpochs, @Nullable Long numSamples, Shuffle shuffle, long seed) {
        if (numEpochs != null && numSamples != null) {
            throw new IllegalArgumentException("Expected one of num_epochs and num_samples, found both: num_epochs="
                    + numEpochs + ", num_samples=" + numSamples + ". Leave one out.");
        }
        if (size < 1 || size > largest(shuffle)) {
            throw new IllegalArgumentException("Cannot order windows: expected 1 to " + largest(shuffle)
                    + " of them, found " + size + (size < 1 ? "." : ". Take the shuffle " + Shuffle.NATIVE + "."));
        }
        long samples;
        if (numSamples != null) {
            samples = numSamples;
        } else {
            long epochs = numEpochs == null ? 1 : numEpochs;
            samples = epochs < 1 ? 0 : times(epochs, size);
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Expected at least 1 epoch, found "
                    + (numSamples != null ? "num_samples=" + numSamples : "num_epochs=" + numEpochs) + ".");
        }
        if (shuffle == Shuffle.UPSTREAM && (seed < 0 || (samples - 1) / size >= LARGEST_UPSTREAM_EPOCHS)) {
            throw new IllegalArgumentException(
                    "Expected for the original's order a seed from 0 and at most " + LARGEST_UPSTREAM_EPOCHS
                            + " epochs, found seed " + seed + " and " + ((samples - 1) / size + 1) + " epochs.");
        }
        return new WindowOrder(size, samples, shuffle, seed);
    }

    private static long largest(Shuffle shuffle) {
        return shuffle == Shuffle.UPSTREAM ? HashedPermutation.LARGEST : Permutation.LARGEST;
    }

    private static long times(long epochs, long size) {
        try {
            return Math.multiplyExact(epochs, size);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "Expected less than 2^63 samples, found " + epochs + " epochs of " + size + " windows.", e);
        }
    }

    /** Windows of an epoch. */
    public long size() {
        return size;
    }

    /** Samples of all epochs together. */
    public long samples() {
        return samples;
    }

    /** Epochs, the last of which may be cut. */
    public long epochs() {
        return (samples - 1) / size + 1;
    }

    /**
     * What is visited as sample number {@code sample}, from 0; after a resume that is the number of samples consumed.
     *
     * @throws IndexOutOfBoundsException if there are not as many
     */
    public Visit at(long sample) {
        if (sample < 0 || sample >= samples) {
            throw new IndexOutOfBoundsException(
                    "Expected a sample from 0 to " + (samples - 1) + ", found " + sample + " (" + this + ").");
        }
        long epoch = sample / size;
        long place = sample % size;
        return new Visit(
                epoch,
                switch (shuffle) {
                    case NONE -> place;
                    case NATIVE -> new Permutation(size, seed, epoch).at(place);
                    case UPSTREAM -> HashedPermutation.at(place, size, epochSeeds[(int) epoch]);
                });
    }

    /** The seed that the original shuffles an epoch with. */
    int epochSeed(int epoch) {
        return epochSeeds[epoch];
    }

    /** What the order depends on, for a digest. */
    @Override
    public String toString() {
        return "windows=" + size + " samples=" + samples + " shuffle=" + shuffle + " seed=" + seed;
    }
}
