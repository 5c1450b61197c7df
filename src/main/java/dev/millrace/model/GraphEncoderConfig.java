package dev.millrace.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shape of a {@link GraphEncoder}. Immutable; its text form identifies a model at load.
 *
 * @param nodes what the node features are
 * @param bonds what the bond features are
 * @param hiddenDim width of every layer and of the result, {@code hidden_dim}
 * @param numLayers rounds of message passing, {@code num_layers}
 * @param convType how messages are made and joined, {@code conv_type}
 * @param pooling how nodes become a graph, {@code pooling}
 * @param normalization what follows each round; {@code batch_norm: true} is {@link Normalization#BATCH}
 * @param activation after each normalization, {@code activation}
 * @param dropout share of values set to zero after each round while training, {@code dropout}
 * @param residual whether each round adds to its input, {@code residual}
 */
public record GraphEncoderConfig(
        FeatureInput nodes,
        FeatureInput bonds,
        int hiddenDim,
        int numLayers,
        ConvType convType,
        Pooling pooling,
        Normalization normalization,
        ActivationKind activation,
        double dropout,
        boolean residual) {

    /** How a round of message passing works. */
    public enum ConvType {
        /** Hu et al. 2020: {@code MLP((1 + ε) h + Σ relu(h_source + bond))}. */
        GINE,
        /** Xu et al. 2019, without the features of bonds: {@code MLP((1 + ε) h + Σ h_source)}. */
        GIN,
        /** Kipf and Welling 2017 with bonds: {@code Σ relu(W h_source + bond) / √(d_source d_target)} and a root term. */
        GCN
    }

    /** How the nodes of a graph become one vector. */
    public enum Pooling {
        /** Mean over the nodes: blind to the size of the graph. */
        MEAN,
        /** Sum over the nodes: extensive, as a mass is. */
        SUM,
        /** Largest value over the nodes. */
        MAX
    }

    /** What follows each round of message passing. */
    public enum Normalization {
        /** Over all nodes of the batch while training, over running statistics otherwise. */
        BATCH,
        /** Over the values of each node. */
        LAYER,
        /** Nothing. */
        NONE
    }

    /** Non-linearities. */
    public enum ActivationKind {
        /** {@code max(x, 0)}. */
        RELU,
        /** {@code x Φ(x)}. */
        GELU,
        /** {@code x sigmoid(x)}. */
        SILU,
        /** Hyperbolic tangent. */
        TANH
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public GraphEncoderConfig {
        List<String> faults = new ArrayList<>();
        if (hiddenDim < 1 || hiddenDim > 65_536) {
            faults.add("hidden_dim must be 1..65536, found " + hiddenDim);
        }
        if (numLayers < 0 || numLayers > 1_000) {
            faults.add("num_layers must be 0..1000, found " + numLayers);
        }
        checkDropout("dropout", dropout, faults);
        refuse("the graph encoder", faults);
    }

    /** A GINE encoder of five layers of 256 with batch normalization, mean pooling, ReLU, dropout 0.15 and residuals. */
    public static GraphEncoderConfig of(FeatureInput nodes, FeatureInput bonds) {
        return new GraphEncoderConfig(
                nodes,
                bonds,
                256,
                5,
                ConvType.GINE,
                Pooling.MEAN,
                Normalization.BATCH,
                ActivationKind.RELU,
                0.15,
                true);
    }

    /**
     * A constant of one of the enums of this package by the name that configuration files use.
     *
     * @throws IllegalArgumentException listing the names that exist
     */
    public static <E extends Enum<E>> E named(Class<E> type, String key, String name) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String known = constant.name().toLowerCase(Locale.ROOT);
            if (known.equals(name)) {
                return constant;
            }
            names.add(known);
        }
        throw new IllegalArgumentException(
                key + " must be one of " + String.join(", ", names) + ", found '" + name + "'.");
    }

    /** This with another {@code hidden_dim}. */
    public GraphEncoderConfig withHiddenDim(int value) {
        return new GraphEncoderConfig(
                nodes, bonds, value, numLayers, convType, pooling, normalization, activation, dropout, residual);
    }

    /** This with another {@code num_layers}. */
    public GraphEncoderConfig withNumLayers(int value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, value, convType, pooling, normalization, activation, dropout, residual);
    }

    /** This with another {@code conv_type}. */
    public GraphEncoderConfig withConvType(ConvType value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, value, pooling, normalization, activation, dropout, residual);
    }

    /** This with another {@code pooling}. */
    public GraphEncoderConfig withPooling(Pooling value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, convType, value, normalization, activation, dropout, residual);
    }

    /** This with another normalization. */
    public GraphEncoderConfig withNormalization(Normalization value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, convType, pooling, value, activation, dropout, residual);
    }

    /** This with another {@code activation}. */
    public GraphEncoderConfig withActivation(ActivationKind value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, convType, pooling, normalization, value, dropout, residual);
    }

    /** This with another {@code dropout}. */
    public GraphEncoderConfig withDropout(double value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, convType, pooling, normalization, activation, value, residual);
    }

    /** This with or without residual connections. */
    public GraphEncoderConfig withResidual(boolean value) {
        return new GraphEncoderConfig(
                nodes, bonds, hiddenDim, numLayers, convType, pooling, normalization, activation, dropout, value);
    }

    static void checkDropout(String key, double dropout, List<String> faults) {
        if (!(dropout >= 0 && dropout < 1)) {
            faults.add(key + " must be at least 0 and below 1, found " + dropout);
        }
    }

    static void refuse(String what, List<String> faults) {
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(faults.size() + (faults.size() == 1 ? " problem in " : " problems in ")
                    + what + ": " + String.join("; ", faults) + ".");
        }
    }
}
