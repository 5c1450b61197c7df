package dev.millrace.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.millrace.model.OptimizerKernels;
import java.util.ArrayList;
import java.util.List;

/** Parameters that one call of the engine updates, with their gradients and moments. One thread at a time. */
final class UpdateLists {
    private final List<NDArray> weights = new ArrayList<>();
    private final List<NDArray> gradients = new ArrayList<>();
    private final List<NDArray> means = new ArrayList<>();
    private final List<NDArray> variances = new ArrayList<>();

    /** What they must have in common: a call has one rate, one decay, one count and one element type. */
    record Kind(DataType type, OptimizerKernels.Step step) {}

    void add(NDArray weight, NDArray gradient, NDArray mean, NDArray variance) {
        weights.add(weight);
        gradients.add(gradient);
        means.add(mean);
        variances.add(variance);
    }

    void step(Kind kind) {
        OptimizerKernels.step(weights, gradients, means, variances, kind.step);
    }
}
