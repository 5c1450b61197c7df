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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One round of message passing: nodes {@code [N, H]}, sources {@code [E]}, targets {@code [E]}, bonds → {@code [N, H]}.
 *
 * <p>Bonds are float features {@code [E, F]} or, instead of codes, the rows {@code [E, groups]} of {@link CodeColumns}.
 */
final class Convolution extends AbstractBlock {
    private static final byte VERSION = 1;

    private final GraphEncoderConfig config;
    /** Null where bonds do not count. */
    private final @Nullable Block bonds;

    private final Linear first;
    private final @Nullable Linear second;
    /** GINE and GIN: ε, one number. GCN: what a node without neighbours adds to itself before the activation. */
    private final Parameter root;

    Convolution(GraphEncoderConfig config) {
        super(VERSION);
        this.config = config;
        int width = config.hiddenDim();
        boolean gcn = config.convType() == GraphEncoderConfig.ConvType.GCN;
        bonds = config.convType() == GraphEncoderConfig.ConvType.GIN
                ? null
                : addChildBlock("bonds", GraphEncoder.embedding(config.bonds(), width));
        first = addChildBlock(
                "first", Linear.builder().setUnits(gcn ? width : 2L * width).build());
        second = gcn
                ? null
                : addChildBlock("second", Linear.builder().setUnits(width).build());
        root = addParameter(Parameter.builder()
                .setName("root")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(1, gcn ? width : 1))
                .optInitializer(Initializer.ZEROS)
                .build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray nodes = inputs.get(0);
        NDArray own = parameterStore.getValue(root, nodes.getDevice(), training);
        if (second == null) {
            return new NDList(gcn(parameterStore, inputs, own, training));
        }
        NDArray joined = join(parameterStore, inputs, own, training);
        return new NDList(ScatterAdd.perceptron(
                config.activation(),
                joined,
                value(first, "weight", parameterStore, nodes, training),
                value(first, "bias", parameterStore, nodes, training),
                value(second, "weight", parameterStore, nodes, training),
                value(second, "bias", parameterStore, nodes, training)));
    }

    private static NDArray value(
            Linear linear, String name, ParameterStore parameterStore, NDArray like, boolean training) {
        return parameterStore.getValue(linear.getDirectParameters().get(name), like.getDevice(), training);
    }

    private NDArray join(ParameterStore parameterStore, NDList inputs, NDArray own, boolean training) {
        NDArray nodes = inputs.get(0);
        NDArray sources = inputs.get(1);
        NDArray targets = inputs.get(2);
        NDArray bond = inputs.get(3);
        if (bonds == null) {
            return ScatterAdd.ginJoin(nodes, own, sources, targets);
        }
        if (bonds instanceof FeatureEmbedding codes) {
            NDArray table = codes.table(parameterStore, nodes.getDevice(), training);
            return codes.columns().gineJoin(nodes, own, sources, targets, bond, table);
        }
        return ScatterAdd.gineJoin(nodes, own, sources, targets, embed(bonds, parameterStore, bond, training));
    }

    private static NDArray embed(Block embedding, ParameterStore parameterStore, NDArray bond, boolean training) {
        return embedding instanceof FeatureEmbedding codes
                ? codes.columns().embed(bond, codes.table(parameterStore, bond.getDevice(), training))
                : embedding.forward(parameterStore, new NDList(bond), training).singletonOrThrow();
    }

    private NDArray gcn(ParameterStore parameterStore, NDList inputs, NDArray own, boolean training) {
        NDArray nodes = inputs.get(0);
        NDArray sources = inputs.get(1);
        NDArray targets = inputs.get(2);
        NDArray bond = embed(Objects.requireNonNull(bonds), parameterStore, inputs.get(3), training);
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
        if (bonds != null) {
            bonds.initialize(manager, dataType, inputShapes[3]);
        }
        first.initialize(manager, dataType, inputShapes[0]);
        if (second != null) {
            second.initialize(manager, dataType, new Shape(inputShapes[0].get(0), 2L * config.hiddenDim()));
        }
    }
}
