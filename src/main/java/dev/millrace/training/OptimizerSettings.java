package dev.millrace.training;

import java.util.List;

/**
 * Settings of {@link AdamW}. Immutable.
 *
 * @param learningRate peak learning rate; the {@link Schedule} scales it
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled weight decay per step, times the learning rate
 * @param decayBiasAndNorm whether biases and the scale and shift of normalisation layers decay too
 * @param groups learning rates by parameter name; may be empty
 */
public record OptimizerSettings(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        boolean decayBiasAndNorm,
        List<ParameterGroup> groups) {

    public OptimizerSettings {
        groups = List.copyOf(groups);
    }

    /** The usual constants (0.9, 0.999, 1e-8), no decay of biases and norms, no groups. */
    public static OptimizerSettings adamW(double learningRate, double weightDecay) {
        return new OptimizerSettings(learningRate, 0.9, 0.999, 1e-8, weightDecay, false, List.of());
    }

    /** The same settings with other groups. */
    public OptimizerSettings withGroups(List<ParameterGroup> newGroups) {
        return new OptimizerSettings(learningRate, beta1, beta2, epsilon, weightDecay, decayBiasAndNorm, newGroups);
    }

    void addFaults(List<String> faults) {
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            faults.add("optimizer learning rate must be > 0, found " + learningRate);
        }
        if (!(beta1 >= 0 && beta1 < 1)) {
            faults.add("optimizer beta1 must be in [0, 1), found " + beta1);
        }
        if (!(beta2 >= 0 && beta2 < 1)) {
            faults.add("optimizer beta2 must be in [0, 1), found " + beta2);
        }
        if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
            faults.add("optimizer epsilon must be > 0, found " + epsilon);
        }
        if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
            faults.add("optimizer weight decay must be ≥ 0, found " + weightDecay);
        }
        groups.forEach(group -> group.addFaults(faults));
    }
}
