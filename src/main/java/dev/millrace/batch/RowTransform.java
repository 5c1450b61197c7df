package dev.millrace.batch;

/** What {@link SlotTransform#perRow} does with one row. Thread-safe. */
public interface RowTransform {
    /**
     * Computes the array of one row. Whatever this throws ends the epoch with a message that names slot, row and transform.
     *
     * @param out takes as many elements as the slot's shape has
     */
    void apply(SlotInput row, SlotOutput out);
}
