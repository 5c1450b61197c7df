package dev.millrace.batch;

import dev.millrace.Internal;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one key, their checksum found right.
 *
 * @param id the key
 * @param tensors in the order of the tables and their columns; null where the column is NULL
 */
@Internal
public record TensorRow(long id, @Nullable TensorBlob[] tensors) {
    /** The tensor of a column that is never NULL. */
    public TensorBlob tensor(int column) {
        TensorBlob tensor = tensors[column];
        if (tensor == null) {
            throw new IllegalStateException(
                    "Expected a tensor in column " + column + " of row " + id + ", found NULL.");
        }
        return tensor;
    }
}
