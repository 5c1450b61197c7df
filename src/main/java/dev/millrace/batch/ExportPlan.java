package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which arrays of the batches of a dataset are exported, and as what. Immutable.
 *
 * @param arrays data before labels
 */
record ExportPlan(List<ExportedArray> arrays) {
    static final String IDS = "ids";
    static final String NODE_OFFSETS = "node_offsets";
    static final String EDGE_OFFSETS = "edge_offsets";

    /** The first three of {@link GraphArrays}; the other two follow from the offsets. */
    private static final List<String> GRAPH_NAMES = List.of("node_feat", "edge_index", "edge_feat");

    private static final List<ExportedArray.Axis> GRAPH_AXES =
            List.of(ExportedArray.Axis.NODES, ExportedArray.Axis.EDGE_INDEX, ExportedArray.Axis.EDGES);

    /** Such a name is no file of an archive, or one in a folder. */
    private static final Pattern UNFIT_NAME = Pattern.compile("[/\\\\\\p{Cntrl}]");

    /**
     * Looks at the arrays of a first batch, or of none.
     *
     * @param wanted names of arrays; all if empty
     * @throws ExportRefusedException if there is no such array, or two of a name
     */
    static ExportPlan of(NDList data, NDList labels, boolean graphs, Set<String> wanted) {
        List<ExportedArray> all = describe(data, labels, graphs);
        checkNames(all);
        Set<String> missing = new LinkedHashSet<>(wanted);
        all.forEach(array -> missing.remove(array.name()));
        if (!missing.isEmpty()) {
            throw new ExportRefusedException(
                    "Cannot export " + String.join(", ", missing) + ": expected arrays among " + names(all) + ".");
        }
        return new ExportPlan(all.stream()
                .filter(array -> wanted.isEmpty() || wanted.contains(array.name()))
                .toList());
    }

    private static List<ExportedArray> describe(NDList data, NDList labels, boolean graphs) {
        List<ExportedArray> all = new ArrayList<>();
        List<NDArray> arrays = joined(data, labels);
        for (int place = 0; place < arrays.size(); place++) {
            NDArray array = arrays.get(place);
            if (graphs && place < data.size()) {
                if (place < GRAPH_NAMES.size()) {
                    all.add(array(GRAPH_NAMES.get(place), place, GRAPH_AXES.get(place), array));
                }
                continue;
            }
            String name = array.getName();
            if (name == null) {
                name = place < data.size() ? "data_" + place : "label_" + (place - data.size());
            }
            all.add(array(name, place, ExportedArray.Axis.SAMPLES, array));
        }
        return all;
    }

    private static ExportedArray array(String name, int place, ExportedArray.Axis axis, NDArray array) {
        Shape shape = array.getShape();
        if (shape.dimension() == 0) {
            throw new ExportRefusedException(
                    "Cannot export " + name + ": expected one row per sample, found a single number.");
        }
        return new ExportedArray(name, place, axis, array.getDataType(), shape.slice(1));
    }

    private static void checkNames(List<ExportedArray> all) {
        Set<String> seen = new HashSet<>(List.of(IDS, NODE_OFFSETS, EDGE_OFFSETS));
        for (ExportedArray array : all) {
            if (UNFIT_NAME.matcher(array.name()).find() || array.name().isBlank()) {
                throw new ExportRefusedException("Cannot export '" + array.name()
                        + "': expected a name without slashes and control characters. Give the array another name.");
            }
            if (!seen.add(array.name())) {
                throw new ExportRefusedException("Cannot export two arrays named '" + array.name()
                        + "': every name must be there once, and " + IDS + ", " + NODE_OFFSETS + " and " + EDGE_OFFSETS
                        + " are taken. Give one another name.");
            }
        }
    }

    static List<NDArray> joined(NDList data, NDList labels) {
        List<NDArray> all = new ArrayList<>(data);
        all.addAll(labels);
        return all;
    }

    static String names(List<ExportedArray> arrays) {
        return String.join(", ", arrays.stream().map(ExportedArray::name).toList());
    }

    /** Those with another number of rows than there are samples. */
    List<ExportedArray> ragged() {
        return arrays.stream().filter(ExportedArray::isRagged).toList();
    }

    /** Refuses a batch that is not as the first one was. */
    void check(List<NDArray> batch, int samples) {
        for (ExportedArray array : arrays) {
            NDArray found = batch.get(array.place());
            Shape shape = found.getShape();
            if (!array.isRagged() && (shape.dimension() == 0 || shape.get(0) != samples)) {
                throw new ExportRefusedException("Cannot export " + array.name() + ": expected one row for each of the "
                        + samples + " samples of a batch, found shape " + shape
                        + ". Leave it out, or change the dataset.");
            }
            boolean sameRow = array.axis() == ExportedArray.Axis.EDGE_INDEX
                    || shape.slice(1).equals(array.row());
            if (!sameRow || found.getDataType() != array.type()) {
                throw new ExportRefusedException("Cannot export " + array.name() + ": expected rows of " + array.type()
                        + " " + array.row() + " in all batches, found " + found.getDataType() + " " + shape.slice(1)
                        + ". Leave it out, or change the dataset.");
            }
        }
    }
}
