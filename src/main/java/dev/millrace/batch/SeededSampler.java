package dev.millrace.batch;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Batches of positions whose order is a function of seed and epoch alone, and can start at any batch at no cost.
 *
 * <p>Shuffling is a keyed permutation computed position by position, so an epoch of any size needs no memory. Immutable,
 * thread-safe.
 */
final class SeededSampler implements Sampler {
    private final long seed;
    private final int batchSize;
    private final boolean shuffle;
    private final boolean dropLast;
    private final RankShare rank;

    /** All of every epoch, on one rank. */
    SeededSampler(long seed, int batchSize, boolean shuffle, boolean dropLast) {
        this(seed, batchSize, shuffle, dropLast, RankShare.WHOLE);
    }

    /** @param dropLast whether a last batch that is not full is left out */
    SeededSampler(long seed, int batchSize, boolean shuffle, boolean dropLast, RankShare rank) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("Expected a batch size ≥ 1, found " + batchSize + ".");
        }
        this.seed = seed;
        this.batchSize = batchSize;
        this.shuffle = shuffle;
        this.dropLast = dropLast;
        this.rank = rank;
    }

    @Override
    public int getBatchSize() {
        return batchSize;
    }

    boolean shuffles() {
        return shuffle;
    }

    long seed() {
        return seed;
    }

    /** How many of {@code size} samples an epoch has on this rank. */
    long share(long size) {
        return rank.share(size);
    }

    /** Number of batches in an epoch over {@code size} samples, on this rank. */
    public long batchCount(long size) {
        long share = share(size);
        return dropLast ? share / batchSize : (share + batchSize - 1) / batchSize;
    }

    /* Number of samples in one batch of an epoch. */
    private int batchLength(int size, long batch) {
        return (int) Math.min(batchSize, share(size) - batch * batchSize);
    }

    /* Where a batch begins in the order of an epoch; a rank that is padded goes on at the beginning. */
    private int place(int size, long batch) {
        return (int) (rank.start(size, batchSize, batch) % size);
    }

    /** The order of an epoch over {@code size} samples. */
    PlaceOrder order(int size, long epoch) {
        Permutation shuffled = new Permutation(size, seed, epoch);
        return PlaceOrder.of(shuffle ? shuffled::at : place -> place);
    }

    /** What lies at the places of one batch of an epoch of {@code size} samples. */
    int[] positions(PlaceOrder order, int size, long batch) {
        int count = batchLength(size, batch);
        int start = place(size, batch);
        int[] positions = order.positions(start, Math.min(count, size - start));
        if (positions.length == count) {
            return positions;
        }
        int before = positions.length;
        positions = Arrays.copyOf(positions, count);
        System.arraycopy(order.positions(0, count - before), 0, positions, before, count - before);
        return positions;
    }

    /** The positions of one batch of one epoch over {@code size} samples. */
    public int[] batch(int size, long epoch, long batch) {
        return positions(order(size, epoch), size, batch);
    }

    /** Epoch 0, as DJL asks for it. */
    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
        int size = Math.toIntExact(dataset.size());
        long batches = batchCount(size);
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < batches;
            }

            @Override
            public List<Long> next() {
                if (next >= batches) {
                    throw new java.util.NoSuchElementException();
                }
                int[] positions = batch(size, 0, next++);
                List<Long> boxed = new ArrayList<>(positions.length);
                for (int position : positions) {
                    boxed.add((long) position);
                }
                return boxed;
            }
        };
    }

    /** What the order depends on, for a digest. */
    @Override
    public String toString() {
        return "seed=" + seed + " batch=" + batchSize + " shuffle=" + shuffle + " dropLast=" + dropLast + rank;
    }
}
