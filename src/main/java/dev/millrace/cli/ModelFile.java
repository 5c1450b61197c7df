package dev.millrace.cli;

import dev.millrace.model.EncoderModel;
import dev.millrace.model.PropertyModelConfig;
import dev.millrace.model.SavedModel;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.spectra.SpectrumOptions;
import dev.millrace.training.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a trained model is, beside its parameters: enough to make the same block again and to read what comes out of it. Kept
 * as {@code model.yaml} in every checkpoint. Immutable.
 *
 * @param featureSpec specification of the molecule features
 * @param model shape of the network
 * @param spectrum what a bin stands for, of a model that predicts spectra
 * @param properties what is predicted, of a model that predicts properties; a file with neither is that of an encoder alone
 * @param trainedOn where the parameters come from; null in files of the first release
 */
record ModelFile(
        String featureSpec,
        TrainConfig.Model model,
        @Nullable Spectrum spectrum,
        @Nullable Properties properties,
        @Nullable TrainedOn trainedOn)
        implements ModelDescription {
    /** Name in a checkpoint. */
    static final String NAME = SavedModel.FILE;

    /** What comes out of a model. */
    sealed interface Output {}

    /** {@link SpectrumOptions}, key by key. */
    record Spectrum(
            double maxMz,
            double mzBinSize,
            SpectrumOptions.Binning binning,
            int origin,
            SpectrumOptions.Transform transform,
            double minIntensity,
            SpectrumOptions.Scale scale)
            implements Output {
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

        SpectrumAxis axis() {
            SpectrumOptions options = toOptions();
            return new SpectrumAxis(options.bins(), options.binSize(), options.origin() * options.binSize());
        }
    }

    /** The columns of a property model, in eV. */
    record Properties(List<PropertyModelConfig.Target> targets) implements Output {}

    /** Nothing but the vectors of an encoder. */
    record Vectors() implements Output {}

    /**
     * The data behind the parameters.
     *
     * @param database file name
     * @param digest of content, split and order
     * @param trainingSamples samples trained on
     */
    record TrainedOn(String database, String digest, long trainingSamples) {}

    /** That of a checkpoint. */
    static ModelFile of(Checkpoint checkpoint) {
        return read(checkpoint.folder().resolve(NAME).toString(), checkpoint.attachment(NAME));
    }

    /** Reads what {@link #toBytes} wrote. */
    static ModelFile read(String source, byte[] bytes) {
        ConfigBinder binder = new ConfigBinder(source, Map.of());
        ConfigNode root = ConfigTree.parse(source, new String(bytes, StandardCharsets.UTF_8));
        if (TokenModelFile.describes(root)) {
            throw new UsageException("Expected a model of molecules, found a model of tokens in " + source
                    + ". What a token model says of sequences is measured in training: see report.html of its run.");
        }
        if (ExafsModelFile.describes(root)) {
            throw new UsageException("Expected a model of molecules, found a model of χ(k) in " + source
                    + ". It predicts for a path file, --feff, or a path of a database, --database and --path-id.");
        }
        if (TableModelFile.describes(root)) {
            throw new UsageException("Expected a model of molecules, found a model of a table in " + source
                    + ". It predicts for the rows of a database: --ids, --query, or neither for its validation rows.");
        }
        ModelFile file = binder.bind(ModelFile.class, root);
        binder.check();
        if (file == null) {
            throw new IllegalStateException("A model file without faults was not bound: " + source);
        }
        return file;
    }

    @Override
    public byte[] toBytes() {
        return YAMLMapper.shared()
                .writeValueAsString(new LinkedHashMap<>(ConfigBinder.toMap(this)))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The same without what only its head needs. */
    ModelFile ofEncoder() {
        return new ModelFile(featureSpec, model, null, null, trainedOn);
    }

    Output output() {
        return spectrum != null ? spectrum : properties != null ? properties : new Vectors();
    }

    /** A new block of this shape, without parameters: the one that the library makes of such a file. */
    @Override
    public EncoderModel newBlock() {
        return (EncoderModel) ModelDescription.newBlock(toBytes());
    }

    /**
     * In what this encoder differs from another, with both values of each: parameters of one do not fit, or do not mean the
     * same, in the other. Empty if nothing does. Pooling and dropout may differ.
     */
    List<String> encoderDifferences(ModelFile pretrained) {
        List<String> differences = new ArrayList<>();
        compare(differences, "feature specification", featureSpec, pretrained.featureSpec);
        compare(differences, "model.hidden_dim", model.hiddenDim(), pretrained.model.hiddenDim());
        compare(differences, "model.num_layers", model.numLayers(), pretrained.model.numLayers());
        TrainConfig.Gcn layer = model.gcn();
        TrainConfig.Gcn other = pretrained.model.gcn();
        compare(differences, "model.gcn.conv_type", layer.convType(), other.convType());
        compare(differences, "model.gcn.activation", layer.activation(), other.activation());
        compare(differences, "model.gcn.batch_norm", layer.batchNorm(), other.batchNorm());
        compare(differences, "model.gcn.layer_norm", layer.layerNorm(), other.layerNorm());
        compare(differences, "model.gcn.residual", layer.residual(), other.residual());
        return differences;
    }

    private static void compare(List<String> differences, String key, Object expected, Object found) {
        if (!expected.equals(found)) {
            differences.add(key + " " + written(found) + " (pretrained) and " + written(expected) + " (this run)");
        }
    }

    private static String written(Object value) {
        return value instanceof Enum<?> constant ? ConfigBinder.nameOf(constant) : value.toString();
    }
}
