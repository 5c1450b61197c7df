package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Properties of a molecule from its graph, such as the HOMO-LUMO gap: {@link GraphEncoder} and a few dense layers.
 *
 * <pre>
 *   input[0..4]  nodes, edges, bonds, graphOf, nodeCounts   as for {@link GraphEncoder}
 *   output[0]    properties  float32 [B, T]                 in the unit of the labels, eV for PCQM4Mv2
 * </pre>
 *
 * <p>The last layer predicts how many standard deviations a property is from its mean over the training split; both are
 * part of the configuration, so that what comes out needs no file beside the model.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class PropertyModel extends AbstractBlock implements EncoderModel {
    private static final byte VERSION = 1;

    private final PropertyModelConfig config;
    private final GraphEncoder encoder;
    private final SequentialBlock head;

    /** A model whose parameters are still to be initialized or loaded. */
    public PropertyModel(PropertyModelConfig config) {
        super(VERSION);
        this.config = config;
        encoder = addChildBlock("encoder", new GraphEncoder(config.encoder()));
        head = addChildBlock("head", head(config));
    }

    /*
     * Layers are normalized row by row whatever the encoder does: sums over atoms grow with the molecule, and a batch of one
     * molecule has no statistics.
     */
    private static SequentialBlock head(PropertyModelConfig config) {
        GraphEncoderConfig encoder = config.encoder();
        SequentialBlock layers = new SequentialBlock();
        for (int width : config.headDims()) {
            layers.add(Linear.builder().setUnits(width).build());
            if (encoder.normalization() != GraphEncoderConfig.Normalization.NONE) {
                layers.add(GraphEncoder.normalization(GraphEncoderConfig.Normalization.LAYER));
            }
            layers.add(array -> new NDList(GraphEncoder.activate(encoder.activation(), array.singletonOrThrow())));
            if (config.headDropout() > 0) {
                layers.add(
                        Dropout.builder().optRate((float) config.headDropout()).build());
            }
        }
        layers.add(Linear.builder().setUnits(config.targets().size()).build());
        return layers;
    }

    /** What it was built with. */
    public PropertyModelConfig config() {
        return config;
    }

    @Override
    public GraphEncoder encoder() {
        return encoder;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDList graphs = encoder.forward(parameterStore, inputs, training);
        NDArray deviations = head.forward(parameterStore, graphs, training).singletonOrThrow();
        NDArray scaled = deviations.mul(row(deviations, PropertyModelConfig.Target::standardDeviation));
        return new NDList(scaled.add(row(deviations, PropertyModelConfig.Target::mean)));
    }

    /** One number per target as {@code [1, T]}, of the type and on the device of an array. */
    private NDArray row(NDArray like, java.util.function.ToDoubleFunction<PropertyModelConfig.Target> number) {
        double[] values = config.targets().stream().mapToDouble(number).toArray();
        return Constants.column(like.getManager(), like.getDevice(), like.getDataType(), values)
                .reshape(1, values.length);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[4].get(0), config.targets().size())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        encoder.initialize(manager, dataType, inputShapes);
        head.initialize(manager, dataType, encoder.getOutputShapes(inputShapes));
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("property model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
