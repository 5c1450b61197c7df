package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Graph vectors {@code [B, H]} → intensities {@code [B, bins]} and the last hidden layer {@code [B, headDims.last]}.
 *
 * <p>Each hidden layer is linear, normalized, activated and thinned by dropout. Normalizing matters: sums over the atoms
 * grow with the molecule, and without it a few large molecules rule the gradient.
 */
final class SpectrumHead extends AbstractBlock {
    private static final byte VERSION = 1;
    /** Lets every bin start near 0, as most bins of a spectrum are. */
    private static final float FAINT = 4;

    private final SpectrumModelConfig config;
    private final List<Linear> layers = new ArrayList<>();
    private final List<Block> normalizations = new ArrayList<>();
    private final Linear intensities;
    private final Block dropout;

    SpectrumHead(SpectrumModelConfig config) {
        super(VERSION);
        this.config = config;
        for (int width : config.headDims()) {
            layers.add(addChildBlock("hidden", Linear.builder().setUnits(width).build()));
            if (config.encoder().normalization() != GraphEncoderConfig.Normalization.NONE) {
                normalizations.add(addChildBlock(
                        "normalization",
                        GraphEncoder.normalization(config.encoder().normalization())));
            }
        }
        intensities = addChildBlock(
                "intensities", Linear.builder().setUnits(config.axis().bins()).build());
        dropout = addChildBlock(
                "dropout",
                Dropout.builder().optRate((float) config.headDropout()).build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray hidden = inputs.head();
        for (int layer = 0; layer < layers.size(); layer++) {
            hidden = layers.get(layer)
                    .forward(parameterStore, new NDList(hidden), training)
                    .singletonOrThrow();
            if (!normalizations.isEmpty()) {
                hidden = GraphEncoder.normalize(normalizations.get(layer), parameterStore, hidden, training);
            }
            hidden = GraphEncoder.activate(config.encoder().activation(), hidden);
            if (config.headDropout() > 0) {
                hidden = dropout.forward(parameterStore, new NDList(hidden), training)
                        .singletonOrThrow();
            }
        }
        NDArray raw = intensities
                .forward(parameterStore, new NDList(hidden), training)
                .singletonOrThrow();
        NDArray positive = switch (config.output()) {
            case SOFTPLUS -> Activation.softPlus(raw.sub(FAINT));
            case SIGMOID -> Activation.sigmoid(raw.sub(FAINT));
            case RELU -> Activation.relu(raw);
        };
        return new NDList(positive, hidden);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        long batch = inputs[0].get(0);
        int last = layers.size() - 1;
        return new Shape[] {
            new Shape(batch, config.axis().bins()),
            last < 0 ? inputs[0] : new Shape(batch, config.headDims().get(last))
        };
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape shape = inputShapes[0];
        for (int layer = 0; layer < layers.size(); layer++) {
            layers.get(layer).initialize(manager, dataType, shape);
            shape = new Shape(shape.get(0), config.headDims().get(layer));
            if (!normalizations.isEmpty()) {
                normalizations.get(layer).initialize(manager, dataType, shape);
            }
        }
        intensities.initialize(manager, dataType, shape);
        dropout.initialize(manager, dataType, shape);
    }
}
