package dev.millrace.cli;

import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.model.SpectrumModel;
import dev.millrace.model.SpectrumModelConfig;
import dev.millrace.spectra.SpectrumOptions;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a trained model is, beside its parameters: enough to make the same block again and to read what comes out of it. Kept
 * as {@code model.yaml} in every checkpoint. Immutable.
 *
 * @param featureSpec specification of the molecule features
 * @param model shape of the network
 * @param spectrum what a bin stands for
 */
record ModelFile(String featureSpec, TrainConfig.Model model, Spectrum spectrum) {
    /** Name in a checkpoint. */
    static final String NAME = "model.yaml";

    /** {@link SpectrumOptions}, key by key. */
    record Spectrum(
            double maxMz,
            double mzBinSize,
            SpectrumOptions.Binning binning,
            int origin,
            SpectrumOptions.Transform transform,
            double minIntensity,
            SpectrumOptions.Scale scale) {
        static Spectrum of(SpectrumOptions options) {
            return new Spectrum(
                    options.maxMassToCharge(),
                    options.binSize(),
                    options.binning(),
                    options.origin(),
                    options.transform(),
                    options.minIntensity(),
                    options.scale());
        }

        SpectrumOptions toOptions() {
            return new SpectrumOptions(maxMz, mzBinSize, binning, origin, transform, minIntensity, scale);
        }
    }

    /** Reads what {@link #toBytes} wrote. */
    static ModelFile read(String source, byte[] bytes) {
        ConfigBinder binder = new ConfigBinder(source, Map.of());
        ModelFile file =
                binder.bind(ModelFile.class, ConfigTree.parse(source, new String(bytes, StandardCharsets.UTF_8)));
        binder.check();
        if (file == null) {
            throw new IllegalStateException("A model file without faults was not bound: " + source);
        }
        return file;
    }

    byte[] toBytes() {
        return YAMLMapper.shared()
                .writeValueAsString(new LinkedHashMap<>(ConfigBinder.toMap(this)))
                .getBytes(StandardCharsets.UTF_8);
    }

    SpectrumAxis axis() {
        SpectrumOptions options = spectrum.toOptions();
        return new SpectrumAxis(options.bins(), options.binSize(), options.origin() * options.binSize());
    }

    /** A new block of this shape, without parameters. */
    SpectrumModel newBlock() {
        TrainConfig.Gcn layer = model.gcn();
        SpectrumModelConfig recommended = SpectrumModelConfig.of(featureSpec, axis());
        GraphEncoderConfig encoder = recommended
                .encoder()
                .withHiddenDim(model.hiddenDim())
                .withNumLayers(model.numLayers())
                .withConvType(
                        layer.convType() == TrainConfig.Convolution.GCNCONV
                                ? GraphEncoderConfig.ConvType.GCN
                                : GraphEncoderConfig.ConvType.GINE)
                .withPooling(model.pooling())
                .withActivation(layer.activation())
                .withNormalization(
                        layer.batchNorm()
                                ? GraphEncoderConfig.Normalization.BATCH
                                : layer.layerNorm()
                                        ? GraphEncoderConfig.Normalization.LAYER
                                        : GraphEncoderConfig.Normalization.NONE)
                .withDropout(model.dropout())
                .withResidual(layer.residual());
        List<Integer> widths = model.headDims();
        Double dropout = model.headDropout();
        SpectrumModelConfig chosen = recommended
                .withEncoder(encoder)
                .withHead(
                        widths == null ? recommended.headDims() : widths,
                        dropout == null ? recommended.headDropout() : dropout);
        return new SpectrumModel(model.fragments() ? chosen : chosen.withoutFragments());
    }
}
