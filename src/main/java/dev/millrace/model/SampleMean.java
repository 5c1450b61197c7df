package dev.millrace.model;

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

    /** The mean so far, NaN before the first sample. */
    float mean(String name) {
        Total total = totals.getOrDefault(name, NOTHING);
        return total.samples == 0 ? Float.NaN : (float) (total.sum / total.samples);
    }
}
