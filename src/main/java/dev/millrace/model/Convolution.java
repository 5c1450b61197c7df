package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * One round of message passing: nodes {@code [N, H]}, sources {@code [E]}, targets {@code [E]}, bonds {@code [E, F]} →
 * {@code [N, H]}.
 */
final class Convolution extends AbstractBlock {
    private static final byte VERSION = 1;

    private final GraphEncoderConfig config;
    private final Block bonds;
    private final Linear first;
    private final @Nullable Linear second;
    /** GINE: ε, one number. GCN: what a node without neighbours adds to itself before the activation. */
    private final Parameter root;

    Convolution(GraphEncoderConfig config) {
        super(VERSION);
        this.config = config;
        int width = config.hiddenDim();
        boolean gine = config.convType() == GraphEncoderConfig.ConvType.GINE;
        bonds = addChildBlock("bonds", GraphEncoder.embedding(config.bonds(), width));
        first = addChildBlock(
                "first", Linear.builder().setUnits(gine ? 2L * width : width).build());
        second = gine ? addChildBlock("second", Linear.builder().setUnits(width).build()) : null;
        root = addParameter(Parameter.builder()
                .setName("root")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(1, gine ? 1 : width))
                .optInitializer(Initializer.ZEROS)
                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray nodes = inputs.get(0);
        NDArray sources = inputs.get(1);
        NDArray targets = inputs.get(2);
        NDArray bond = bonds.forward(parameterStore, new NDList(inputs.get(3)), training)
                .singletonOrThrow();
        NDArray own = parameterStore.getValue(root, nodes.getDevice(), training);
        if (second == null) {
            return new NDList(gcn(parameterStore, nodes, sources, targets, bond, own, training));
        }
        NDArray messages = ScatterAdd.addRowsRelu(nodes, bond, sources);
        NDArray sum = ScatterAdd.sumRows(messages, targets, nodes);
        NDArray joined = sum.add(nodes).add(nodes.mul(own));
        NDArray wide =
                first.forward(parameterStore, new NDList(joined), training).singletonOrThrow();
        NDArray active = GraphEncoder.activate(config.activation(), wide);
        return second.forward(parameterStore, new NDList(active), training);
    }

    private NDArray gcn(
            ParameterStore parameterStore,
            NDArray nodes,
            NDArray sources,
            NDArray targets,
            NDArray bond,
            NDArray own,
            boolean training) {
        NDArray mapped =
                first.forward(parameterStore, new NDList(nodes), training).singletonOrThrow();
        // A node counts itself, so that no degree is 0. Each bond is given in both directions: in-degree is out-degree.
        NDArray ones = nodes.getManager().ones(new Shape(targets.size(), 1), nodes.getDataType(), nodes.getDevice());
        NDArray degree = ScatterAdd.sumRows(ones, targets, nodes).add(1);
        NDArray scale = degree.pow(-0.5);
        NDArray weight = ScatterAdd.takeRows(scale, sources).mul(ScatterAdd.takeRows(scale, targets));
        NDArray messages = ScatterAdd.addRowsRelu(mapped, bond, sources).mul(weight);
        NDArray self = GraphEncoder.activate(GraphEncoderConfig.ActivationKind.RELU, mapped.add(own))
                .div(degree);
        return ScatterAdd.sumRows(messages, targets, nodes).add(self);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {inputs[0]};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        bonds.initialize(manager, dataType, inputShapes[3]);
        first.initialize(manager, dataType, inputShapes[0]);
        if (second != null) {
            second.initialize(manager, dataType, new Shape(inputShapes[0].get(0), 2L * config.hiddenDim()));
        }
    }
}
