package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import dev.millrace.exafs.ExafsStatistics;
import dev.millrace.exafs.KGrid;

/**
 * Squared differences of kⁿ χ(k), as a mean over samples and k, in shares of what the training data have: 1 is the loss of who
 * predicts 0.
 *
 * <pre>
 *   labels[0]       chi [B, n_k]  not weighted
 *   predictions[0]  chi [B, n_k]
 * </pre>
 *
 * <p>Accumulated values count every sample once. Thread-safe.
 */
public final class ChiLoss extends Loss {
    private final double[] weights;
    private final SampleMean means = new SampleMean();

    private ChiLoss(double[] weights) {
        super("loss");
        this.weights = weights;
    }

    /** The loss of kⁿ χ for training data of these statistics. */
    public static ChiLoss of(KGrid grid, int kWeight, ExafsStatistics statistics) {
        double scale = statistics.rootMeanSquare(kWeight);
        double[] weights = weights(grid, kWeight);
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= scale > 0 ? scale : 1;
        }
        return new ChiLoss(weights);
    }

    static double[] weights(KGrid grid, int kWeight) {
        double[] weights = grid.toArray();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.pow(weights[i], kWeight);
        }
        return weights;
    }

    /** The mean without dimensions, attached to the manager of the predictions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray predicted = predictions.head();
        checkLabelShapes(labels.head(), predicted);
        return meanSquare(predicted, labels.head(), weights);
    }

    /** Of weighted differences, over samples and k. */
    static NDArray meanSquare(NDArray predicted, NDArray expected, double[] weights) {
        return predicted
                .sub(expected)
                .mul(ChiSeries.constant(predicted, weights, 1, weights.length))
                .square()
                .mean();
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
        means.add(keys, this, labels, predictions);
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
