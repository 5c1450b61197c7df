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

/** Category codes int64 {@code [rows, columns]} → {@code [rows, width]}: one embedding per column, summed. */
final class FeatureEmbedding extends AbstractBlock {
    private static final byte VERSION = 1;

    private final long[] sizes;
    private final long[] offsets;
    private final int width;
    private final Parameter table;

    FeatureEmbedding(FeatureInput.Codes codes, int width) {
        super(VERSION);
        this.sizes = codes.tableSizes().stream().mapToLong(Integer::longValue).toArray();
        this.offsets = new long[sizes.length];
        long rows = 0;
        for (int column = 0; column < sizes.length; column++) {
            offsets[column] = rows;
            rows += sizes[column];
        }
        this.width = width;
        // Each row of the result is a sum over the columns: scaled to unit variance.
        this.table = addParameter(Parameter.builder()
                .setName("table")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(rows, width))
                .optInitializer(new NormalInitializer((float) (1 / Math.sqrt(sizes.length))))
                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            @org.jspecify.annotations.Nullable PairList<String, Object> params) {
        NDArray codes = inputs.head();
        NDManager manager = codes.getManager();
        NDArray rows = parameterStore.getValue(table, codes.getDevice(), training);
        try (NDArray first = Constants.longs(manager, codes.getDevice(), offsets);
                NDArray limit = Constants.longs(manager, codes.getDevice(), sizes)) {
            return new NDList(ScatterAdd.embedCodes(codes, rows, first, limit));
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
