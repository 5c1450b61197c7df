package dev.millrace.cli;

import dev.millrace.graph.Graph;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One line of {@code millrace features}. */
final class GraphJson {
    private GraphJson() {}

    /** {@code {"id"?, "num_nodes", "node_feat", "edge_index", "edge_feat"}}. */
    static String of(@Nullable String id, Graph graph) {
        StringBuilder json = start(id, 64 * graph.nodeCount());
        json.append("\"num_nodes\":").append(graph.nodeCount());
        matrix(json.append(",\"node_feat\":"), graph.nodeFeatures());
        matrix(json.append(",\"edge_index\":"), graph.edgeIndex());
        matrix(json.append(",\"edge_feat\":"), graph.edgeFeatures());
        return json.append('}').toString();
    }

    /** {@code {"error", "id"?}}. */
    static String error(@Nullable String id, String reason) {
        return start(id, 64)
                .append("\"error\":")
                .append(quoted(reason))
                .append('}')
                .toString();
    }

    private static StringBuilder start(@Nullable String id, int capacity) {
        StringBuilder json = new StringBuilder(capacity).append('{');
        return id == null ? json : json.append("\"id\":").append(quoted(id)).append(',');
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    private static void matrix(StringBuilder json, TensorBlob tensor) {
        long[] values = tensor.toLongs();
        int columns = tensor.dim(1);
        json.append('[');
        for (int row = 0; row < tensor.dim(0); row++) {
            json.append(row == 0 ? "[" : ",[");
            for (int column = 0; column < columns; column++) {
                if (column > 0) {
                    json.append(',');
                }
                json.append(values[row * columns + column]);
            }
            json.append(']');
        }
        json.append(']');
    }
}
