package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.evaluator.Evaluator;
import java.util.ArrayList;
import java.util.List;

/**
 * Mean absolute error of one target, in the unit of the labels, over the samples that have a label: every one of them counts
 * once, however the batches are cut. NaN while there is none.
 *
 * <p>Copies both arrays to the heap, so that a device is waited for at each batch. Thread-safe.
 */
public final class PropertyEvaluator extends Evaluator {
    /** Name of the evaluator of an only target. */
    public static final String MEAN_ABSOLUTE_ERROR = "mae";

    private final int column;
    private final int columns;
    private final SampleMean means = new SampleMean();

    private PropertyEvaluator(String name, int column, int columns) {
        super(name);
        this.column = column;
        this.columns = columns;
    }

    /** One evaluator per target: {@code mae} if there is one, {@code mae_NAME} if there are more. */
    public static List<PropertyEvaluator> of(List<PropertyModelConfig.Target> targets) {
        List<PropertyEvaluator> evaluators = new ArrayList<>();
        for (int column = 0; column < targets.size(); column++) {
            String name = targets.size() == 1
                    ? MEAN_ABSOLUTE_ERROR
                    : MEAN_ABSOLUTE_ERROR + "_" + targets.get(column).name();
            evaluators.add(new PropertyEvaluator(name, column, targets.size()));
        }
        return List.copyOf(evaluators);
    }

    /** Sum of the errors of a batch, and how many there are. */
    private record Errors(double sum, long count) {}

    /** The mean over the batch, float32 without dimensions, attached to the manager of the predictions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDManager manager = predictions.head().getManager();
        Errors errors = errors(labels, predictions);
        NDArray mean = manager.create(new Shape(), DataType.FLOAT32);
        mean.set(new float[] {(float) (errors.sum / errors.count)});
        return mean;
    }

    private Errors errors(NDList labels, NDList predictions) {
        checkLabelShapes(labels.head(), predictions.head());
        float[] expected = labels.head().toType(DataType.FLOAT32, false).toFloatArray();
        float[] predicted = predictions.head().toType(DataType.FLOAT32, false).toFloatArray();
        double sum = 0;
        long count = 0;
        for (int at = column; at < expected.length; at += columns) {
            if (!Float.isNaN(expected[at])) {
                sum += Math.abs((double) expected[at] - predicted[at]);
                count++;
            }
        }
        return new Errors(sum, count);
    }

    @Override
    public void addAccumulator(String key) {
        means.reset(key);
    }

    @Override
    public void updateAccumulator(String key, NDList labels, NDList predictions) {
        updateAccumulators(new String[] {key}, labels, predictions);
    }

    @Override
    public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
        Errors errors = errors(labels, predictions);
        if (errors.count > 0) {
            for (String key : keys) {
                means.add(key, errors.sum / errors.count, errors.count);
            }
        }
    }

    @Override
    public void resetAccumulator(String key) {
        means.reset(key);
    }

    @Override
    public float getAccumulator(String key) {
        return means.mean(key);
    }
}
