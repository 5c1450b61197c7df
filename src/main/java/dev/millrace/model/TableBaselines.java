package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a {@link TableModel} has to beat, from training rows alone. Of the first target the mean absolute error of the mean, of the
 * median and of a ridge regression; of classes the accuracy of the most frequent one and of the nearest class mean. A comparison that
 * would take too much memory or time is left out. Immutable.
 *
 * @param evaluated samples that were predicted
 * @param values name and value, in the unit of the labels or a share
 */
public record TableBaselines(long evaluated, Map<String, Double> values) {
    /** Beyond so many features the equations of a linear fit take longer than they tell. */
    private static final int MOST_FITTED = 512;

    /** Beyond so many elements the means of all classes take more memory than they tell: 128 MB. */
    private static final long MOST_MEANS = 1 << 24;

    /** Of squared weights of features of about one, as a share of the number of samples. */
    private static final double RIDGE = 1e-3;

    /**
     * Computes them.
     *
     * @param most looks at about this many training samples, in the order of the data
     */
    public static TableBaselines of(
            TableModelConfig config, RandomAccessDataset training, RandomAccessDataset evaluated, long most) {
        return config.output() instanceof TableModelConfig.Classes classes
                ? ofClasses(config, classes.size(), training, evaluated, most)
                : ofValues(config, training, evaluated, most);
    }

    private static TableBaselines ofValues(
            TableModelConfig config, RandomAccessDataset training, RandomAccessDataset evaluated, long most) {
        int features = features(config);
        boolean fitted = features <= MOST_FITTED;
        LeastSquares fit = new LeastSquares(fitted ? features : 1, RIDGE);
        double[][] labels = {new double[1024]};
        int[] count = {0};
        each(config, training, most, row -> {
            if (count[0] == labels[0].length) {
                labels[0] = Arrays.copyOf(labels[0], 2 * count[0]);
            }
            labels[0][count[0]++] = row.label;
            fit.add(fitted ? row.features : new double[] {1}, row.label);
        });
        double[] sorted = Arrays.copyOf(labels[0], count[0]);
        Arrays.sort(sorted);
        double median = (sorted[(count[0] - 1) / 2] + sorted[count[0] / 2]) / 2;
        double mean = fit.mean();
        double[] weights = fit.solve();
        double[] errors = new double[3];
        long seen = each(config, evaluated, Long.MAX_VALUE, row -> {
            errors[0] += Math.abs(row.label - mean);
            errors[1] += Math.abs(row.label - median);
            errors[2] += fitted ? Math.abs(row.label - LeastSquares.dot(weights, row.features)) : 0;
        });
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("the mean of the training rows", errors[0] / seen);
        values.put("their median", errors[1] / seen);
        if (fitted) {
            values.put("a ridge regression", errors[2] / seen);
        }
        return new TableBaselines(seen, values);
    }

    private static TableBaselines ofClasses(
            TableModelConfig config,
            int classes,
            RandomAccessDataset training,
            RandomAccessDataset evaluated,
            long most) {
        int features = features(config);
        boolean compared = (long) classes * features <= MOST_MEANS;
        double[][] means = compared ? new double[classes][features] : new double[0][];
        long[] counts = new long[classes];
        each(config, training, most, row -> {
            int label = (int) row.label;
            counts[label]++;
            for (int i = 0; compared && i < features; i++) {
                means[label][i] += (row.features[i] - means[label][i]) / counts[label];
            }
        });
        int frequent = 0;
        for (int i = 1; i < classes; i++) {
            frequent = counts[i] > counts[frequent] ? i : frequent;
        }
        int likeliest = frequent;
        long[] hits = new long[2];
        long seen = each(config, evaluated, Long.MAX_VALUE, row -> {
            hits[0] += row.label == likeliest ? 1 : 0;
            hits[1] += compared && row.label == nearest(means, counts, row.features) ? 1 : 0;
        });
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("the most frequent class", (double) hits[0] / seen);
        if (compared) {
            values.put("the nearest class mean", (double) hits[1] / seen);
        }
        return new TableBaselines(seen, values);
    }

    private static int nearest(double[][] means, long[] counts, double[] features) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int label = 0; label < means.length; label++) {
            double distance = 0;
            for (int i = 0; counts[label] > 0 && i < features.length; i++) {
                double difference = features[i] - means[label][i];
                distance += difference * difference;
            }
            if (counts[label] > 0 && distance < least) {
                least = distance;
                best = label;
            }
        }
        return best;
    }

    /** A sample: scaled numbers, a one for each category that it has, and 1. */
    private record Row(double[] features, double label) {}

    private static int features(TableModelConfig config) {
        long features = 1;
        for (TableInput input : config.inputs()) {
            features += input instanceof TableInput.Categories codes
                    ? codes.values().stream()
                            .mapToLong(values -> values.size() + 1L)
                            .sum()
                    : input.size();
        }
        return Math.toIntExact(features);
    }

    private static long each(TableModelConfig config, RandomAccessDataset data, long most, Consumer<Row> action) {
        int features = features(config);
        return DatasetPass.each(data, most, batch -> {
            int size = batch.getSize();
            double[][] rows = new double[size][features];
            int start = 0;
            for (int i = 0; i < config.inputs().size(); i++) {
                start = fill(
                        rows, start, config.inputs().get(i), batch.getData().get(i));
            }
            double[] labels = labels(config, batch);
            for (int row = 0; row < size; row++) {
                rows[row][features - 1] = 1;
                action.accept(new Row(rows[row], labels[row * (labels.length / size)]));
            }
            return size;
        });
    }

    private static double[] labels(TableModelConfig config, Batch batch) {
        NDList labels = batch.getLabels();
        NDArray joined = config.output() instanceof TableModelConfig.Classes ? labels.head() : TableLabels.join(labels);
        return joined.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    /** Puts one array beside what is there already; returns where the next begins. */
    private static int fill(double[][] rows, int start, TableInput input, NDArray array) {
        double[] values = array.toType(DataType.FLOAT64, false).toDoubleArray();
        int width = values.length / rows.length;
        if (input instanceof TableInput.Categories codes) {
            int end = start;
            for (int column = 0; column < width; column++) {
                for (int row = 0; row < rows.length; row++) {
                    rows[row][end + (int) values[row * width + column]] = 1;
                }
                end += codes.values().get(column).size() + 1;
            }
            return end;
        }
        List<Double> means;
        List<Double> deviations;
        int run;
        if (input instanceof TableInput.Image image) {
            means = image.means();
            deviations = image.deviations();
            run = image.channelsLast() ? 1 : image.height() * image.width();
        } else {
            TableInput.Numbers numbers = (TableInput.Numbers) input;
            means = numbers.means();
            deviations = numbers.deviations();
            run = 1;
        }
        for (int row = 0; row < rows.length; row++) {
            for (int element = 0; element < width; element++) {
                int scale = element / run % means.size();
                rows[row][start + element] = (values[row * width + element] - means.get(scale)) / deviations.get(scale);
            }
        }
        return start + width;
    }
}
