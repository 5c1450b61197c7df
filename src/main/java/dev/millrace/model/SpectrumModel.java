package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A mass spectrum from a molecular graph: {@link GraphEncoder}, a head that gives every bin an intensity, and the peaks of
 * the pieces that each cut bond leaves.
 *
 * <pre>
 *   input[0..4]  nodes, edges, bonds, graphOf, nodeCounts   as for {@link GraphEncoder}
 *   output[0]    spectrum  float32 [B, bins]                 intensities ≥ 0 on no particular scale
 * </pre>
 *
 * <p>Trained with a cosine loss the scale is free; divide by the largest intensity to get a base peak of 1.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class SpectrumModel extends AbstractBlock implements EncoderModel {
    private static final byte VERSION = 1;

    private final SpectrumModelConfig config;
    private final GraphEncoder encoder;
    private final SpectrumHead head;
    private final @Nullable FragmentHead fragments;

    /** A model whose parameters are still to be initialized or loaded. */
    public SpectrumModel(SpectrumModelConfig config) {
        super(VERSION);
        this.config = config;
        encoder = addChildBlock("encoder", new GraphEncoder(config.encoder()));
        head = addChildBlock("head", new SpectrumHead(config));
        fragments = config.masses() == null ? null : addChildBlock("fragments", new FragmentHead(config));
    }

    /** What it was built with. */
    public SpectrumModelConfig config() {
        return config;
    }

    @Override
    public GraphEncoder encoder() {
        return encoder;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray nodes = encoder.encodeNodes(parameterStore, inputs, training);
        NDArray graphs = encoder.pool(nodes, inputs);
        NDList dense = head.forward(parameterStore, new NDList(graphs), training);
        NodeMasses masses = config.masses();
        if (fragments == null || masses == null) {
            return new NDList(dense.get(0));
        }
        NDArray nodeMasses = masses.perNode(config.encoder().nodes(), inputs.get(0));
        NDList cut = new NDList(nodes, dense.get(1), inputs.get(1), inputs.get(3), nodeMasses);
        NDArray peaks = fragments.forward(parameterStore, cut, training).singletonOrThrow();
        return new NDList(dense.get(0).add(peaks));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[4].get(0), config.axis().bins())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        encoder.initialize(manager, dataType, inputShapes);
        Shape graphs = encoder.getOutputShapes(inputShapes)[0];
        head.initialize(manager, dataType, graphs);
        if (fragments != null) {
            Shape nodes = new Shape(inputShapes[0].get(0), config.encoder().hiddenDim());
            fragments.initialize(manager, dataType, nodes, head.getOutputShapes(new Shape[] {graphs})[1]);
        }
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("spectrum model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
