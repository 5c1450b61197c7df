package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Message passing over the disjoint union of {@code B} graphs with {@code N} nodes and {@code E} directed edges in all.
 *
 * <pre>
 *   input[0]  nodes       float32 [N, F] or int64 codes [N, C]
 *   input[1]  edges       int64   [2, E]    source row, target row; E may be 0
 *   input[2]  bonds       float32 [E, F] or int64 codes [E, C]
 *   input[3]  graphOf     int64   [N]       graph of every node, 0 ≤ g &lt; B
 *   input[4]  nodeCounts  int64   [B]       nodes of every graph
 *   output[0] graphs      float32 [B, hiddenDim]
 * </pre>
 *
 * <p>A graph's vector depends on its own nodes and edges only, not on their numbering nor on the rest of the batch; while
 * training with batch normalization it depends on the statistics of the batch too. float64 parameters give float64.
 *
 * <p>Works on the PyTorch engine. Intermediate arrays are attached to the manager of the nodes. A model file names the
 * configuration it was made with, and loading it into another one fails.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class GraphEncoder extends AbstractBlock implements EncoderModel {
    private static final byte VERSION = 1;

    private final GraphEncoderConfig config;
    private final Block nodes;
    private final List<Convolution> convolutions = new ArrayList<>();
    private final List<Block> normalizations = new ArrayList<>();
    private final Block dropout;

    /** An encoder whose parameters are still to be initialized or loaded. */
    public GraphEncoder(GraphEncoderConfig config) {
        super(VERSION);
        this.config = config;
        nodes = addChildBlock("nodes", embedding(config.nodes(), config.hiddenDim()));
        for (int layer = 0; layer < config.numLayers(); layer++) {
            convolutions.add(addChildBlock("convolution", new Convolution(config)));
            if (config.normalization() != GraphEncoderConfig.Normalization.NONE) {
                normalizations.add(addChildBlock("normalization", normalization(config.normalization())));
            }
        }
        dropout = addChildBlock(
                "dropout", Dropout.builder().optRate((float) config.dropout()).build());
    }

    /** What it was built with. */
    public GraphEncoderConfig config() {
        return config;
    }

    /** This. */
    @Override
    public GraphEncoder encoder() {
        return this;
    }

    /**
     * Leaves the node embedding and the first {@code layers} rounds as they are in training, or lets them be trained again.
     * A round of which nothing is trained, frozen here or parameter by parameter, works as it does for prediction: without
     * dropout, by running statistics that do not move.
     *
     * @throws IllegalArgumentException if there are fewer rounds
     */
    public void freezeLayers(int layers, boolean frozen) {
        if (layers < 0 || layers > convolutions.size()) {
            throw new IllegalArgumentException("Cannot freeze layers: expected 0.." + convolutions.size()
                    + " of the encoder," + " found " + layers + ".");
        }
        freeze(nodes, frozen);
        for (int layer = 0; layer < layers; layer++) {
            freeze(convolutions.get(layer), frozen);
            if (!normalizations.isEmpty()) {
                freeze(normalizations.get(layer), frozen);
            }
        }
    }

    /** Running statistics are never trained, and must not become so when the rest is. */
    private static void freeze(Block block, boolean frozen) {
        for (Parameter parameter : block.getParameters().values()) {
            boolean statistic = parameter.getType() == Parameter.Type.RUNNING_MEAN
                    || parameter.getType() == Parameter.Type.RUNNING_VAR;
            if (!statistic) {
                parameter.freeze(frozen);
            }
        }
    }

    /** Whether nothing in a block is trained: it then works as it does for prediction. */
    private static boolean isFrozen(Block block) {
        return block.getParameters().values().stream().noneMatch(Parameter::requiresGradient);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        return new NDList(pool(encodeNodes(parameterStore, inputs, training), inputs));
    }

    /** The vectors {@code [N, hiddenDim]} of the nodes, before they are pooled; inputs as for {@code forward}. */
    NDArray encodeNodes(ParameterStore parameterStore, NDList inputs, boolean training) {
        NDArray edges = inputs.get(1);
        NDArray sources = edges.get(0);
        NDArray targets = edges.get(1);
        // Which vectors the codes of a bond name is the same in every round.
        NDArray bonds = config.bonds() instanceof FeatureInput.Codes codes
                        && config.convType() != GraphEncoderConfig.ConvType.GIN
                ? CodeColumns.of(codes).rowsOf(inputs.get(2))
                : inputs.get(2);
        NDArray hidden = nodes.forward(parameterStore, new NDList(inputs.get(0)), training)
                .singletonOrThrow();
        for (int layer = 0; layer < convolutions.size(); layer++) {
            NDList passed = convolutions
                    .get(layer)
                    .forward(parameterStore, new NDList(hidden, sources, targets, bonds), training);
            NDArray active = passed.singletonOrThrow();
            if (!normalizations.isEmpty()) {
                active = normalize(normalizations.get(layer), parameterStore, active, training);
            }
            active = activate(config.activation(), active);
            if (config.dropout() > 0 && !(training && isFrozen(convolutions.get(layer)))) {
                active = dropout.forward(parameterStore, new NDList(active), training)
                        .singletonOrThrow();
            }
            hidden = config.residual() ? active.add(hidden) : active;
        }
        return hidden;
    }

    /** Node vectors {@code [N, hiddenDim]} → graph vectors {@code [B, hiddenDim]}; inputs as for {@code forward}. */
    NDArray pool(NDArray hidden, NDList inputs) {
        NDArray graphOf = inputs.get(3);
        NDArray nodeCounts = inputs.get(4);
        return switch (config.pooling()) {
            case SUM -> ScatterAdd.sumRows(hidden, graphOf, nodeCounts);
            case MAX -> ScatterAdd.maxRows(hidden, graphOf, nodeCounts);
            case MEAN ->
                ScatterAdd.sumRows(hidden, graphOf, nodeCounts)
                        .div(nodeCounts.toType(hidden.getDataType(), false).reshape(-1, 1));
        };
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[4].get(0), config.hiddenDim())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        checkShapes(inputShapes);
        nodes.initialize(manager, dataType, inputShapes[0]);
        Shape hidden = new Shape(inputShapes[0].get(0), config.hiddenDim());
        Shape edge = new Shape(inputShapes[1].get(1));
        for (Convolution convolution : convolutions) {
            convolution.initialize(manager, dataType, hidden, edge, edge, inputShapes[2]);
        }
        for (Block normalization : normalizations) {
            normalization.initialize(manager, dataType, hidden);
        }
        dropout.initialize(manager, dataType, hidden);
    }

    private void checkShapes(Shape... shapes) {
        boolean fits = shapes.length >= 5
                && isMatrix(shapes[0], 1, config.nodes().width())
                && isMatrix(shapes[1], 0, 2)
                && isMatrix(shapes[2], 1, config.bonds().width())
                && shapes[3].dimension() == 1
                && shapes[4].dimension() == 1;
        if (!fits) {
            throw new IllegalArgumentException("Graphs do not fit this encoder: expected nodes [N, "
                    + config.nodes().width() + "], edges [2, E], bonds [E, "
                    + config.bonds().width() + "], graphOf [N], nodeCounts [B], found "
                    + List.of(shapes) + ". Use the feature specification that the model was made for.");
        }
    }

    private static boolean isMatrix(Shape shape, int axis, int size) {
        return shape.dimension() == 2 && shape.get(axis) == size;
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        checkSaved("graph encoder", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }

    /** Refuses parameters of another layout: DJL itself compares names only. */
    static void checkSaved(String what, byte version, byte loadVersion, String config, DataInputStream in)
            throws IOException, MalformedModelException {
        if (loadVersion != version) {
            throw new MalformedModelException("Cannot load the " + what + ": expected layout version " + version
                    + ", found " + loadVersion + ". Load it with the release that wrote it.");
        }
        String found = in.readUTF();
        if (!found.equals(config)) {
            throw new MalformedModelException("Cannot load the " + what + ": expected " + config + ", found " + found
                    + ". Build the model with the configuration that it was saved with.");
        }
    }

    static Block embedding(FeatureInput input, int width) {
        if (input instanceof FeatureInput.Codes codes) {
            return new FeatureEmbedding(codes, width);
        }
        return Linear.builder().setUnits(width).build();
    }

    static Block normalization(GraphEncoderConfig.Normalization kind) {
        return kind == GraphEncoderConfig.Normalization.BATCH
                ? BatchNorm.builder().build()
                : LayerNorm.builder().build();
    }

    /**
     * Normalizes rows. A single row has no variance: batch normalization would write NaN into its running statistics, and
     * so uses them instead. So does one whose scale and shift are frozen: what it was trained with stays as it is.
     */
    static NDArray normalize(Block normalization, ParameterStore parameterStore, NDArray rows, boolean training) {
        boolean several = rows.getShape().get(0) > 1;
        return normalization
                .forward(parameterStore, new NDList(rows), training && several && !isFrozen(normalization))
                .singletonOrThrow();
    }

    static NDArray activate(GraphEncoderConfig.ActivationKind kind, NDArray array) {
        return switch (kind) {
            case RELU -> Activation.relu(array);
            case GELU -> Activation.gelu(array);
            case SILU -> Activation.swish(array, 1f);
            case TANH -> Activation.tanh(array);
        };
    }
}
