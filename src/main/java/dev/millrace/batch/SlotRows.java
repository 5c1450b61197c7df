package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of one batch that a {@link SlotTransform} is asked for, and what it is to make of them. Immutable. */
public final class SlotRows {
    private final QueryDefinition definition;
    private final QuerySlot slot;
    private final long[] ids;
    private final List<SlotInput> inputs;

    SlotRows(QueryDefinition definition, QuerySlot slot, long[] ids, List<SlotInput> inputs) {
        this.definition = definition;
        this.slot = slot;
        this.ids = ids;
        this.inputs = inputs;
    }

    /** Number of rows, ≥ 1. */
    public int size() {
        return ids.length;
    }

    /** The values of a row. */
    public SlotInput get(int row) {
        return inputs.get(row);
    }

    /** Element type of an array. */
    public DType type() {
        return slot.type();
    }

    /** Shape of the array of one row; empty for a single number. */
    public List<Integer> shape() {
        return slot.shape();
    }

    /** Bytes of the array of one row. */
    public int arrayBytes() {
        return slot.elementCount() * slot.type().sizeBytes();
    }

    /** Takes the elements of the array of one row. */
    public SlotOutput newOutput() {
        return new SlotOutput(slot);
    }

    /** Chosen rows, in the order in which they are named. */
    public SlotRows only(int... rows) {
        return new SlotRows(
                definition,
                slot,
                IntStream.of(rows).mapToLong(row -> ids[row]).toArray(),
                IntStream.of(rows).mapToObj(inputs::get).toList());
    }

    /**
     * What to throw when a row cannot be computed: the message names database, slot, columns, id and transform.
     *
     * @param fault what was expected and what was found
     */
    public QueryDefinitionException fault(int row, String fault, @Nullable Throwable cause) {
        SlotTransform transform = slot.transform();
        return new QueryDefinitionException(
                definition,
                List.of(fault + " (slot '" + slot.name() + "', column " + String.join(", ", slot.columns()) + ", id "
                        + ids[row] + ", transform " + (transform == null ? "none" : transform.fingerprint()) + ")"),
                cause);
    }
}
