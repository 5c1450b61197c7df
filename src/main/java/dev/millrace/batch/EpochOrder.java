package dev.millrace.batch;

/** A dataset whose order of samples is a function of an epoch number, so that training can stop and go on. */
public interface EpochOrder {
    /**
     * Fixes what the next call of {@code getData} yields: the given epoch, from the given batch on. Without it, calls count
     * epochs from 0 and start at batch 0.
     */
    void setNextEpoch(long epoch, long firstBatch);

    /** Identifies content, split and order; equal digests give equal batches. */
    String digest();
}
