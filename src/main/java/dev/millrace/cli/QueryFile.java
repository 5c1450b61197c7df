package dev.millrace.cli;

import dev.millrace.batch.QueryDefinition;
import dev.millrace.batch.QuerySlot;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link QueryDefinition}, a dataset over a user's own tables, from YAML.
 *
 * <pre>
 *   database: housing.db
 *   ids: SELECT id FROM house ORDER BY id
 *   rows: SELECT position, rooms, area, price FROM batch_ids JOIN house USING (id)
 *   data:
 *     - {name: features, columns: [rooms, area], type: float32}
 *   labels:
 *     - {name: price, columns: price, type: float32}
 * </pre>
 *
 * A slot without {@code shape} has one element per column; {@code encoding} is {@code number} unless given. Relative paths
 * are resolved against the working directory.
 */
public final class QueryFile {
    private QueryFile() {}

    record Definition(
            Path database,
            String ids,
            String rows,
            List<Slot> data,
            @Nullable List<Slot> labels) {}

    record Slot(
            String name,
            List<String> columns,
            DType type,
            @Nullable List<Integer> shape,
            QuerySlot.@Nullable Encoding encoding,
            @Nullable Double fill) {
        QuerySlot toQuerySlot() {
            boolean single = columns.size() == 1;
            return new QuerySlot(
                    name,
                    columns,
                    type,
                    shape != null ? shape : single ? List.of() : List.of(columns.size()),
                    encoding != null ? encoding : QuerySlot.Encoding.NUMBER,
                    fill);
        }
    }

    /** Reads a file. Every fault in it is named at once, with its line, in the message of what is thrown. */
    public static QueryDefinition read(Path file) {
        ConfigBinder binder = new ConfigBinder(file.toString(), Map.of());
        Definition found = binder.bind(Definition.class, ConfigTree.read(file, List.of()));
        binder.check();
        if (found == null) {
            throw new IllegalStateException("A definition without faults was not bound: " + file);
        }
        return new QueryDefinition(found.database, found.ids, found.rows, slots(found.data), slots(found.labels));
    }

    private static List<QuerySlot> slots(@Nullable List<Slot> slots) {
        List<QuerySlot> all = new ArrayList<>();
        if (slots != null) {
            slots.forEach(slot -> all.add(slot.toQuerySlot()));
        }
        return all;
    }
}
