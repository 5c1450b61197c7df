package dev.millrace.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How category codes in several columns find their vectors in one joined embedding table {@code [Σ sizes, W]}.
 *
 * <p>Neighbouring columns with few values are taken together: the embeddings of all their combinations are summed once, and
 * each row of codes looks up one vector for the group instead of one for each column. The three columns of a bond of
 * {@code ogb-9-3} are one group of 60 combinations, the nine of an atom four groups.
 *
 * <p>There is one object for each list of table sizes; its arrays stay on each device that asked for them. Thread-safe.
 */
final class CodeColumns {
    /**
     * Most combinations of a group. More would save look-ups and cost sums: with batches of 2,000 atoms and 4,000 bonds there is
     * nothing to gain above a few hundred.
     */
    private static final long MOST_COMBINATIONS = 320;

    private static final Map<List<Integer>, CodeColumns> KNOWN = new ConcurrentHashMap<>();

    /** What the kernels need, by device; see {@code group_codes} and {@code embed_rows} for what each array is. */
    private record Arrays(
            NDArray strides, NDArray sizes, NDArray groups, NDArray bases, NDArray members, NDArray starts) {}

    /** Neighbouring columns and the number of combinations of their codes. */
    private record Group(int firstColumn, int columns, long combinations) {}

    private final long[] sizes;
    private final List<Group> groups = new ArrayList<>();
    private final Map<Device, Arrays> arrays = new ConcurrentHashMap<>();

    private CodeColumns(List<Integer> tableSizes) {
        sizes = tableSizes.stream().mapToLong(Integer::longValue).toArray();
        Group last = new Group(0, 1, sizes[0]);
        for (int column = 1; column < sizes.length; column++) {
            if (last.combinations * sizes[column] <= MOST_COMBINATIONS) {
                last = new Group(last.firstColumn, last.columns + 1, last.combinations * sizes[column]);
            } else {
                groups.add(last);
                last = new Group(column, 1, sizes[column]);
            }
        }
        groups.add(last);
    }

    static CodeColumns of(FeatureInput.Codes codes) {
        return KNOWN.computeIfAbsent(codes.tableSizes(), CodeColumns::new);
    }

    /**
     * Codes {@code [K, C]} → rows {@code [K, groups]} of the summed combinations. A code outside its column gives a row that
     * there is not, which a look-up refuses.
     */
    NDArray rowsOf(NDArray codes) {
        Arrays on = arrays(codes.getDevice());
        return ScatterAdd.groupCodes(codes, on.strides, on.sizes, on.groups, on.bases, on.starts);
    }

    /** Rows from {@link #rowsOf} and the joined table {@code [Σ sizes, W]} → {@code [K, W]}: the sum over all columns. */
    NDArray embed(NDArray rows, NDArray table) {
        Arrays on = arrays(rows.getDevice());
        return ScatterAdd.embedRows(rows, table, on.members, on.starts);
    }

    /** The messages of a GINE round with bonds as {@link #embed} gives them; see {@link ScatterAdd#gineJoin}. */
    NDArray gineJoin(NDArray nodes, NDArray root, NDArray sources, NDArray targets, NDArray rows, NDArray table) {
        Arrays on = arrays(nodes.getDevice());
        return ScatterAdd.gineJoin(nodes, root, sources, targets, rows, table, on.members, on.starts);
    }

    private Arrays arrays(Device device) {
        Arrays known = arrays.get(device);
        return known != null ? known : arrays.computeIfAbsent(device, this::create);
    }

    /** Kept for the life of the process, as the kernels are. */
    private Arrays create(Device device) {
        long[] strides = new long[sizes.length];
        long[] groupOf = new long[sizes.length];
        long[] bases = new long[groups.size()];
        List<Long> members = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        for (int number = 0; number < bases.length; number++) {
            Group group = groups.get(number);
            bases[number] = starts.size();
            long stride = group.combinations;
            for (int column = group.firstColumn; column < group.firstColumn + group.columns; column++) {
                stride /= sizes[column];
                strides[column] = stride;
                groupOf[column] = number;
            }
            for (long combination = 0; combination < group.combinations; combination++) {
                starts.add((long) members.size());
                for (int column = group.firstColumn; column < group.firstColumn + group.columns; column++) {
                    members.add(firstRow(column) + combination / strides[column] % sizes[column]);
                }
            }
        }
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device);
        return new Arrays(
                Constants.longs(manager, device, strides),
                Constants.longs(manager, device, sizes),
                Constants.longs(manager, device, groupOf),
                Constants.longs(manager, device, bases).reshape(new Shape(1, bases.length)),
                Constants.longs(manager, device, unboxed(members)),
                Constants.longs(manager, device, unboxed(starts)));
    }

    /** Row of the joined table where a column begins. */
    private long firstRow(int column) {
        long row = 0;
        for (int before = 0; before < column; before++) {
            row += sizes[before];
        }
        return row;
    }

    private static long[] unboxed(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
