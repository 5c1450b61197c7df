package dev.millrace.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
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

    /** A block of another model, and the block of this one that takes its parameters over. */
    record Pretrained(Block source, Block target) {}

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
        pretrained.forEach(Initialisation::copy);
    }

    private static void copy(Pretrained part) {
        List<String> faults = new ArrayList<>();
        List<Parameter> targets = new ArrayList<>();
        List<NDArray> values = new ArrayList<>();
        ParameterList sources = part.source().getParameters();
        ParameterList wanted = part.target().getParameters();
        for (Pair<String, Parameter> entry : wanted) {
            Parameter source = sources.get(entry.getKey());
            if (!entry.getValue().isInitialized() && (source == null || !source.isInitialized())) {
                continue;
            }
            String expected = shape(entry.getValue());
            String found = source == null ? "none" : shape(source);
            if (source == null || !found.equals(expected)) {
                faults.add(
                        "pretrained parameter " + entry.getKey() + " must have shape " + expected + ", found " + found);
            } else {
                targets.add(entry.getValue());
                values.add(source.getArray());
            }
        }
        for (String name : sources.keys()) {
            if (wanted.get(name) == null) {
                faults.add("pretrained parameter " + name + " has no place; there are " + wanted.keys());
            }
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

    private static String shape(Parameter parameter) {
        return parameter.isInitialized() ? parameter.getArray().getShape().toString() : "none";
    }
}
