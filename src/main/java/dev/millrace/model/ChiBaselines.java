package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import dev.millrace.exafs.KGrid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What a model of χ(k), or of a distance, has to beat, from the training data alone. Immutable.
 *
 * @param trained training samples looked at
 * @param evaluated samples predicted
 * @param mean root mean square error of the mean χ(k) of the training data, in Å⁻ⁿ, for each weight asked for; of distances, in Å,
 *     the mean absolute error of their mean
 * @param meanOfKind the same of the mean over the training samples of the same kind, paths of the same elements or atoms of the same
 *     element, and of all where there is none; empty for distances
 */
public record ChiBaselines(long trained, long evaluated, List<Double> mean, List<Double> meanOfKind) {
    /** Arrays of a batch of paths. */
    private static final int PATH_ARRAYS = 4;

    /** Sum of samples. */
    private static final class Mean {
        private final double[] sum;
        private long count;

        Mean(int points) {
            sum = new double[points];
        }

        void add(double[] all, int row) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += all[row * sum.length + i];
            }
            count++;
        }

        double at(int i) {
            return sum[i] / Math.max(1, count);
        }
    }

    /** What to do with a batch: labels row after row, and the kind of each row. */
    private interface Action {
        void take(double[] labels, List<String> kinds);
    }

    /**
     * Of χ(k). Batches as those of a {@link PathChiModel} or an {@link AtomChiModel}; samples stream through.
     *
     * @param weights the n of each kⁿ χ to tell the error of
     * @param most looks at about this many training samples
     */
    public static ChiBaselines ofChi(
            RandomAccessDataset training, RandomAccessDataset evaluated, KGrid grid, List<Integer> weights, long most)
            throws IOException, TranslateException {
        int points = grid.size();
        Mean all = new Mean(points);
        Map<String, Mean> byKind = new HashMap<>();
        long trained = each(training, most, (labels, kinds) -> {
            for (int row = 0; row < kinds.size(); row++) {
                all.add(labels, row);
                byKind.computeIfAbsent(kinds.get(row), kind -> new Mean(points)).add(labels, row);
            }
        });
        double[][] squares = weights.stream()
                .map(weight -> ChiLoss.weights(grid, 2 * weight))
                .toArray(double[][]::new);
        double[] ofAll = new double[weights.size()];
        double[] ofKind = new double[weights.size()];
        long count = each(evaluated, Long.MAX_VALUE, (labels, kinds) -> {
            for (int row = 0; row < kinds.size(); row++) {
                Mean same = byKind.getOrDefault(kinds.get(row), all);
                for (int i = 0; i < points; i++) {
                    double fromAll = labels[row * points + i] - all.at(i);
                    double fromSame = labels[row * points + i] - same.at(i);
                    for (int w = 0; w < ofAll.length; w++) {
                        ofAll[w] += squares[w][i] * fromAll * fromAll;
                        ofKind[w] += squares[w][i] * fromSame * fromSame;
                    }
                }
            }
        });
        double values = (double) Math.max(1, count) * points;
        return new ChiBaselines(trained, count, roots(ofAll, values), roots(ofKind, values));
    }

    private static List<Double> roots(double[] squares, double values) {
        return Arrays.stream(squares)
                .map(sum -> Math.sqrt(sum / values))
                .boxed()
                .toList();
    }

    /** Of distances; batches as those of a {@link ShellDistanceModel}. */
    public static ChiBaselines ofDistances(RandomAccessDataset training, RandomAccessDataset evaluated, long most)
            throws IOException, TranslateException {
        double[] sum = new double[1];
        long trained = each(
                training,
                most,
                (labels, kinds) -> sum[0] += Arrays.stream(labels).sum());
        double mean = sum[0] / Math.max(1, trained);
        double[] error = new double[1];
        long count = each(
                evaluated,
                Long.MAX_VALUE,
                (labels, kinds) -> error[0] += Arrays.stream(labels)
                        .map(label -> Math.abs(label - mean))
                        .sum());
        return new ChiBaselines(trained, count, List.of(error[0] / Math.max(1, count)), List.of());
    }

    /** Gives batch after batch; returns how many samples there were. */
    private static long each(RandomAccessDataset data, long most, Action action)
            throws IOException, TranslateException {
        long count = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Iterator<Batch> batches = data.getData(manager).iterator();
            try {
                while (count < most && batches.hasNext()) {
                    try (Batch batch = batches.next()) {
                        action.take(doubles(batch.getLabels().head()), kinds(batch.getData(), batch.getSize()));
                        count += batch.getSize();
                    }
                }
            } finally {
                if (batches instanceof AutoCloseable loading) {
                    PropertyBaselines.close(loading);
                }
            }
        }
        return count;
    }

    private static double[] doubles(NDArray array) {
        try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }

    /** The elements of each path, or the element of each absorber, which is the first node of its graph. */
    private static List<String> kinds(NDList data, int rows) {
        if (data.size() == 1) {
            return Collections.nCopies(rows, "");
        }
        List<String> kinds = new ArrayList<>();
        if (data.size() == PATH_ARRAYS) {
            long[] atoms = data.get(1).toLongArray();
            int room = atoms.length / rows;
            for (int row = 0; row < rows; row++) {
                kinds.add(Arrays.toString(Arrays.copyOfRange(atoms, row * room, (row + 1) * room)));
            }
            return kinds;
        }
        double[] nodes = doubles(data.get(0));
        int width = Math.toIntExact(data.get(0).getShape().get(1));
        int first = 0;
        for (long count : data.get(4).toLongArray()) {
            kinds.add(Double.toString(nodes[first * width]));
            first += (int) count;
        }
        return kinds;
    }
}
