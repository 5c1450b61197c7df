package dev.millrace.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A user's own tables as a dataset: which samples, which columns, which arrays. Immutable.
 *
 * @param database an SQLite file, of whatever origin; it is only read
 * @param ids a query of one INTEGER column: the samples, in the order of positions
 * @param rows a query over {@code batch_ids(position, id)}, a table of the ids of one batch that Millrace puts in front; it
 *     returns {@code position} and the columns that the slots name, one row per position in any order
 * @param data arrays of the batch's data, in order
 * @param labels arrays of the batch's labels, in order
 */
public record QueryDefinition(Path database, String ids, String rows, List<QuerySlot> data, List<QuerySlot> labels) {
    private static final String BATCH_IDS = "batch_ids(position, id) AS (SELECT key, value FROM json_each(?))";

    public QueryDefinition {
        data = List.copyOf(data);
        labels = List.copyOf(labels);
    }

    /** Data slots, then label slots. */
    List<QuerySlot> slots() {
        List<QuerySlot> slots = new ArrayList<>(data);
        slots.addAll(labels);
        return slots;
    }

    /** What can be said against this definition without opening the file. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (data.isEmpty()) {
            faults.add("data must have at least one slot, found none");
        }
        if (!selectsFromBatch()) {
            faults.add("rows must select from batch_ids(position, id), found: " + rows.strip());
        }
        slots().forEach(slot -> faults.addAll(slot.faults()));
        return faults;
    }

    /** Whether the rows query says where a batch comes in. */
    boolean selectsFromBatch() {
        return rows.contains("batch_ids");
    }

    /** The rows query with the ids of a batch as its only parameter, a JSON array. */
    String batchSql() {
        return CommonTables.before(BATCH_IDS, rows);
    }
}
