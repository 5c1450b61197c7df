package dev.millrace.cli;

import dev.millrace.model.TableInput;
import dev.millrace.model.TableModel;
import dev.millrace.model.TableModelConfig;
import dev.millrace.training.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A model over a user's tables, beside its parameters. Immutable.
 *
 * @param config shape of the network, with scales, categories and classes
 * @param query the rows that it was made for
 * @param trainedOn where the parameters come from
 */
record TableModelFile(TableModelConfig config, TableQuery query, ModelFile.TrainedOn trainedOn)
        implements ModelDescription {
    private static final String KEY = "table_model";
    private static final String QUERY = "query";
    private static final String TRAINED_ON = "trained_on";

    /** Whether a model file is one of a table. */
    static boolean describes(ConfigNode root) {
        Map<String, ConfigNode> members = root.members();
        return members != null && members.containsKey(KEY);
    }

    /** That of a checkpoint; null if it is of another kind of model. */
    static @Nullable TableModelFile of(Checkpoint checkpoint) {
        byte[] bytes = checkpoint.attachment(ModelFile.NAME);
        String source = checkpoint.folder().resolve(ModelFile.NAME).toString();
        ConfigNode root = ConfigTree.parse(source, new String(bytes, StandardCharsets.UTF_8));
        Map<String, ConfigNode> members = root.members();
        if (members == null || !describes(root)) {
            return null;
        }
        return new TableModelFile(
                ((TableModel) ModelDescription.newBlock(bytes)).config(),
                section(source, members, QUERY, TableQuery.class),
                section(source, members, TRAINED_ON, ModelFile.TrainedOn.class));
    }

    private static <T extends Record> T section(
            String source, Map<String, ConfigNode> members, String key, Class<T> type) {
        ConfigBinder binder = new ConfigBinder(source, Map.of());
        T section = binder.bind(type, members.getOrDefault(key, new ConfigNode(null, key)));
        binder.check();
        if (section == null) {
            throw new IllegalStateException("A section without faults was not bound: " + key + " of " + source);
        }
        return section;
    }

    @Override
    public byte[] toBytes() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("channels", config.channels());
        model.put("hidden_dims", config.hiddenDims());
        model.put("embedding_dim", config.embeddingDim());
        model.put("dropout", config.dropout());
        model.put("activation", ConfigBinder.nameOf(config.activation()));
        List<Map<String, Object>> inputs = new ArrayList<>();
        config.inputs().forEach(input -> inputs.add(toMap(input)));
        Map<String, Object> file = new LinkedHashMap<>();
        file.put(KEY, model);
        file.put("inputs", inputs);
        file.put(
                "output",
                config.output() instanceof TableModelConfig.Classes classes
                        ? Map.of("classes", classes.names())
                        : ConfigBinder.toMap((TableModelConfig.Values) config.output()));
        file.put(QUERY, ConfigBinder.toMap(query));
        file.put(TRAINED_ON, ConfigBinder.toMap(trainedOn));
        return YAMLMapper.shared().writeValueAsString(file).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> toMap(TableInput input) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", input.name());
        if (input instanceof TableInput.Numbers numbers) {
            map.put("kind", "numbers");
            map.put("size", numbers.size());
            map.put("means", numbers.means());
            map.put("deviations", numbers.deviations());
        } else if (input instanceof TableInput.Categories categories) {
            map.put("kind", "categories");
            map.put("values", categories.values());
        } else if (input instanceof TableInput.Image image) {
            map.put("kind", "image");
            map.put("channels", image.channels());
            map.put("height", image.height());
            map.put("width", image.width());
            map.put("channels_last", image.channelsLast());
            map.put("means", image.means());
            map.put("deviations", image.deviations());
        }
        return map;
    }

    @Override
    public TableModel newBlock() {
        return (TableModel) ModelDescription.newBlock(toBytes());
    }
}
