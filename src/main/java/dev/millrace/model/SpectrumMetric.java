package dev.millrace.model;

import java.util.Arrays;

/**
 * Agreement of a predicted with an expected spectrum, both as intensities per bin. Thread-safe, free of DJL.
 *
 * <p>No spectrum gives NaN: where a formula divides by zero because a spectrum is empty (or constant, for Pearson) the
 * result is that of "nothing in common", 0, or 90 degrees for the angle.
 */
public enum SpectrumMetric {
    /** Cosine of the angle between both, −1…1. */
    COSINE("cosine"),
    /** Cosine of intensity^0.6 · mz^3: the weighting of the NIST library search. */
    WEIGHTED_COSINE_NIST("weighted_cosine_nist"),
    /** Cosine of intensity^0.5 · mz^3: Stein and Scott 1994. */
    WEIGHTED_COSINE_STEIN("weighted_cosine_stein"),
    /** Cosine of intensity^0.53 · mz^1.3: Kim et al. 2012. */
    WEIGHTED_COSINE_KIM("weighted_cosine_kim"),
    /** Pearson's correlation over the bins, −1…1. */
    PEARSON("pearson"),
    /** Mean squared difference over the bins. */
    MEAN_SQUARED_ERROR("mse"),
    /** Mean absolute difference over the bins. */
    MEAN_ABSOLUTE_ERROR("mae"),
    /** Share of the 5 largest expected peaks among the 5 largest predicted ones. */
    TOP_5_RECALL("top5_recall"),
    /** Share of the 10 largest expected peaks among the 10 largest predicted ones. */
    TOP_10_RECALL("top10_recall"),
    /** Share of the 20 largest expected peaks among the 20 largest predicted ones. */
    TOP_20_RECALL("top20_recall"),
    /** Share of the 50 largest expected peaks among the 50 largest predicted ones. */
    TOP_50_RECALL("top50_recall"),
    /** Angle between both in degrees, 0…180. */
    SPECTRAL_ANGLE("spectral_angle");

    private final String key;

    SpectrumMetric(String key) {
        this.key = key;
    }

    /** The name in metric stores and reports. */
    public String key() {
        return key;
    }

    /**
     * Its value for one spectrum.
     *
     * @throws IllegalArgumentException if the lengths differ from each other or from the axis
     */
    public double of(float[] predicted, float[] expected, SpectrumAxis axis) {
        if (expected.length != axis.bins()) {
            throw lengths(axis.bins(), expected.length);
        }
        return switch (this) {
            case COSINE -> cosine(predicted, expected);
            case WEIGHTED_COSINE_NIST -> weightedCosine(predicted, expected, axis, 0.6, 3);
            case WEIGHTED_COSINE_STEIN -> weightedCosine(predicted, expected, axis, 0.5, 3);
            case WEIGHTED_COSINE_KIM -> weightedCosine(predicted, expected, axis, 0.53, 1.3);
            case PEARSON -> pearson(predicted, expected);
            case MEAN_SQUARED_ERROR -> meanSquaredError(predicted, expected);
            case MEAN_ABSOLUTE_ERROR -> meanAbsoluteError(predicted, expected);
            case TOP_5_RECALL -> topRecall(predicted, expected, 5);
            case TOP_10_RECALL -> topRecall(predicted, expected, 10);
            case TOP_20_RECALL -> topRecall(predicted, expected, 20);
            case TOP_50_RECALL -> topRecall(predicted, expected, 50);
            case SPECTRAL_ANGLE -> spectralAngle(predicted, expected);
        };
    }

    /** {@code a·b / (|a| |b|)}, 0 if either is empty. */
    public static double cosine(float[] predicted, float[] expected) {
        checkLengths(predicted, expected);
        double dot = 0;
        double left = 0;
        double right = 0;
        for (int i = 0; i < expected.length; i++) {
            dot += (double) predicted[i] * expected[i];
            left += (double) predicted[i] * predicted[i];
            right += (double) expected[i] * expected[i];
        }
        return ratio(dot, left, right);
    }

    /** The cosine of {@code intensity^a · mz^b}; negative intensities count as 0. */
    public static double weightedCosine(
            float[] predicted, float[] expected, SpectrumAxis axis, double intensityPower, double mzPower) {
        checkLengths(predicted, expected);
        double dot = 0;
        double left = 0;
        double right = 0;
        for (int i = 0; i < expected.length; i++) {
            double weight = Math.pow(axis.mz(i), mzPower);
            double a = weight * Math.pow(Math.max(predicted[i], 0), intensityPower);
            double b = weight * Math.pow(Math.max(expected[i], 0), intensityPower);
            dot += a * b;
            left += a * a;
            right += b * b;
        }
        return ratio(dot, left, right);
    }

    /** Pearson's correlation over the bins, 0 if either is constant. */
    public static double pearson(float[] predicted, float[] expected) {
        checkLengths(predicted, expected);
        double meanLeft = 0;
        double meanRight = 0;
        for (int i = 0; i < expected.length; i++) {
            meanLeft += predicted[i];
            meanRight += expected[i];
        }
        meanLeft /= expected.length;
        meanRight /= expected.length;
        double dot = 0;
        double left = 0;
        double right = 0;
        for (int i = 0; i < expected.length; i++) {
            double a = predicted[i] - meanLeft;
            double b = expected[i] - meanRight;
            dot += a * b;
            left += a * a;
            right += b * b;
        }
        return ratio(dot, left, right);
    }

    /** Mean squared difference over the bins. */
    public static double meanSquaredError(float[] predicted, float[] expected) {
        checkLengths(predicted, expected);
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = (double) predicted[i] - expected[i];
            sum += difference * difference;
        }
        return sum / expected.length;
    }

    /** Mean absolute difference over the bins. */
    public static double meanAbsoluteError(float[] predicted, float[] expected) {
        checkLengths(predicted, expected);
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.abs((double) predicted[i] - expected[i]);
        }
        return sum / expected.length;
    }

    /**
     * The share of the {@code k} largest expected peaks that are among the {@code k} largest predicted ones. A peak is a
     * bin above 0, so that an expected spectrum with fewer peaks is divided by their number; equal peaks rank by m/z.
     */
    public static double topRecall(float[] predicted, float[] expected, int k) {
        checkLengths(predicted, expected);
        int[] wanted = topPeaks(expected, k);
        int[] found = topPeaks(predicted, k);
        if (wanted.length == 0) {
            return 0;
        }
        Arrays.sort(found);
        int hits = 0;
        for (int bin : wanted) {
            if (Arrays.binarySearch(found, bin) >= 0) {
                hits++;
            }
        }
        return (double) hits / wanted.length;
    }

    /** The arc cosine of {@link #cosine} in degrees, 90 if either is empty. */
    public static double spectralAngle(float[] predicted, float[] expected) {
        return Math.toDegrees(Math.acos(cosine(predicted, expected)));
    }

    /** The bins of the at most {@code k} largest values above 0, largest first, equal ones by bin. */
    static int[] topPeaks(float[] spectrum, int k) {
        int[] top = new int[Math.min(Math.max(k, 0), spectrum.length)];
        int count = 0;
        for (int bin = 0; bin < spectrum.length; bin++) {
            float value = spectrum[bin];
            boolean enters = count < top.length || (count > 0 && value > spectrum[top[count - 1]]);
            if (!(value > 0) || !enters) {
                continue;
            }
            int at = count < top.length ? count++ : count - 1;
            while (at > 0 && spectrum[top[at - 1]] < value) {
                top[at] = top[at - 1];
                at--;
            }
            top[at] = bin;
        }
        return Arrays.copyOf(top, count);
    }

    private static double ratio(double dot, double left, double right) {
        double norm = Math.sqrt(left) * Math.sqrt(right);
        return norm > 0 ? Math.max(-1, Math.min(1, dot / norm)) : 0;
    }

    private static void checkLengths(float[] predicted, float[] expected) {
        if (predicted.length != expected.length || expected.length == 0) {
            throw lengths(expected.length, predicted.length);
        }
    }

    private static IllegalArgumentException lengths(int expected, int found) {
        return new IllegalArgumentException("Cannot compare spectra: expected " + expected + " bins, found " + found
                + ". Use the model's spectrum axis for both.");
    }
}
