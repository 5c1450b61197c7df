package dev.millrace.model;

import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The part of a {@link SavedModel} that describes a {@link TableModel}. Immutable. */
record SavedTable(SavedModel saved, JsonNode root) {
    TableModel newBlock() throws IOException {
        JsonNode model = saved.at(root, "table_model");
        List<TableInput> inputs = new ArrayList<>();
        for (JsonNode input : saved.at(root, "inputs")) {
            inputs.add(input(input));
        }
        try {
            return new TableModel(new TableModelConfig(
                    inputs,
                    integers(saved.at(model, "channels")),
                    integers(saved.at(model, "hidden_dims")),
                    saved.at(model, "embedding_dim").asInt(),
                    saved.at(model, "dropout").asDouble(),
                    saved.constant(ActivationKind.class, model, "activation"),
                    output(saved.at(root, "output"))));
        } catch (IllegalArgumentException e) {
            throw saved.refused(e);
        }
    }

    private TableInput input(JsonNode node) throws IOException {
        String name = saved.at(node, "name").asString();
        String kind = saved.at(node, "kind").asString();
        return switch (kind) {
            case "numbers" ->
                new TableInput.Numbers(
                        name,
                        saved.at(node, "size").asInt(),
                        doubles(saved.at(node, "means")),
                        doubles(saved.at(node, "deviations")));
            case "categories" -> {
                List<List<String>> values = new ArrayList<>();
                saved.at(node, "values").forEach(column -> values.add(texts(column)));
                yield new TableInput.Categories(name, values);
            }
            case "image" ->
                new TableInput.Image(
                        name,
                        saved.at(node, "channels").asInt(),
                        saved.at(node, "height").asInt(),
                        saved.at(node, "width").asInt(),
                        saved.at(node, "channels_last").asBoolean(),
                        doubles(saved.at(node, "means")),
                        doubles(saved.at(node, "deviations")));
            default -> throw saved.unknown("kind of input", kind);
        };
    }

    private TableModelConfig.Output output(JsonNode node) throws IOException {
        return node.path("classes").isArray()
                ? new TableModelConfig.Classes(texts(node.path("classes")))
                : new TableModelConfig.Values(saved.targets(node));
    }

    private static List<Integer> integers(JsonNode node) {
        List<Integer> values = new ArrayList<>();
        node.forEach(value -> values.add(value.asInt()));
        return values;
    }

    private static List<Double> doubles(JsonNode node) {
        List<Double> values = new ArrayList<>();
        node.forEach(value -> values.add(value.asDouble()));
        return values;
    }

    private static List<String> texts(JsonNode node) {
        List<String> values = new ArrayList<>();
        node.forEach(value -> values.add(value.asString()));
        return values;
    }
}
