package dev.millrace.model;

import ai.djl.Device;
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

    private final CodeColumns columns;
    private final int width;
    private final Parameter table;

    FeatureEmbedding(FeatureInput.Codes codes, int width) {
        super(VERSION);
        this.columns = CodeColumns.of(codes);
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
        return new NDList(columns.embed(columns.rowsOf(input), table(parameterStore, input.getDevice(), training)));
    }

    /** How the codes number the rows of the table. */
    CodeColumns columns() {
        return columns;
    }

    /** The joined table {@code [Σ sizes, width]}. */
    NDArray table(ParameterStore parameterStore, Device device, boolean training) {
        return parameterStore.getValue(table, device, training);
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
