package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;

/** Labels of a table: arrays {@code [B, …]} of any numeric type, one after the other. */
final class TableLabels {
    private TableLabels() {}

    /** All of them as float32 {@code [B, T]}, attached to the manager of the first. */
    static NDArray join(NDList labels) {
        NDList columns = new NDList();
        for (NDArray label : labels) {
            columns.add(label.reshape(label.getShape().get(0), -1).toType(DataType.FLOAT32, false));
        }
        return columns.size() == 1 ? columns.head() : NDArrays.concat(columns, 1);
    }
}
