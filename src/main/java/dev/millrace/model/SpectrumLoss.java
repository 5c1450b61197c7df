package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/**
 * Losses between {@code labels[0]} and {@code predictions[0]}, both {@code [B, bins]} or {@code [B, 1]}, as a mean over the
 * batch.
 *
 * <p>Accumulated values count every sample once, where DJL's own losses count every batch once and so give a short last
 * batch too much weight. Thread-safe.
 */
public final class SpectrumLoss extends Loss {
    /** Keeps the gradient of a norm finite at an all-zero spectrum; far below the square of any stored intensity. */
    private static final float TINY = 1e-12f;

    /** What is averaged. */
    public enum Kind {
        /** One minus the cosine: blind to the scale of the prediction. */
        COSINE,
        /** Squared difference, mean over bins. */
        MSE,
        /** Absolute difference, mean over bins. */
        L1,
        /** Huber's loss with threshold 1: quadratic near 0, linear beyond. */
        SMOOTH_L1
    }

    private final Kind kind;
    private final SampleMean means = new SampleMean();

    private SpectrumLoss(Kind kind) {
        super("loss");
        this.kind = kind;
    }

    /** The loss of a kind. */
    public static SpectrumLoss of(Kind kind) {
        return new SpectrumLoss(kind);
    }

    /** {@code 1 − mean cosine}; an empty spectrum has the cosine 0. */
    public static SpectrumLoss cosine() {
        return new SpectrumLoss(Kind.COSINE);
    }

    /** Mean squared error. */
    public static SpectrumLoss meanSquaredError() {
        return new SpectrumLoss(Kind.MSE);
    }

    /** The mean over the batch without dimensions, attached to the manager of the labels. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray expected = labels.head();
        NDArray predicted = predictions.head();
        checkLabelShapes(expected, predicted);
        return switch (kind) {
            case COSINE -> oneMinusCosine(expected, predicted);
            case MSE -> expected.sub(predicted).square().mean();
            case L1 -> expected.sub(predicted).abs().mean();
            case SMOOTH_L1 -> smooth(expected.sub(predicted)).mean();
        };
    }

    private static NDArray oneMinusCosine(NDArray expected, NDArray predicted) {
        int[] bins = {1};
        NDArray dot = expected.mul(predicted).sum(bins);
        NDArray left = expected.square().sum(bins).add(TINY).sqrt();
        NDArray right = predicted.square().sum(bins).add(TINY).sqrt();
        return dot.div(left).div(right).mean().neg().add(1);
    }

    /** Huber's loss with threshold 1 of each difference. */
    static NDArray smooth(NDArray difference) {
        NDArray size = difference.abs();
        NDArray near = size.minimum(1);
        // near² / 2 + (|d| − near): the second term is 0 up to the threshold.
        return near.square().mul(0.5).add(size).sub(near);
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
