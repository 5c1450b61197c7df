package dev.millrace.batch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * One array of an export.
 *
 * @param place of it among the arrays of a batch, data before labels
 * @param axis what its rows are
 * @param row shape of a row, without the first axis; of no use for {@link Axis#EDGE_INDEX}
 */
record ExportedArray(String name, int place, Axis axis, DataType type, Shape row) {
    /** What a row belongs to. */
    enum Axis {
        SAMPLES,
        NODES,
        EDGES,
        /** The rows are sources and targets; edges are the columns. */
        EDGE_INDEX
    }

    boolean isRagged() {
        return axis != Axis.SAMPLES;
    }

    /** Shape of the whole, for so many samples, nodes or edges. */
    long[] shape(long count) {
        if (axis == Axis.EDGE_INDEX) {
            return new long[] {2, count};
        }
        long[] shape = new long[row.dimension() + 1];
        shape[0] = count;
        System.arraycopy(row.getShape(), 0, shape, 1, row.dimension());
        return shape;
    }

    /** Names of the columns of a row in CSV: that of the array, with an index for each axis if there is more than one. */
    List<String> columns() {
        List<String> names = List.of(name);
        if (row.size() == 1) {
            return names;
        }
        for (long dim : row.getShape()) {
            List<String> longer = new ArrayList<>();
            for (String prefix : names) {
                for (long i = 0; i < dim; i++) {
                    longer.add(prefix + "_" + i);
                }
            }
            names = longer;
        }
        return names;
    }
}
