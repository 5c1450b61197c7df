package dev.millrace.batch;

/**
 * The part of an epoch that one rank of a distributed training reads: of every {@code world} batches that follow each other in
 * the global order the one of its number, so that all ranks together have seen exactly the first {@code k · world · batch}
 * samples after {@code k} batches each. The rest of the epoch, if it is less than a batch for everyone, is divided equally.
 * Immutable.
 *
 * @param rank from 0
 * @param world number of ranks
 * @param remainder what becomes of samples that cannot be divided
 */
record RankShare(int rank, int world, Remainder remainder) {
    /** All of an epoch. */
    static final RankShare WHOLE = new RankShare(0, 1, Remainder.DROP);

    RankShare {
        if (world < 1 || rank < 0 || rank >= world) {
            throw new IllegalArgumentException(
                    "Expected a rank from 0 to world − 1, found rank " + rank + " of world " + world + ".");
        }
    }

    /** Samples of this rank, as many as of any other. */
    long share(long size) {
        return remainder == Remainder.DROP ? size / world : (size + world - 1) / world;
    }

    /** Place in the global order where a batch of this rank begins; with {@link Remainder#PAD} it may go on at the beginning. */
    long start(long size, int batchSize, long batch) {
        long own = Math.min(batchSize, share(size) - batch * batchSize);
        return batch * batchSize * world + rank * own;
    }

    @Override
    public String toString() {
        return world == 1 ? "" : " rank=" + rank + "/" + world + " " + remainder;
    }
}
