package dev.millrace.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shape of a {@link PropertyModel}. Immutable; its text form identifies a model at load, the scales of its targets included.
 *
 * @param encoder the graph encoder
 * @param headDims widths of the hidden layers between the graph's vector and the targets
 * @param headDropout share of values set to zero after each of them while training
 * @param targets what is predicted, in the order of the columns
 */
public record PropertyModelConfig(
        GraphEncoderConfig encoder, List<Integer> headDims, double headDropout, List<Target> targets) {

    /**
     * A predicted quantity.
     *
     * @param name such as {@code homo_lumo_gap}
     * @param mean over the training split, in the unit of the labels
     * @param standardDeviation over the training split, in the unit of the labels
     * @param weight in the loss, beside the other targets
     */
    public record Target(String name, double mean, double standardDeviation, double weight) {
        /** A target that weighs 1. */
        public static Target of(String name, double mean, double standardDeviation) {
            return new Target(name, mean, standardDeviation, 1);
        }
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public PropertyModelConfig {
        headDims = List.copyOf(headDims);
        targets = List.copyOf(targets);
        List<String> faults = new ArrayList<>();
        if (headDims.stream().anyMatch(width -> width < 1 || width > 65_536)) {
            faults.add("head widths must be 1..65536, found " + headDims);
        }
        GraphEncoderConfig.checkDropout("head dropout", headDropout, faults);
        if (targets.isEmpty()) {
            faults.add("there must be a target, found none");
        }
        Set<String> names = new HashSet<>();
        for (Target target : targets) {
            if (target.name().isBlank() || !names.add(target.name())) {
                faults.add("targets must have names of their own, found '" + target.name() + "'");
            }
            if (!Double.isFinite(target.mean())) {
                faults.add("mean of " + target.name() + " must be finite, found " + target.mean());
            }
            if (!(target.standardDeviation() > 0) || Double.isInfinite(target.standardDeviation())) {
                faults.add("standard deviation of " + target.name() + " must be above 0, found "
                        + target.standardDeviation());
            }
            if (!(target.weight() > 0) || Double.isInfinite(target.weight())) {
                faults.add("weight of " + target.name() + " must be above 0, found " + target.weight());
            }
        }
        GraphEncoderConfig.refuse("the property model", faults);
    }

    /**
     * The original's head on the encoder recommended for a named feature specification: one hidden layer of 128.
     *
     * @throws IllegalArgumentException for a name that {@link FeatureInput#nodesOf} does not know
     */
    public static PropertyModelConfig of(String specification, List<Target> targets) {
        GraphEncoderConfig encoder =
                GraphEncoderConfig.of(FeatureInput.nodesOf(specification), FeatureInput.bondsOf(specification));
        return new PropertyModelConfig(encoder, List.of(128), 0.1, targets);
    }

    /** This with another encoder. */
    public PropertyModelConfig withEncoder(GraphEncoderConfig value) {
        return new PropertyModelConfig(value, headDims, headDropout, targets);
    }

    /** This with other head widths and dropout. */
    public PropertyModelConfig withHead(List<Integer> widths, double dropout) {
        return new PropertyModelConfig(encoder, widths, dropout, targets);
    }
}
