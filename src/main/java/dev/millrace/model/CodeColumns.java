package dev.millrace.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How category codes in several columns number the rows of one joined embedding table {@code [Σ sizes, W]}, and the
 * combinations of codes, such as the 60 kinds of bonds of {@code ogb-9-3}: where those are few, their embeddings are summed
 * once per batch, and each row of codes looks up one vector instead of one per column.
 *
 * <p>A combination's number is that of its codes as digits, the last column being the lowest. There is one object for each list
 * of table sizes; its arrays stay on each device that asked for them. Thread-safe.
 */
final class CodeColumns {
    /** Above it, about as many kinds as a usual batch has edges, there is nothing to gain. */
    private static final long MOST_KINDS = 2_048;

    private static final Map<List<Integer>, CodeColumns> KNOWN = new ConcurrentHashMap<>();

    /** What the kernels need, by device. */
    private record Arrays(NDArray sizes, NDArray offsets, NDArray strides, NDArray kindRows) {}

    private final long[] sizes;
    private final long[] offsets;
    private final long[] strides;
    private final long kinds;
    private final Map<Device, Arrays> arrays = new ConcurrentHashMap<>();

    private CodeColumns(List<Integer> tableSizes) {
        sizes = tableSizes.stream().mapToLong(Integer::longValue).toArray();
        offsets = new long[sizes.length];
        strides = new long[sizes.length];
        long count = 1;
        for (int column = sizes.length - 1; column >= 0; column--) {
            strides[column] = count;
            count = Math.min(count * sizes[column], MOST_KINDS + 1);
        }
        kinds = count;
        for (int column = 1; column < sizes.length; column++) {
            offsets[column] = offsets[column - 1] + sizes[column - 1];
        }
    }

    static CodeColumns of(FeatureInput.Codes codes) {
        return KNOWN.computeIfAbsent(codes.tableSizes(), CodeColumns::new);
    }

    /** Whether the combinations are few enough to be treated as kinds. */
    static boolean haveKinds(FeatureInput input) {
        return input instanceof FeatureInput.Codes codes && of(codes).kinds <= MOST_KINDS;
    }

    /** Codes {@code [K, C]} → {@code [K, W]} by the joined table. */
    NDArray embed(NDArray codes, NDArray table) {
        Arrays on = arrays(codes.getDevice());
        return ScatterAdd.embedCodes(codes, table, on.offsets, on.sizes);
    }

    /** Codes {@code [K, C]} → kinds {@code [K]}; a code outside its column is none of them, which a look-up refuses. */
    NDArray kindsOf(NDArray codes) {
        Arrays on = arrays(codes.getDevice());
        return ScatterAdd.joinCodes(codes, on.strides, on.sizes, on.kindRows);
    }

    /** Rows of the joined table {@code [kinds, C]} that make each kind. */
    NDArray kindRows(Device device) {
        return arrays(device).kindRows;
    }

    private Arrays arrays(Device device) {
        Arrays known = arrays.get(device);
        return known != null ? known : arrays.computeIfAbsent(device, this::create);
    }

    /** Kept for the life of the process, as the kernels are. */
    private Arrays create(Device device) {
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device);
        int columns = sizes.length;
        long[] rows = new long[kinds > MOST_KINDS ? 0 : Math.toIntExact(kinds * columns)];
        for (int at = 0; at < rows.length; at++) {
            int column = at % columns;
            rows[at] = offsets[column] + at / columns / strides[column] % sizes[column];
        }
        return new Arrays(
                Constants.longs(manager, device, sizes),
                Constants.longs(manager, device, offsets),
                Constants.longs(manager, device, strides),
                Constants.longs(manager, device, rows).reshape(new Shape(rows.length / columns, columns)));
    }
}
