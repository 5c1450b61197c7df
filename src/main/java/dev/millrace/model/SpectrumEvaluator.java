package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.evaluator.Evaluator;
import java.util.Arrays;

/**
 * A {@link SpectrumMetric} of {@code predictions[0]} against {@code labels[0]}, both {@code [B, bins]}, as a DJL evaluator:
 * the mean over samples, each counted once even when the last batch is short.
 *
 * <p>A prediction is compared at the height of the expected base peak, as it is exported: the cosine loss leaves its scale
 * open, and an absolute error would measure nothing but that.
 *
 * <p>Copies both arrays to the heap, so that a device is waited for at each batch. Thread-safe.
 */
public final class SpectrumEvaluator extends Evaluator {
    private final SpectrumMetric metric;
    private final SpectrumAxis axis;
    private final SampleMean means = new SampleMean();

    /** An evaluator named {@link SpectrumMetric#key()}. */
    public SpectrumEvaluator(SpectrumMetric metric, SpectrumAxis axis) {
        super(metric.key());
        this.metric = metric;
        this.axis = axis;
    }

    /** The mean over the batch, float32 without dimensions, attached to the manager of the predictions. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDManager manager = predictions.head().getManager();
        NDArray mean = manager.create(new Shape(), DataType.FLOAT32);
        mean.set(new float[] {(float) meanOf(labels, predictions)});
        return mean;
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
        double mean = meanOf(labels, predictions);
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
        return means.mean(key);
    }

    private double meanOf(NDList labels, NDList predictions) {
        checkLabelShapes(labels.head(), predictions.head());
        float[] expected = labels.head().toFloatArray();
        float[] predicted = predictions.head().toFloatArray();
        int bins = axis.bins();
        int samples = Math.toIntExact(labels.head().getShape().get(0));
        double sum = 0;
        for (int sample = 0; sample < samples; sample++) {
            float[] wanted = Arrays.copyOfRange(expected, sample * bins, (sample + 1) * bins);
            float[] found = Arrays.copyOfRange(predicted, sample * bins, (sample + 1) * bins);
            scale(found, largest(wanted));
            sum += metric.of(found, wanted, axis);
        }
        return sum / samples;
    }

    private static void scale(float[] spectrum, float height) {
        float base = largest(spectrum);
        if (base > 0) {
            for (int bin = 0; bin < spectrum.length; bin++) {
                spectrum[bin] *= height / base;
            }
        }
    }

    private static float largest(float[] spectrum) {
        float largest = 0;
        for (float value : spectrum) {
            largest = Math.max(largest, value);
        }
        return largest;
    }
}
