package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The distance of the nearest neighbour from the χ(k) of an atom: χ is weighted by kⁿ and transformed to R, as in an analysis by
 * hand, and dense layers read the distance from real part, imaginary part and magnitude, each as a share of the largest magnitude,
 * so that the number of neighbours does not matter.
 *
 * <pre>
 *   input[0]  chi       float32 [B, n_k]   not weighted
 *   output[0] distance  float32 [B, 1]     Å
 * </pre>
 *
 * <p>float64 inputs and parameters give float64. Works on the PyTorch engine. A model file names the configuration it was made with,
 * and loading it into another one fails.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class ShellDistanceModel extends AbstractBlock implements ChiModel {
    private static final byte VERSION = 1;
    private static final double SHORTEST = 0.6;
    private static final double LONGEST = 5;
    private static final int DISTANCES = 89;

    private final ChiModelConfig config;
    private final SequentialBlock layers;
    /** {@code [n_k, DISTANCES]}, weights in them. */
    private final double[] cosines;

    private final double[] sines;

    /** A model whose parameters are still to be initialized or loaded. */
    public ShellDistanceModel(ChiModelConfig config) {
        super(VERSION);
        this.config = config;
        layers = addChildBlock("layers", PathChiModel.layers(config, 1));
        int points = config.grid().size();
        cosines = new double[points * DISTANCES];
        sines = new double[points * DISTANCES];
        double last = config.grid().get(points - 1);
        for (int i = 0; i < points; i++) {
            double k = config.grid().get(i);
            // A window that ends at 0, so that the end of the data makes no ripples.
            double weight = Math.pow(k, config.kWeight()) * Math.cos(Math.PI / 2 * k / last);
            for (int j = 0; j < DISTANCES; j++) {
                double r = SHORTEST + (LONGEST - SHORTEST) * j / (DISTANCES - 1);
                cosines[i * DISTANCES + j] = weight * Math.cos(2 * k * r);
                sines[i * DISTANCES + j] = weight * Math.sin(2 * k * r);
            }
        }
    }

    @Override
    public ChiModelConfig config() {
        return config;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray chi = inputs.head();
        int points = config.grid().size();
        NDArray real = chi.matMul(ChiSeries.constant(chi, cosines, points, DISTANCES));
        NDArray imaginary = chi.matMul(ChiSeries.constant(chi, sines, points, DISTANCES));
        NDArray square = real.square().add(imaginary.square());
        NDArray largest = square.max(new int[] {1}, true).add(1e-20).sqrt();
        NDArray features = NDArrays.concat(
                new NDList(
                        real.div(largest),
                        imaginary.div(largest),
                        square.add(1e-20).sqrt().div(largest)),
                1);
        NDArray deviations =
                layers.forward(parameterStore, new NDList(features), training).singletonOrThrow();
        return new NDList(deviations
                .mul(config.scale().distanceDeviation())
                .add(config.scale().meanDistance()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), 1)};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... shapes) {
        if (shapes.length < 1
                || shapes[0].dimension() != 2
                || shapes[0].get(1) != config.grid().size()) {
            throw new IllegalArgumentException("χ does not fit this model: expected [B, "
                    + config.grid().size() + "], found " + List.of(shapes) + ". Use χ on the k grid of the model.");
        }
        layers.initialize(manager, dataType, new Shape(shapes[0].get(0), 3L * DISTANCES));
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("shell distance model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
