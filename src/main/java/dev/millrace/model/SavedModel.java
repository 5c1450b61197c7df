package dev.millrace.model;

import dev.millrace.exafs.KGrid;
import dev.millrace.spectra.SpectrumOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The {@code model.yaml} that training leaves beside the parameters: enough to make the block again and to read what comes out
 * of it. Immutable.
 */
public final class SavedModel {
    /** Name in a checkpoint. */
    public static final String FILE = "model.yaml";

    private static final String BEST = "best";

    private final Path file;
    private final JsonNode root;

    private SavedModel(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads that of a checkpoint, or of the best one in the folder of a run.
     *
     * @throws IOException if the folder has no such file, or one that is no YAML
     */
    static SavedModel read(Path folder) throws IOException {
        Path own = folder.resolve(FILE);
        Path best = folder.resolve(BEST).resolve(FILE);
        Path file = !Files.exists(own) && Files.exists(best) ? best : own;
        return parse(file, Files.readString(file));
    }

    /**
     * Reads the text of such a file.
     *
     * @param file for messages
     * @throws IOException if it is no YAML
     */
    public static SavedModel parse(Path file, String text) throws IOException {
        try {
            return new SavedModel(file, YAMLMapper.shared().readTree(text));
        } catch (JacksonException e) {
            throw new IOException(
                    "Cannot read a model: expected YAML, found " + e.getOriginalMessage() + " (" + file
                            + "). Take the folder of a checkpoint.",
                    e);
        }
    }

    String featureSpec() throws IOException {
        return at(root, "feature_spec").asString();
    }

    /** Options of the spectra that it predicts; null for a model of properties. */
    @Nullable
    SpectrumOptions spectrum() throws IOException {
        JsonNode node = root.path("spectrum");
        return node.isObject()
                ? new SpectrumOptions(
                        at(node, "max_mz").asDouble(),
                        at(node, "mz_bin_size").asDouble(),
                        constant(SpectrumOptions.Binning.class, node, "binning"),
                        at(node, "origin").asInt(),
                        constant(SpectrumOptions.Transform.class, node, "transform"),
                        at(node, "min_intensity").asDouble(),
                        constant(SpectrumOptions.Scale.class, node, "scale"))
                : null;
    }

    /** Names and scales of the properties that it predicts; null for a model of spectra and for an encoder alone. */
    @Nullable
    List<PropertyModelConfig.Target> targets() throws IOException {
        JsonNode node = root.path("properties");
        if (!node.isObject()) {
            return null;
        }
        return targets(node);
    }

    List<PropertyModelConfig.Target> targets(JsonNode node) throws IOException {
        List<PropertyModelConfig.Target> targets = new ArrayList<>();
        for (JsonNode target : at(node, "targets")) {
            targets.add(new PropertyModelConfig.Target(
                    at(target, "name").asString(),
                    at(target, "mean").asDouble(),
                    at(target, "standard_deviation").asDouble(),
                    at(target, "weight").asDouble()));
        }
        return targets;
    }

    /**
     * The block without parameters: a model of spectra, of properties, of tokens, of χ(k) or of a table, or an encoder alone.
     *
     * @throws IOException if a key is missing, or its value is none that a model can have
     */
    public TrainableModel newBlock() throws IOException {
        JsonNode tokens = root.path("token_model");
        if (tokens.isObject()) {
            return tokens(tokens);
        }
        JsonNode chi = root.path("exafs_model");
        if (chi.isObject()) {
            return chi(chi);
        }
        if (root.path("table_model").isObject()) {
            return new SavedTable(this, root).newBlock();
        }
        JsonNode model = at(root, "model");
        SpectrumOptions options = spectrum();
        List<PropertyModelConfig.Target> targets = targets();
        try {
            if (options != null) {
                return spectra(model, options);
            }
            return targets != null ? properties(model, targets) : new GraphEncoder(encoder(model));
        } catch (IllegalArgumentException e) {
            throw refused(e);
        }
    }

    private TokenModel tokens(JsonNode model) throws IOException {
        try {
            return new TokenModel(new TokenModelConfig(
                    at(model, "vocabulary").asInt(),
                    at(model, "hidden_dim").asInt(),
                    at(model, "num_layers").asInt(),
                    constant(TokenModelConfig.Layer.class, model, "layer"),
                    at(model, "kernel_size").asInt(),
                    at(model, "dilation_cycle").asInt(),
                    at(model, "heads").asInt(),
                    at(model, "dropout").asDouble(),
                    at(model, "tied_head").asBoolean()));
        } catch (IllegalArgumentException e) {
            throw refused(e);
        }
    }

    private ChiModel chi(JsonNode model) throws IOException {
        JsonNode input = at(root, "input");
        List<Double> k = new ArrayList<>();
        at(input, "k").forEach(value -> k.add(value.asDouble()));
        String target = at(root, "target").asString();
        try {
            ChiModelConfig config = new ChiModelConfig(
                    KGrid.of(k.stream().mapToDouble(Double::doubleValue).toArray()),
                    at(model, "hidden_dim").asInt(),
                    at(model, "num_layers").asInt(),
                    at(model, "embedding_dim").asInt(),
                    at(model, "basis").asInt(),
                    at(model, "dropout").asDouble(),
                    at(input, "max_legs").asInt(),
                    at(input, "k_weight").asInt(),
                    new ChiModelConfig.Scale(
                            at(input, "mean_distance").asDouble(),
                            at(input, "distance_deviation").asDouble(),
                            at(input, "amplitude").asDouble()));
            return switch (target) {
                case "path_chi" -> new PathChiModel(config);
                case "atom_chi" -> new AtomChiModel(config);
                case "distance" -> new ShellDistanceModel(config);
                default -> throw unknown("target", target);
            };
        } catch (IllegalArgumentException e) {
            throw refused(e);
        }
    }

    private SpectrumModel spectra(JsonNode model, SpectrumOptions options) throws IOException {
        SpectrumAxis axis = new SpectrumAxis(options.bins(), options.binSize(), options.origin() * options.binSize());
        SpectrumModelConfig usual = SpectrumModelConfig.of(featureSpec(), axis);
        SpectrumModelConfig config = usual.withEncoder(encoder(model))
                .withHead(widths(model, usual.headDims()), headDropout(model, usual.headDropout()));
        return new SpectrumModel(model.path("fragments").asBoolean(true) ? config : config.withoutFragments());
    }

    private PropertyModel properties(JsonNode model, List<PropertyModelConfig.Target> targets) throws IOException {
        PropertyModelConfig usual = PropertyModelConfig.of(featureSpec(), targets);
        return new PropertyModel(usual.withEncoder(encoder(model))
                .withHead(widths(model, usual.headDims()), headDropout(model, usual.headDropout())));
    }

    private GraphEncoderConfig encoder(JsonNode model) throws IOException {
        JsonNode layer = at(model, "gcn");
        GraphEncoderConfig.Normalization rows = layer.path("layer_norm").asBoolean(false)
                ? GraphEncoderConfig.Normalization.LAYER
                : GraphEncoderConfig.Normalization.NONE;
        return GraphEncoderConfig.of(FeatureInput.nodesOf(featureSpec()), FeatureInput.bondsOf(featureSpec()))
                .withHiddenDim(at(model, "hidden_dim").asInt())
                .withNumLayers(at(model, "num_layers").asInt())
                .withConvType(convolution(layer))
                .withPooling(constant(GraphEncoderConfig.Pooling.class, model, "pooling"))
                .withActivation(constant(GraphEncoderConfig.ActivationKind.class, layer, "activation"))
                .withNormalization(at(layer, "batch_norm").asBoolean() ? GraphEncoderConfig.Normalization.BATCH : rows)
                .withDropout(at(model, "dropout").asDouble())
                .withResidual(at(layer, "residual").asBoolean());
    }

    /** Written as the original does: {@code gineconv}. */
    private GraphEncoderConfig.ConvType convolution(JsonNode layer) throws IOException {
        String written = at(layer, "conv_type").asString();
        for (GraphEncoderConfig.ConvType type : GraphEncoderConfig.ConvType.values()) {
            if (written.equalsIgnoreCase(type + "conv")) {
                return type;
            }
        }
        throw unknown("conv_type", written);
    }

    /** What the checks of a configuration refuse, as a fault of the file. */
    IOException refused(IllegalArgumentException e) {
        return new IOException("Cannot make the model: " + e.getMessage() + " (" + file + ").", e);
    }

    private static List<Integer> widths(JsonNode model, List<Integer> usual) {
        JsonNode node = model.path("head_dims");
        if (!node.isArray()) {
            return usual;
        }
        List<Integer> widths = new ArrayList<>();
        node.forEach(width -> widths.add(width.asInt()));
        return widths;
    }

    private static double headDropout(JsonNode model, double usual) {
        JsonNode node = model.path("head_dropout");
        return node.isNumber() ? node.asDouble() : usual;
    }

    <E extends Enum<E>> E constant(Class<E> type, JsonNode node, String key) throws IOException {
        String written = at(node, key).asString();
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(written)) {
                return constant;
            }
        }
        throw unknown(key, written);
    }

    IOException unknown(String key, String found) {
        return new IOException("Cannot make the model: expected a known " + key + ", found '" + found + "' (" + file
                + "). Use the Millrace version that wrote it.");
    }

    JsonNode at(JsonNode node, String key) throws IOException {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            throw new IOException("Cannot read a model: expected the key " + key + ", found none (" + file
                    + "). Take the folder of a checkpoint that Millrace wrote.");
        }
        return value;
    }
}
