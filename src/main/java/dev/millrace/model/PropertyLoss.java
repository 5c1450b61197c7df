package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import java.util.List;

/**
 * Losses between {@code labels[0]} and {@code predictions[0]}, both {@code [B, T]} in the unit of the labels, as a mean over
 * the labels that are there: NaN stands for a missing one.
 *
 * <p>Differences are counted in standard deviations of each target, so that neither the learning rate nor the balance
 * between targets depends on a unit; each target's weight multiplies its share. A batch without any label has no mean: its
 * loss is NaN, at which training stops. Leave rows without labels out, as {@code PcqmDataset} does by itself.
 *
 * <p>Accumulated values count every sample once. Thread-safe.
 */
public final class PropertyLoss extends Loss {
    /** What is averaged, in standard deviations. */
    public enum Kind {
        /** Squared difference, as the original pretrains. */
        MSE,
        /** Absolute difference, what the task is judged by. */
        L1,
        /** Huber's loss with a threshold of one standard deviation. */
        SMOOTH_L1
    }

    private final Kind kind;
    private final List<PropertyModelConfig.Target> targets;
    private final SampleMean means = new SampleMean();

    private PropertyLoss(Kind kind, List<PropertyModelConfig.Target> targets) {
        super("loss");
        this.kind = kind;
        this.targets = List.copyOf(targets);
    }

    /** The loss of a kind for the targets of a model. */
    public static PropertyLoss of(Kind kind, List<PropertyModelConfig.Target> targets) {
        return new PropertyLoss(kind, targets);
    }

    /** The mean over the labels without dimensions, attached to the manager of the labels. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray expected = labels.head();
        NDArray predicted = predictions.head();
        checkLabelShapes(expected, predicted);
        NDArray known = expected.isNaN().logicalNot();
        NDArray weights = known.toType(predicted.getDataType(), false)
                .mul(row(
                        predicted,
                        targets.stream()
                                .mapToDouble(PropertyModelConfig.Target::weight)
                                .toArray()));
        // NaN times 0 is NaN: what is missing is replaced before it is masked.
        NDArray filled = NDArrays.where(known, expected, expected.zerosLike());
        NDArray deviation = predicted
                .sub(filled)
                .mul(row(
                        predicted,
                        targets.stream()
                                .mapToDouble(target -> 1 / target.standardDeviation())
                                .toArray()));
        NDArray losses = switch (kind) {
            case MSE -> deviation.square();
            case L1 -> deviation.abs();
            case SMOOTH_L1 -> SpectrumLoss.smooth(deviation);
        };
        return losses.mul(weights).sum().div(weights.sum());
    }

    private static NDArray row(NDArray like, double... values) {
        return Constants.column(like.getManager(), like.getDevice(), like.getDataType(), values)
                .reshape(1, values.length);
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
