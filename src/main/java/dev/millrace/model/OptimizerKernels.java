package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import dev.millrace.Internal;
import java.util.List;

/**
 * What an optimizer does to all parameters at once: a few calls of the engine for a step instead of a dozen for each parameter.
 * Arrays of the PyTorch engine, float32 or float64, each list on one device. One thread at a time for the same arrays.
 */
@Internal
public final class OptimizerKernels {
    private OptimizerKernels() {}

    /**
     * Numbers of one step. Immutable.
     *
     * @param count steps of these parameters so far, this one included
     * @param scale what the gradients are multiplied by first
     * @param rate learning rate
     * @param decay decoupled weight decay, times the learning rate
     */
    public record Step(
            long count, double scale, double rate, double decay, double beta1, double beta2, double epsilon) {}

    /** The root of the sum of squares of all values of all arrays, waiting for the device. */
    public static double norm(List<NDArray> gradients) {
        return gradients.isEmpty() ? 0 : ScatterAdd.gradientNorm(gradients);
    }

    /**
     * One step of AdamW (Loshchilov and Hutter, 2019) in place, with both moments corrected for their start from zero. All
     * arrays of all lists have one element type, those at the same place one shape; the gradients are zero afterwards.
     */
    public static void step(
            List<NDArray> weights, List<NDArray> gradients, List<NDArray> means, List<NDArray> variances, Step step) {
        ScatterAdd.adamW(
                weights,
                gradients,
                means,
                variances,
                (double) step.count,
                step.scale,
                step.rate,
                step.decay,
                step.beta1,
                step.beta2,
                step.epsilon);
    }

    /** Sets what an array has collected as its gradient to zero. */
    public static void clearGradient(NDArray weight) {
        ScatterAdd.clearGradient(weight);
    }
}
