package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A causal language model: how likely each token is to follow those before it. Embedding, {@code numLayers} causal layers
 * with normalization before and a residual around each, a last normalization, and a linear head.
 *
 * <pre>
 *   input[0]   tokens  int64 or int32 [B, W]   ids 0 ≤ id &lt; vocabulary; further inputs, such as positions, are not read
 *   output[0]  logits  float32 [B, W, vocabulary]   of the token after each
 * </pre>
 *
 * <p>A logit depends on the tokens up to its own and on nothing else: neither on later ones, so that padding at the end is
 * harmless, nor on other rows. Windows packed of several sequences are not told apart: the first tokens of a segment see the
 * end of the one before it. float64 parameters give float64.
 *
 * <p>An id outside the vocabulary is an {@code EngineException} on a CPU. Works on the PyTorch engine. A model file names
 * the configuration it was made with, and loading it into another one fails.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class TokenModel extends AbstractBlock implements TrainableModel {
    private static final byte VERSION = 1;
    /** Small, so that the first predictions of a tied head are about even. */
    private static final float FIRST_SCALE = 0.02f;

    private final TokenModelConfig config;
    private final Parameter table;
    private final List<Block> layers = new ArrayList<>();
    private final Block norm;
    /** Null where the table is the head. */
    private final @Nullable Block head;

    /** A model whose parameters are still to be initialized or loaded. */
    public TokenModel(TokenModelConfig config) {
        super(VERSION);
        this.config = config;
        table = addParameter(Parameter.builder()
                .setName("table")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(config.vocabulary(), config.hiddenDim()))
                .optInitializer(new NormalInitializer(FIRST_SCALE))
                .build());
        for (int i = 0; i < config.numLayers(); i++) {
            layers.add(addChildBlock(
                    "layer",
                    switch (config.layer()) {
                        case CONVOLUTION -> new CausalConvolution(config, config.dilation(i));
                        case ATTENTION -> new CausalAttention(config);
                    }));
        }
        norm = addChildBlock("norm", LayerNorm.builder().build());
        head = config.tiedHead()
                ? null
                : addChildBlock(
                        "head", Linear.builder().setUnits(config.vocabulary()).build());
    }

    /** What it was built with. */
    public TokenModelConfig config() {
        return config;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray tokens = inputs.head();
        NDArray vectors = parameterStore.getValue(table, tokens.getDevice(), training);
        NDArray hidden =
                Embedding.embedding(tokens, vectors, SparseFormat.DENSE).singletonOrThrow();
        for (Block layer : layers) {
            hidden = layer.forward(parameterStore, new NDList(hidden), training).singletonOrThrow();
        }
        NDArray rows =
                norm.forward(parameterStore, new NDList(rows(hidden)), training).singletonOrThrow();
        NDArray scores = head == null
                ? Linear.linear(rows, vectors).singletonOrThrow()
                : head.forward(parameterStore, new NDList(rows), training).singletonOrThrow();
        Shape shape = tokens.getShape();
        return new NDList(scores.reshape(shape.get(0), shape.get(1), config.vocabulary()));
    }

    /** {@code [B, W, H]} → {@code [B W, H]}: DJL normalizes over all axes but the first, which must not mix tokens. */
    static NDArray rows(NDArray hidden) {
        return hidden.reshape(-1, hidden.getShape().get(2));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), inputs[0].get(1), config.vocabulary())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        if (inputShapes.length == 0 || inputShapes[0].dimension() != 2) {
            throw new IllegalArgumentException("Tokens do not fit the token model: expected [B, W], found "
                    + List.of(inputShapes) + ". Put windows of equal length into a batch.");
        }
        Shape hidden = new Shape(inputShapes[0].get(0), inputShapes[0].get(1), config.hiddenDim());
        layers.forEach(layer -> layer.initialize(manager, dataType, hidden));
        Shape rows = new Shape(inputShapes[0].size(), config.hiddenDim());
        norm.initialize(manager, dataType, rows);
        if (head != null) {
            head.initialize(manager, dataType, rows);
        }
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.toString());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("token model", VERSION, loadVersion, config.toString(), in);
        readInputShapes(in);
    }
}
