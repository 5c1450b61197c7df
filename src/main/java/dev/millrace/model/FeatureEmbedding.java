package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/** Category codes int64 {@code [rows, columns]} → {@code [rows, width]}: one embedding per column, summed. */
final class FeatureEmbedding extends AbstractBlock {
    private static final byte VERSION = 1;

    private final FeatureInput.Codes codes;
    private final int width;
    private final Parameter table;

    FeatureEmbedding(FeatureInput.Codes codes, int width) {
        super(VERSION);
        this.codes = codes;
        this.width = width;
        // Each row of the result is a sum over the columns: scaled to unit variance.
        this.table = addParameter(Parameter.builder()
                .setName("table")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(NodeMasses.length(codes), width))
                .optInitializer(new NormalInitializer((float) (1 / Math.sqrt(codes.width()))))
                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray input = inputs.head();
        return new NDList(embed(codes, input, parameterStore.getValue(table, input.getDevice(), training)));
    }

    /** Codes {@code [rows, columns]} → {@code [rows, width]} by a joined table {@code [Σ sizes, width]}. */
    static NDArray embed(FeatureInput.Codes codes, NDArray input, NDArray table) {
        long[] sizes = codes.tableSizes().stream().mapToLong(Integer::longValue).toArray();
        long[] offsets = new long[sizes.length];
        for (int column = 1; column < sizes.length; column++) {
            offsets[column] = offsets[column - 1] + sizes[column - 1];
        }
        NDManager manager = input.getManager();
        try (NDArray first = Constants.longs(manager, input.getDevice(), offsets);
                NDArray limit = Constants.longs(manager, input.getDevice(), sizes)) {
            return ScatterAdd.embedCodes(input, table, first, limit);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), width)};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        // There are none.
    }
}
