package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * {@code x + out(a · sigmoid(b))} with {@code [a, b]} a linear map of the normalized vectors of a token and of those one,
 * two, … dilations before it, zeros before the first; {@code [B, W, H]} → {@code [B, W, H]}. The gate is that of Dauphin et
 * al., Language Modeling with Gated Convolutional Networks (2017).
 *
 * <p>The seen tokens are laid side by side and mapped by one product of matrices, which a CPU does faster than a convolution
 * with holes.
 */
final class CausalConvolution extends AbstractBlock {
    private static final byte VERSION = 1;

    private final TokenModelConfig config;
    private final int dilation;
    private final Block norm;
    private final Block taps;
    private final Block out;
    private final Block dropout;

    CausalConvolution(TokenModelConfig config, int dilation) {
        super(VERSION);
        this.config = config;
        this.dilation = dilation;
        norm = addChildBlock("norm", LayerNorm.builder().build());
        taps = addChildBlock(
                "taps", Linear.builder().setUnits(2L * config.hiddenDim()).build());
        out = addChildBlock("out", Linear.builder().setUnits(config.hiddenDim()).build());
        dropout = addChildBlock(
                "dropout", Dropout.builder().optRate((float) config.dropout()).build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray hidden = inputs.head();
        NDArray normal = norm.forward(parameterStore, new NDList(TokenModel.rows(hidden)), training)
                .singletonOrThrow();
        NDArray seen = sideBySide(normal.reshape(hidden.getShape()));
        NDArray both = taps.forward(parameterStore, new NDList(TokenModel.rows(seen)), training)
                .singletonOrThrow();
        NDArray mapped = out.forward(parameterStore, new NDList(ScatterAdd.gate(both)), training)
                .singletonOrThrow();
        if (config.dropout() > 0) {
            mapped = dropout.forward(parameterStore, new NDList(mapped), training)
                    .singletonOrThrow();
        }
        return new NDList(hidden.add(mapped.reshape(hidden.getShape())));
    }

    /** {@code [B, W, H]} → {@code [B, W, K H]}: the earliest seen token first, a token's own vector last. */
    private NDArray sideBySide(NDArray vectors) {
        Shape shape = vectors.getShape();
        long length = shape.get(1);
        long before = (config.kernelSize() - 1L) * dilation;
        NDArray zeros = vectors.getManager()
                .zeros(new Shape(shape.get(0), before, shape.get(2)), vectors.getDataType(), vectors.getDevice());
        NDArray longer = NDArrays.concat(new NDList(zeros, vectors), 1);
        NDList seen = new NDList(config.kernelSize());
        for (long start = 0; start <= before; start += dilation) {
            seen.add(longer.get(new NDIndex().addAllDim().addSliceDim(start, start + length)));
        }
        return NDArrays.concat(seen, 2);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {inputs[0]};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        int width = config.hiddenDim();
        long rows = inputShapes[0].get(0) * inputShapes[0].get(1);
        norm.initialize(manager, dataType, new Shape(rows, width));
        taps.initialize(manager, dataType, new Shape(rows, (long) config.kernelSize() * width));
        out.initialize(manager, dataType, new Shape(rows, width));
        dropout.initialize(manager, dataType, new Shape(rows, width));
    }
}
