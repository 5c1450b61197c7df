package dev.millrace.batch;

import java.util.stream.IntStream;

/**
 * The first samples in order.
 *
 * @param count how many samples
 */
record OrderedPlan(long epoch, int batchSize, int count) implements BatchStream.Plan {
    @Override
    public long batchCount() {
        return ((long) count + batchSize - 1) / batchSize;
    }

    @Override
    public int[] positions(long batch) {
        int from = Math.toIntExact(batch * batchSize);
        return IntStream.range(from, Math.min(count, from + batchSize)).toArray();
    }
}
