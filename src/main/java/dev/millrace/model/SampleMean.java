package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Means per accumulator name in which every sample counts once, however the batches are cut. Thread-safe. */
final class SampleMean {
    private record Total(double sum, long samples) {
        Total plus(Total other) {
            return new Total(sum + other.sum, samples + other.samples);
        }
    }

    private static final Total NOTHING = new Total(0, 0);

    private final Map<String, Total> totals = new ConcurrentHashMap<>();

    void reset(String name) {
        totals.put(name, NOTHING);
    }

    /** Adds the mean of a batch. */
    void add(String name, double mean, long samples) {
        totals.merge(name, new Total(mean * samples, samples), Total::plus);
    }

    /** Adds what a loss says of a batch, evaluated once for all names. */
    void add(String[] names, Loss loss, NDList labels, NDList predictions) {
        double mean;
        try (NDArray value = loss.evaluate(labels, predictions)) {
            mean = value.getFloat();
        }
        for (String name : names) {
            add(name, mean, labels.head().getShape().get(0));
        }
    }

    /** The mean so far, NaN before the first sample. */
    float mean(String name) {
        Total total = totals.getOrDefault(name, NOTHING);
        return total.samples == 0 ? Float.NaN : (float) (total.sum / total.samples);
    }
}
