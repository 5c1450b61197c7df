package dev.millrace.model;

import ai.djl.ndarray.NDList;

/**
 * A loss that is a mean over something else than samples, such as tokens: losses and gradients of several batches are joined
 * by this weight, so that how batches are cut does not matter.
 */
public interface WeightedLoss {
    /** Over how many the mean of a batch is, at least 0; a batch of weight 0 has the loss 0 and teaches nothing. */
    long weight(NDList labels);
}
