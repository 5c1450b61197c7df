package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * A transformer's layer, normalized first: {@code x + attention(x)}, then {@code x + dense(x)}; {@code [B, W, H]} →
 * {@code [B, W, H]}. A token attends to itself and to those before it. Where it stands enters by turning queries and keys
 * (Su et al., RoFormer, 2021), so that only distances count and windows of any length can be scored.
 */
final class CausalAttention extends AbstractBlock {
    private static final byte VERSION = 1;
    private static final double LONGEST_WAVE = 10_000;
    private static final int DENSE_FACTOR = 4;

    private final TokenModelConfig config;
    private final Block norm;
    private final Block queriesKeysValues;
    private final Block out;
    private final Block denseNorm;
    private final Block widen;
    private final Block narrow;
    private final Block dropout;

    CausalAttention(TokenModelConfig config) {
        super(VERSION);
        this.config = config;
        int width = config.hiddenDim();
        norm = addChildBlock("norm", LayerNorm.builder().build());
        queriesKeysValues = addChildBlock(
                "queriesKeysValues", Linear.builder().setUnits(3L * width).build());
        out = addChildBlock("out", Linear.builder().setUnits(width).build());
        denseNorm = addChildBlock("denseNorm", LayerNorm.builder().build());
        widen = addChildBlock(
                "widen", Linear.builder().setUnits((long) DENSE_FACTOR * width).build());
        narrow = addChildBlock("narrow", Linear.builder().setUnits(width).build());
        dropout = addChildBlock(
                "dropout", Dropout.builder().optRate((float) config.dropout()).build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        Shape shape = inputs.head().getShape();
        NDArray rows = TokenModel.rows(inputs.head());
        NDArray normal = apply(norm, parameterStore, rows, training);
        // [B, W, 3, heads, D] to three of [B, heads, W, D].
        NDArray three = apply(queriesKeysValues, parameterStore, normal, training)
                .reshape(shape.get(0), shape.get(1), 3, config.heads(), -1)
                .transpose(2, 0, 3, 1, 4);
        NDArray[] turn = turn(three, shape.get(1));
        NDArray attended = ScatterAdd.causalAttention(
                turned(three.get(0), turn[0], turn[1]), turned(three.get(1), turn[0], turn[1]), three.get(2));
        NDArray joined = attended.transpose(0, 2, 1, 3).reshape(-1, config.hiddenDim());
        rows = rows.add(drop(parameterStore, apply(out, parameterStore, joined, training), training));
        NDArray wide = Activation.gelu(
                apply(widen, parameterStore, apply(denseNorm, parameterStore, rows, training), training));
        NDArray dense = apply(narrow, parameterStore, wide, training);
        return new NDList(rows.add(drop(parameterStore, dense, training)).reshape(shape));
    }

    private static NDArray apply(Block block, ParameterStore parameterStore, NDArray rows, boolean training) {
        return block.forward(parameterStore, new NDList(rows), training).singletonOrThrow();
    }

    private NDArray drop(ParameterStore parameterStore, NDArray rows, boolean training) {
        return config.dropout() > 0 ? apply(dropout, parameterStore, rows, training) : rows;
    }

    /** Cosine and sine {@code [W, D]} of the angle of each position in each pair of values. */
    private NDArray[] turn(NDArray like, long length) {
        int half = config.hiddenDim() / config.heads() / 2;
        double[] speeds = new double[2 * half];
        for (int i = 0; i < half; i++) {
            speeds[i] = Math.pow(LONGEST_WAVE, -(double) i / half);
            speeds[half + i] = speeds[i];
        }
        double[] positions = new double[Math.toIntExact(length)];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i;
        }
        NDManager manager = like.getManager();
        // In float64: float32 loses a hundredth of a radian at ten thousand tokens.
        NDArray angles = Constants.column(manager, like.getDevice(), DataType.FLOAT64, positions)
                .mul(Constants.column(manager, like.getDevice(), DataType.FLOAT64, speeds)
                        .reshape(1, speeds.length));
        return new NDArray[] {
            angles.cos().toType(like.getDataType(), false), angles.sin().toType(like.getDataType(), false)
        };
    }

    private static NDArray turned(NDArray vectors, NDArray cosine, NDArray sine) {
        long half = vectors.getShape().get(3) / 2;
        NDArray first = vectors.get(new NDIndex().addEllipseDim().addSliceDim(0, half));
        NDArray second = vectors.get(new NDIndex().addEllipseDim().addSliceDim(half, 2 * half));
        NDArray across = NDArrays.concat(new NDList(second.neg(), first), 3);
        return vectors.mul(cosine).add(across.mul(sine));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {inputs[0]};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        int width = config.hiddenDim();
        Shape rows = new Shape(inputShapes[0].get(0) * inputShapes[0].get(1), width);
        for (Block block : new Block[] {norm, queriesKeysValues, out, denseNorm, widen, dropout}) {
            block.initialize(manager, dataType, rows);
        }
        narrow.initialize(manager, dataType, new Shape(rows.get(0), (long) DENSE_FACTOR * width));
    }
}
