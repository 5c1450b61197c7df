package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;

/**
 * What a {@link TableModel} is trained by, as a mean over the samples of a batch.
 *
 * <pre>
 *   labels       [B, …] each, T numbers per sample in all; or int64 [B], a class from 0
 *   predictions  [B, T] in the units of the labels; or logits [B, classes]
 * </pre>
 *
 * <p>Accumulated values count every sample once. Thread-safe.
 */
public final class TableLoss extends Loss {
    private final Loss loss;
    private final boolean classes;
    private final SampleMean means = new SampleMean();

    private TableLoss(Loss loss, boolean classes) {
        super("loss");
        this.loss = loss;
        this.classes = classes;
    }

    /** Of quantities: differences are counted in standard deviations of each target. */
    public static TableLoss of(PropertyLoss.Kind kind, TableModelConfig.Values values) {
        return new TableLoss(PropertyLoss.of(kind, values.targets()), false);
    }

    /** Of classes: cross-entropy in nats. */
    public static TableLoss crossEntropy() {
        return new TableLoss(new SoftmaxCrossEntropyLoss(), true);
    }

    /** The mean without dimensions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return loss.evaluate(classes ? labels : new NDList(TableLabels.join(labels)), predictions);
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
