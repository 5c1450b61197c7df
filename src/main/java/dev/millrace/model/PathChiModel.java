package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * χ(k) of a scattering path from its geometry, a surrogate of FEFF: dense layers give what amplitude and phase are made of, and the
 * EXAFS equation the rest, so that how fast χ turns with k never has to be learnt.
 *
 * <pre>
 *   input[0]  path      float32 [B, 3]     number of legs, degeneracy, half length in Å
 *   input[1]  atoms     int64   [B, L]     atomic numbers 0 … 118, absorber first; 0 beyond the path
 *   input[2]  geometry  float32 [B, L, 2]  length of the leg that leaves each atom in Å, angle there in degrees
 *   input[3]  mask      float32 [B, L]     1 for each atom of the path
 *   output[0] chi       float32 [B, n_k]   not weighted
 * </pre>
 *
 * <p>As {@code ExafsDataset} has them. float64 inputs and parameters give float64. Works on the PyTorch engine. A model file names
 * the configuration it was made with, and loading it into another one fails.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class PathChiModel extends AbstractBlock implements ChiModel {
    private static final byte VERSION = 1;
    /** Elements, and 0 for none. */
    static final int ELEMENTS = 119;

    /** Numbers of a leg beside the vector of its atom: length, cosine of the angle, whether it is there. */
    private static final int LEG_NUMBERS = 3;
    /** Numbers of a path: legs, degeneracy, half length, and its inverse. */
    private static final int PATH_NUMBERS = 4;

    private final ChiModelConfig config;
    private final ChiSeries series;
    private final Parameter elements;
    private final SequentialBlock layers;

    /** A model whose parameters are still to be initialized or loaded. */
    public PathChiModel(ChiModelConfig config) {
        super(VERSION);
        this.config = config;
        series = new ChiSeries(config.grid(), config.basis(), config.scale().amplitude());
        elements = addParameter(elements(config.embeddingDim()));
        layers = addChildBlock("layers", layers(config, series.coefficients()));
    }

    static Parameter elements(int width) {
        return Parameter.builder()
                .setName("elements")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(ELEMENTS, width))
                .optInitializer(new NormalInitializer(1))
                .build();
    }

    /** Dense layers with GELU, and a last one of so many outputs. */
    static SequentialBlock layers(ChiModelConfig config, int outputs) {
        SequentialBlock layers = new SequentialBlock();
        for (int i = 0; i < config.numLayers(); i++) {
            layers.add(Linear.builder().setUnits(config.hiddenDim()).build());
            layers.add(array -> new NDList(Activation.gelu(array.singletonOrThrow())));
            if (config.dropout() > 0) {
                layers.add(Dropout.builder().optRate((float) config.dropout()).build());
            }
        }
        return layers.add(Linear.builder().setUnits(outputs).build());
    }

    @Override
    public ChiModelConfig config() {
        return config;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray path = inputs.get(0);
        NDArray degeneracy = path.get(new NDIndex(":, 1:2"));
        NDArray halfLength = path.get(new NDIndex(":, 2:3"));
        NDArray vectors = parameterStore.getValue(elements, path.getDevice(), training);
        NDArray features = NDArrays.concat(new NDList(numbers(path, halfLength, degeneracy), legs(inputs, vectors)), 1);
        NDArray coefficients =
                layers.forward(parameterStore, new NDList(features), training).singletonOrThrow();
        return new NDList(series.of(coefficients, halfLength, degeneracy));
    }

    private NDArray numbers(NDArray path, NDArray halfLength, NDArray degeneracy) {
        ChiModelConfig.Scale scale = config.scale();
        return NDArrays.concat(
                new NDList(
                        path.get(new NDIndex(":, 0:1")).div(config.maxLegs()),
                        degeneracy.maximum(1).log(),
                        halfLength.sub(scale.meanDistance()).div(scale.distanceDeviation()),
                        halfLength.maximum(1).pow(-1).mul(scale.meanDistance())),
                1);
    }

    /** {@code [B, L (E + 3)]}. */
    private NDArray legs(NDList inputs, NDArray vectors) {
        NDArray geometry = inputs.get(2);
        NDArray there = inputs.get(3).expandDims(2);
        NDArray atoms =
                Embedding.embedding(inputs.get(1), vectors, SparseFormat.DENSE).singletonOrThrow();
        NDArray lengths = geometry.get(new NDIndex(":, :, 0:1"))
                .sub(config.scale().meanDistance())
                .div(config.scale().distanceDeviation());
        NDArray cosines =
                geometry.get(new NDIndex(":, :, 1:2")).mul(Math.PI / 180).cos();
        NDArray all = NDArrays.concat(new NDList(lengths, cosines, there, atoms.mul(there)), 2)
                .mul(there);
        return all.reshape(-1, legWidth());
    }

    private long legWidth() {
        return (long) config.maxLegs() * (config.embeddingDim() + LEG_NUMBERS);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), config.grid().size())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... shapes) {
        if (shapes.length < 4 || shapes[1].dimension() != 2 || shapes[1].get(1) != config.maxLegs()) {
            throw new IllegalArgumentException("Paths do not fit this model: expected path [B, 3], atoms [B, "
                    + config.maxLegs() + "], geometry and mask, found " + List.of(shapes)
                    + ". Open the dataset with optMaxLegs(" + config.maxLegs() + ").");
        }
        layers.initialize(manager, dataType, new Shape(shapes[0].get(0), PATH_NUMBERS + legWidth()));
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("path model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
