package dev.millrace.batch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.millrace.Internal;
import java.util.List;

/**
 * Turns rows into the arrays of one batch, one NDArray per slot. Immutable, thread-safe.
 *
 * @param <R> the domain's row
 */
@Internal
public interface Collator<R> {
    /**
     * Makes the arrays on {@code manager}, which is on the CPU and belongs to this batch alone.
     *
     * @param rows may be none, for arrays of length 0 that tell names, types and shapes
     * @throws RuntimeException if a row does not fit; arrays made so far are closed with the manager
     */
    Slots collate(NDManager manager, List<R> rows);

    /** Whether sample i of a batch has row i of its arrays, or graph i; not so where samples share rows. */
    default boolean keepsSamplesApart() {
        return true;
    }

    /** Data and label arrays of a batch. */
    record Slots(NDList data, NDList labels) {}
}
