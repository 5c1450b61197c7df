package dev.millrace.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shape of a {@link SpectrumModel}. Immutable; its text form identifies a model at load.
 *
 * @param encoder the graph encoder
 * @param axis bins of the predicted spectrum
 * @param headDims widths of the hidden layers of the head
 * @param headDropout share of values set to zero after each of them while training
 * @param output what keeps intensities from being negative
 * @param masses what the node features say about masses, for the fragments of cut bonds; null for a model without them.
 *     Nominal masses need bins of at least 1 Da
 * @param hydrogenShifts how many hydrogens a fragment may lose or gain: its peaks are ± that many Da around its mass
 */
public record SpectrumModelConfig(
        GraphEncoderConfig encoder,
        SpectrumAxis axis,
        List<Integer> headDims,
        double headDropout,
        Output output,
        @Nullable NodeMasses masses,
        int hydrogenShifts) {

    /** What keeps intensities from being negative. */
    public enum Output {
        /** {@code log(1 + exp(x))}: no upper end, never without a gradient. */
        SOFTPLUS,
        /** {@code 1 / (1 + exp(−x))}. */
        SIGMOID,
        /** {@code max(x, 0)}: exact zeros, but a bin that is always below stays there. */
        RELU
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public SpectrumModelConfig {
        headDims = List.copyOf(headDims);
        List<String> faults = new ArrayList<>();
        if (headDims.stream().anyMatch(width -> width < 1 || width > 65_536)) {
            faults.add("head widths must be 1..65536, found " + headDims);
        }
        GraphEncoderConfig.checkDropout("head dropout", headDropout, faults);
        if (hydrogenShifts < 0 || hydrogenShifts > 50) {
            faults.add("hydrogen shifts must be 0..50, found " + hydrogenShifts);
        }
        if (masses != null && axis.binSize() < 1) {
            faults.add("fragments have nominal masses and need mz_bin_size of at least 1, found " + axis.binSize());
        }
        if (masses != null && masses.contributions().size() != NodeMasses.length(encoder.nodes())) {
            faults.add("node masses must have " + NodeMasses.length(encoder.nodes())
                    + " entries for these node features, found "
                    + masses.contributions().size());
        }
        GraphEncoderConfig.refuse("the spectrum model", faults);
    }

    /**
     * The recommended model for a named feature specification ({@code bitspec-48-6} or {@code ogb-9-3}): what did best on a
     * few hundred spectra. Fragments are left out where the bins are narrower than 1 Da.
     *
     * @throws IllegalArgumentException for any other name
     */
    public static SpectrumModelConfig of(String specification, SpectrumAxis axis) {
        GraphEncoderConfig encoder = GraphEncoderConfig.of(
                        FeatureInput.nodesOf(specification), FeatureInput.bondsOf(specification))
                .withHiddenDim(128)
                .withNumLayers(4)
                .withPooling(GraphEncoderConfig.Pooling.SUM)
                .withDropout(0.1);
        return new SpectrumModelConfig(
                encoder,
                axis,
                List.of(512, 512),
                0.2,
                Output.SOFTPLUS,
                axis.binSize() >= 1 ? NodeMasses.of(specification) : null,
                3);
    }

    /** This with another encoder. */
    public SpectrumModelConfig withEncoder(GraphEncoderConfig value) {
        return new SpectrumModelConfig(value, axis, headDims, headDropout, output, masses, hydrogenShifts);
    }

    /** This with other head widths and dropout. */
    public SpectrumModelConfig withHead(List<Integer> widths, double dropout) {
        return new SpectrumModelConfig(encoder, axis, widths, dropout, output, masses, hydrogenShifts);
    }

    /** This with another output function. */
    public SpectrumModelConfig withOutput(Output value) {
        return new SpectrumModelConfig(encoder, axis, headDims, headDropout, value, masses, hydrogenShifts);
    }

    /** This without the fragments of cut bonds. */
    public SpectrumModelConfig withoutFragments() {
        return new SpectrumModelConfig(encoder, axis, headDims, headDropout, output, null, hydrogenShifts);
    }
}
