package dev.millrace.batch;

/**
 * The batches of one epoch in an order that is a function of seed and epoch. Immutable, thread-safe.
 *
 * @param size samples of the epoch, on all ranks together
 */
record SeededPlan(SeededSampler sampler, PlaceOrder order, int size, long epoch) implements BatchStream.Plan {
    @Override
    public long batchCount() {
        return sampler.batchCount(size);
    }

    @Override
    public int[] positions(long batch) {
        return sampler.positions(order, size, batch);
    }
}
