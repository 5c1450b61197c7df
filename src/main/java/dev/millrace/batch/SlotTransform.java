package dev.millrace.batch;

import java.util.List;

/**
 * User code that computes one array of a sample from columns of its row: a fingerprint of a molecule, tokens of a text, the
 * embedding of a picture.
 *
 * <pre>{@code
 * SlotTransform lengths = SlotTransform.perRow("lengths-1", (row, out) -> out.put(row.text(0).length()));
 * dataset.addData(QuerySlot.computed("lengths", DType.FLOAT32, List.of(), lengths, "smiles"));
 * }</pre>
 *
 * <p>The result depends on the values of the columns and on what the fingerprint names, on nothing else: not on the order of
 * rows, the epoch, the thread or the time. What depends on the id takes the id as one of its columns. Then a result may be kept
 * and used again, as {@code dev.millrace.kv.CachingTransform} does.
 *
 * <p>Thread-safe: loader threads call it at the same time.
 */
public interface SlotTransform {
    /**
     * Identifies code and parameters: a name and a version of your own, and every setting. It must change whenever the result
     * for some row may change. It is part of the dataset's digest and the same in every process.
     */
    String fingerprint();

    /**
     * Computes the arrays of the rows of a batch, or of some of them.
     *
     * @return per row the elements in the slot's type, little-endian and row-major, as {@link SlotOutput#bytes} gives them; in
     *     the order of the rows. They belong to the caller.
     */
    List<byte[]> apply(SlotRows rows);

    /** A transform that looks at one row at a time. */
    static SlotTransform perRow(String fingerprint, RowTransform transform) {
        return new PerRowTransform(fingerprint, transform);
    }
}
