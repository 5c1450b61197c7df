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
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * χ(k) of an absorbing atom from its neighbours: message passing gives each neighbour a vector that knows what is around it, a dense
 * layer makes amplitude and phase of it, the EXAFS equation its χ(k), and the sum over the neighbours is χ of the atom.
 *
 * <pre>
 *   input[0]  nodes       float32 [N, 3]    atomic number, distance from the absorber in Å, degeneracy; 0, 0 for the absorber
 *   input[1]  edges       int64   [2, E]    source row, target row
 *   input[2]  bonds       float32 [E, 1]    length, Å
 *   input[3]  graphOf     int64   [N]       atom of every node
 *   input[4]  nodeCounts  int64   [B]       nodes of every atom
 *   output[0] chi         float32 [B, n_k]  not weighted
 * </pre>
 *
 * <p>As {@code ExafsAtomDataset} has them. float64 parameters and numbers give float64. Works on the PyTorch engine. A model file names
 * the configuration it was made with, and loading it into another one fails.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class AtomChiModel extends AbstractBlock implements ChiModel {
    private static final byte VERSION = 1;
    private static final int NODE_WIDTH = 3;
    /** Bells over distances. */
    private static final int BELLS = 16;

    private static final double FARTHEST = 6;
    /** Numbers of a node beside the vector of its element and the bells of its distance: degeneracy, inverse distance. */
    private static final int NODE_NUMBERS = 2;

    private final ChiModelConfig config;
    private final ChiSeries series;
    private final Parameter elements;
    private final GraphEncoder encoder;
    private final Block head;

    /** A model whose parameters are still to be initialized or loaded. */
    public AtomChiModel(ChiModelConfig config) {
        super(VERSION);
        this.config = config;
        series = new ChiSeries(config.grid(), config.basis(), config.scale().amplitude());
        elements = addParameter(PathChiModel.elements(config.embeddingDim()));
        encoder = addChildBlock(
                "encoder",
                new GraphEncoder(GraphEncoderConfig.of(
                                new FeatureInput.Dense(config.embeddingDim() + BELLS + NODE_NUMBERS),
                                new FeatureInput.Dense(BELLS))
                        .withHiddenDim(config.hiddenDim())
                        .withNumLayers(config.numLayers())
                        .withNormalization(GraphEncoderConfig.Normalization.LAYER)
                        .withActivation(GraphEncoderConfig.ActivationKind.GELU)
                        .withDropout(config.dropout())));
        head = addChildBlock(
                "head", Linear.builder().setUnits(series.coefficients()).build());
    }

    @Override
    public ChiModelConfig config() {
        return config;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray nodes = inputs.get(0);
        NDArray distance = nodes.get(new NDIndex(":, 1:2"));
        NDArray degeneracy = nodes.get(new NDIndex(":, 2:3"));
        NDArray table = parameterStore.getValue(elements, nodes.getDevice(), training);
        NDArray numbers = nodes.get(new NDIndex(":, 0")).toType(DataType.INT64, false);
        NDArray features = NDArrays.concat(
                new NDList(
                        Embedding.embedding(numbers, table, SparseFormat.DENSE).singletonOrThrow(),
                        bells(distance),
                        degeneracy.add(1).log(),
                        distance.maximum(1).pow(-1)),
                1);
        NDList graph = new NDList(features, inputs.get(1), bells(inputs.get(2)), inputs.get(3), inputs.get(4));
        NDArray hidden = encoder.encodeNodes(parameterStore, graph, training);
        NDArray coefficients =
                head.forward(parameterStore, new NDList(hidden), training).singletonOrThrow();
        NDArray chi = series.of(coefficients, distance, degeneracy);
        return new NDList(ScatterAdd.sumRows(chi, inputs.get(3), inputs.get(4)));
    }

    /** Lengths {@code [N, 1]} → {@code [N, BELLS]}. */
    private static NDArray bells(NDArray lengths) {
        double[] centres = new double[BELLS];
        double step = FARTHEST / (BELLS - 1);
        for (int i = 0; i < BELLS; i++) {
            centres[i] = i * step;
        }
        return lengths.sub(ChiSeries.constant(lengths, centres, 1, BELLS))
                .div(step)
                .square()
                .neg()
                .exp();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[4].get(0), config.grid().size())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... shapes) {
        if (shapes.length < 5 || shapes[0].dimension() != 2 || shapes[0].get(1) != NODE_WIDTH) {
            throw new IllegalArgumentException("Neighbours do not fit this model: expected nodes [N, 3], edges [2, E],"
                    + " bonds [E, 1], graphOf [N], nodeCounts [B], found " + List.of(shapes) + ".");
        }
        long nodes = shapes[0].get(0);
        encoder.initialize(
                manager,
                dataType,
                new Shape(nodes, config.embeddingDim() + BELLS + NODE_NUMBERS),
                shapes[1],
                new Shape(shapes[2].get(0), BELLS),
                shapes[3],
                shapes[4]);
        head.initialize(manager, dataType, new Shape(nodes, config.hiddenDim()));
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("atom model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
