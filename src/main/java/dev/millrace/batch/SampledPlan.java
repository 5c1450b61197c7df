package dev.millrace.batch;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A sampler of the user's, drawn once: it may be random and may not know how many batches it gives. */
final class SampledPlan implements BatchStream.Plan {
    private final List<int[]> batches = new ArrayList<>();
    private final long epoch;

    SampledPlan(Iterator<List<Long>> sampled, long epoch) {
        this.epoch = epoch;
        while (sampled.hasNext()) {
            batches.add(sampled.next().stream().mapToInt(Math::toIntExact).toArray());
        }
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public long batchCount() {
        return batches.size();
    }

    @Override
    public int[] positions(long batch) {
        return batches.get((int) batch);
    }
}
