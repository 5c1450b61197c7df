package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.evaluator.Evaluator;
import dev.millrace.exafs.KGrid;

/**
 * Root mean square error of kⁿ χ(k) over samples and k, in Å⁻ⁿ; each sample counts once, however the batches are cut. NaN while there
 * is none. Labels and predictions as for {@link ChiLoss}. Thread-safe.
 */
public final class ChiEvaluator extends Evaluator {
    private final double[] weights;
    /* Of squares: the root is taken of what has been added up. */
    private final SampleMean means = new SampleMean();

    /** @param kWeight n, which the name tells: {@code rmse_chi}, {@code rmse_k2_chi} */
    public ChiEvaluator(KGrid grid, int kWeight) {
        super(name(kWeight));
        weights = ChiLoss.weights(grid, kWeight);
    }

    /** Name of the evaluator for kⁿ χ. */
    public static String name(int kWeight) {
        return kWeight == 0 ? "rmse_chi" : "rmse_k" + kWeight + "_chi";
    }

    /** Of the batch, without dimensions, attached to the manager of the predictions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return square(labels, predictions).sqrt();
    }

    private NDArray square(NDList labels, NDList predictions) {
        NDArray predicted = predictions.head();
        checkLabelShapes(labels.head(), predicted);
        return ChiLoss.meanSquare(predicted, labels.head(), weights);
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
        double mean;
        try (NDArray value = square(labels, predictions);
                NDArray wide = value.toType(DataType.FLOAT64, true)) {
            mean = wide.getDouble();
        }
        for (String key : keys) {
            means.add(key, mean, labels.head().getShape().get(0));
        }
    }

    @Override
    public void resetAccumulator(String key) {
        means.reset(key);
    }

    @Override
    public float getAccumulator(String key) {
        return (float) Math.sqrt(means.mean(key));
    }
}
