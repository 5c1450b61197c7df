package dev.millrace.training;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives parameters their first values, once, when the shapes of the data are known. One thread at a time. */
final class Initialisation {
    private final EngineSeed seed;
    private final Shape @Nullable [] inputShapes;
    private final List<Pretrained> pretrained;
    private boolean done;

    /** Parameters to take from another model: those whose names start with the prefix, see {@link ParameterGroup}. */
    record Pretrained(Model source, String prefix) {}

    /** @param restored whether all values came from a checkpoint, so that nothing is left to do */
    Initialisation(EngineSeed seed, Shape @Nullable [] inputShapes, List<Pretrained> pretrained, boolean restored) {
        this.seed = seed;
        this.inputShapes = inputShapes;
        this.pretrained = pretrained;
        this.done = restored;
    }

    /** Before the first batch is computed. */
    void ensure(Trainer trainer, NDList data) {
        if (done) {
            return;
        }
        done = true;
        if (!trainer.getModel().getBlock().isInitialized()) {
            seed.forInitialisation();
            trainer.initialize(
                    inputShapes != null
                            ? inputShapes
                            : data.stream().map(NDArray::getShape).toArray(Shape[]::new));
        }
        pretrained.forEach(part -> copy(part, trainer.getModel()));
    }

    private static void copy(Pretrained part, Model target) {
        List<String> faults = new ArrayList<>();
        List<Parameter> targets = new ArrayList<>();
        List<NDArray> values = new ArrayList<>();
        for (Pair<String, Parameter> entry : target.getBlock().getParameters()) {
            if (ParameterGroup.matches(part.prefix(), entry.getKey())) {
                Shape wanted = entry.getValue().getArray().getShape();
                Parameter source = part.source().getBlock().getParameters().get(entry.getKey());
                if (source == null || !source.getArray().getShape().equals(wanted)) {
                    faults.add("pretrained parameter " + entry.getKey() + " must have shape " + wanted + ", found "
                            + (source == null ? "none" : source.getArray().getShape()));
                } else {
                    targets.add(entry.getValue());
                    values.add(source.getArray());
                }
            }
        }
        if (targets.isEmpty() && faults.isEmpty()) {
            faults.add("pretrained prefix '" + part.prefix() + "' matches no parameter; there are "
                    + target.getBlock().getParameters().keys());
        }
        if (!faults.isEmpty()) {
            throw new InvalidPlanException(faults);
        }
        for (int i = 0; i < targets.size(); i++) {
            Parameter parameter = targets.get(i);
            boolean trained = parameter.requiresGradient();
            // The engine refuses to overwrite an array that collects gradients, except on the thread that loaded it.
            parameter.freeze(true);
            values.get(i).copyTo(parameter.getArray());
            parameter.freeze(!trained);
        }
    }
}
