package dev.millrace.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.millrace.batch.GraphArrays;
import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import java.util.List;

/**
 * How molecules become the input of a model. Immutable, thread-safe.
 *
 * @param spec computes the features
 * @param padded whether an adapter makes numbers of its codes, as in the training data
 * @param name of the specification that reaches the model
 */
public record MoleculeInput(FeatureSpec spec, boolean padded, String name) {
    /**
     * The input of a model.
     *
     * @param name as in the model's file, the adapter in it
     * @throws IllegalArgumentException if there is no such specification
     */
    public static MoleculeInput named(String name) {
        boolean padded = name.endsWith(FeatureInput.PADDED);
        String base = padded ? name.substring(0, name.length() - FeatureInput.PADDED.length()) : name;
        return new MoleculeInput(FeatureSpec.named(base), padded, name);
    }

    /** The five arrays of {@link GraphArrays}, on a manager on the CPU. */
    public NDList arrays(NDManager manager, List<Graph> graphs) {
        if (padded) {
            return GraphArrays.ofFloats(
                    manager,
                    graphs,
                    FeatureInput.nodesOf(name).width(),
                    FeatureInput.bondsOf(name).width());
        }
        boolean codes = spec.inputType() == FeatureSpec.InputType.INT64;
        return GraphArrays.of(manager, graphs, codes ? DataType.INT64 : DataType.FLOAT32);
    }
}
