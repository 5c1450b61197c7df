package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.evaluator.Evaluator;
import dev.millrace.model.PropertyModelConfig.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How good a {@link TableModel} is, over all samples at once however the batches are cut: mean absolute error, root mean square
 * error and R² of a target, in the unit of the labels; accuracy and macro F1 of classes. NaN while there is no sample. Labels and
 * predictions as for {@link TableLoss}.
 *
 * <p>Copies arrays to the heap, so that a device is waited for at each batch. Thread-safe.
 */
public final class TableEvaluator extends Evaluator {
    /** Name of the mean absolute error of an only target; of several it is followed by {@code _} and the target. */
    public static final String MEAN_ABSOLUTE_ERROR = "mae";

    /** Name of the root mean square error, as {@link #MEAN_ABSOLUTE_ERROR}. */
    public static final String ROOT_MEAN_SQUARE_ERROR = "rmse";

    /** Name of the share of the variance that is explained, as {@link #MEAN_ABSOLUTE_ERROR}. */
    public static final String R_SQUARED = "r2";

    /** Name of the share of samples whose likeliest class is theirs. */
    public static final String ACCURACY = "accuracy";

    /** Name of the mean of the F1 of each class that occurs among the labels. */
    public static final String MACRO_F1 = "macro_f1";

    private enum Kind {
        MAE {
            @Override
            double of(Tally tally) {
                return tally.sums[0] / tally.count;
            }
        },
        RMSE {
            @Override
            double of(Tally tally) {
                return Math.sqrt(tally.sums[1] / tally.count);
            }
        },
        R2 {
            @Override
            double of(Tally tally) {
                double spread = tally.sums[3] - tally.sums[2] * tally.sums[2] / tally.count;
                return spread > 0 ? 1 - tally.sums[1] / spread : Double.NaN;
            }
        },
        ACCURACY {
            @Override
            double of(Tally tally) {
                double hits = 0;
                for (int at = 0; at < tally.sums.length; at += CLASS_SUMS) {
                    hits += tally.sums[at];
                }
                return hits / tally.count;
            }
        },
        MACRO_F1 {
            @Override
            double of(Tally tally) {
                double sum = 0;
                int occurring = 0;
                for (int at = 0; at < tally.sums.length; at += CLASS_SUMS) {
                    double labelled = tally.sums[at + 1];
                    if (labelled > 0) {
                        sum += 2 * tally.sums[at] / (labelled + tally.sums[at + 2]);
                        occurring++;
                    }
                }
                return sum / occurring;
            }
        };

        abstract double of(Tally tally);
    }

    /** Of a target: sums of |error|, error², y and y², with y from the mean of the training rows on. */
    private static final int TARGET_SUMS = 4;

    /** Of a class: hits, labels, predictions. */
    private static final int CLASS_SUMS = 3;

    /** What has been added up. Guarded by itself. */
    private static final class Tally {
        private final double[] sums;
        private long count;

        Tally(int size) {
            sums = new double[size];
        }
    }

    private final Kind kind;
    private final int column;
    private final double mean;
    private final int size;
    private final Map<String, Tally> tallies = new ConcurrentHashMap<>();

    private TableEvaluator(String name, Kind kind, int column, double mean, int size) {
        super(name);
        this.kind = kind;
        this.column = column;
        this.mean = mean;
        this.size = size;
    }

    /** All that tell of an output: three of each target, or two of the classes. */
    public static List<TableEvaluator> of(TableModelConfig.Output output) {
        if (output instanceof TableModelConfig.Values values) {
            List<TableEvaluator> evaluators = new ArrayList<>();
            List<Target> targets = values.targets();
            for (int column = 0; column < targets.size(); column++) {
                String suffix = suffix(targets, column);
                double mean = targets.get(column).mean();
                evaluators.add(new TableEvaluator(MEAN_ABSOLUTE_ERROR + suffix, Kind.MAE, column, mean, TARGET_SUMS));
                evaluators.add(
                        new TableEvaluator(ROOT_MEAN_SQUARE_ERROR + suffix, Kind.RMSE, column, mean, TARGET_SUMS));
                evaluators.add(new TableEvaluator(R_SQUARED + suffix, Kind.R2, column, mean, TARGET_SUMS));
            }
            return List.copyOf(evaluators);
        }
        int sums = Math.multiplyExact(output.size(), CLASS_SUMS);
        return List.of(
                new TableEvaluator(ACCURACY, Kind.ACCURACY, 0, 0, sums),
                new TableEvaluator(MACRO_F1, Kind.MACRO_F1, 0, 0, sums));
    }

    /** What follows the name of an evaluator of a target. */
    public static String suffix(List<Target> targets, int column) {
        return targets.size() == 1 ? "" : "_" + targets.get(column).name();
    }

    /** Of the batch, float32 without dimensions, attached to the manager of the predictions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        Tally tally = new Tally(size);
        add(tally, labels, predictions);
        NDManager manager = predictions.head().getManager();
        NDArray value = manager.create(new Shape(), DataType.FLOAT32);
        value.set(new float[] {(float) kind.of(tally)});
        return value;
    }

    private void add(Tally tally, NDList labels, NDList predictions) {
        NDArray predicted = predictions.head();
        int width = Math.toIntExact(predicted.getShape().get(1));
        float[] outputs = predicted.toType(DataType.FLOAT32, false).toFloatArray();
        boolean classes = kind == Kind.ACCURACY || kind == Kind.MACRO_F1;
        try (NDArray joined = classes
                ? labels.head().toType(DataType.INT64, true)
                : TableLabels.join(labels).toType(DataType.FLOAT32, true)) {
            synchronized (tally) {
                if (classes) {
                    addClasses(tally, joined.toLongArray(), outputs, width);
                } else {
                    addValues(tally, joined.toFloatArray(), outputs, width);
                }
            }
        }
    }

    private void addValues(Tally tally, float[] expected, float[] outputs, int width) {
        for (int at = column; at < outputs.length; at += width) {
            double error = (double) outputs[at] - expected[at];
            double label = expected[at] - mean;
            tally.sums[0] += Math.abs(error);
            tally.sums[1] += error * error;
            tally.sums[2] += label;
            tally.sums[3] += label * label;
            tally.count++;
        }
    }

    private static void addClasses(Tally tally, long[] expected, float[] outputs, int width) {
        for (int row = 0; row < expected.length; row++) {
            int likeliest = likeliest(outputs, row * width, width);
            int label = Math.toIntExact(expected[row]);
            tally.sums[label * CLASS_SUMS] += likeliest == label ? 1 : 0;
            tally.sums[label * CLASS_SUMS + 1]++;
            tally.sums[likeliest * CLASS_SUMS + 2]++;
            tally.count++;
        }
    }

    /** Place of the largest of so many values; of equals the first. */
    static int likeliest(float[] values, int start, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[start + i] > values[start + best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void addAccumulator(String key) {
        resetAccumulator(key);
    }

    @Override
    public void updateAccumulator(String key, NDList labels, NDList predictions) {
        updateAccumulators(new String[] {key}, labels, predictions);
    }

    @Override
    public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
        for (String key : keys) {
            add(tallies.computeIfAbsent(key, name -> new Tally(size)), labels, predictions);
        }
    }

    @Override
    public void resetAccumulator(String key) {
        tallies.put(key, new Tally(size));
    }

    @Override
    public float getAccumulator(String key) {
        Tally tally = tallies.get(key);
        if (tally == null) {
            return Float.NaN;
        }
        synchronized (tally) {
            return tally.count == 0 ? Float.NaN : (float) kind.of(tally);
        }
    }
}
