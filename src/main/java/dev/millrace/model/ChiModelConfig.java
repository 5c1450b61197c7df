package dev.millrace.model;

import dev.millrace.exafs.ExafsStatistics;
import dev.millrace.exafs.KGrid;
import java.util.ArrayList;
import java.util.List;

/**
 * Shape of a {@link ChiModel}. Immutable; its text form identifies a model at load.
 *
 * @param grid where χ is given
 * @param hiddenDim width of every layer
 * @param numLayers dense layers before the last; of an {@link AtomChiModel} rounds of message passing
 * @param embeddingDim width of the vector of an element
 * @param basis smooth functions of k that amplitude and phase are made of
 * @param dropout share of values set to zero after each layer while training
 * @param maxLegs atoms that a {@link PathChiModel} has room for
 * @param kWeight n of kⁿ χ(k) that a {@link ShellDistanceModel} looks at
 * @param scale of the training data
 */
public record ChiModelConfig(
        KGrid grid,
        int hiddenDim,
        int numLayers,
        int embeddingDim,
        int basis,
        double dropout,
        int maxLegs,
        int kWeight,
        Scale scale) {
    /**
     * What inputs and outputs are scaled by; see {@link ExafsStatistics}.
     *
     * @param meanDistance Å
     * @param distanceDeviation Å, above 0
     * @param amplitude Å², above 0
     */
    public record Scale(double meanDistance, double distanceDeviation, double amplitude) {
        /** That of training data. */
        public static Scale of(ExafsStatistics statistics) {
            return new Scale(statistics.meanDistance(), statistics.distanceDeviation(), statistics.amplitude());
        }
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public ChiModelConfig {
        List<String> faults = new ArrayList<>();
        check("hidden_dim", hiddenDim, 1, 65_536, faults);
        check("num_layers", numLayers, 1, 1_000, faults);
        check("embedding_dim", embeddingDim, 1, 4_096, faults);
        check("basis", basis, 2, 4_096, faults);
        check("max_legs", maxLegs, 2, 1_000, faults);
        check("k_weight", kWeight, 0, ExafsStatistics.LARGEST_WEIGHT, faults);
        GraphEncoderConfig.checkDropout("dropout", dropout, faults);
        if (!(scale.distanceDeviation > 0 && scale.amplitude > 0)) {
            faults.add("the scale must be above 0, found " + scale);
        }
        GraphEncoderConfig.refuse("the model of χ(k)", faults);
    }

    private static void check(String key, int value, int least, int most, List<String> faults) {
        if (value < least || value > most) {
            faults.add(key + " must be " + least + ".." + most + ", found " + value);
        }
    }

    /** Three layers of 128, 32 functions of k, vectors of 16 for elements, without dropout. */
    public static ChiModelConfig of(KGrid grid, int maxLegs, ExafsStatistics statistics) {
        return new ChiModelConfig(grid, 128, 3, 16, 32, 0, maxLegs, 2, Scale.of(statistics));
    }

    /** This with another width and number of layers. */
    public ChiModelConfig withSize(int width, int layers) {
        return new ChiModelConfig(grid, width, layers, embeddingDim, basis, dropout, maxLegs, kWeight, scale);
    }

    /** This with another number of functions of k. */
    public ChiModelConfig withBasis(int functions) {
        return new ChiModelConfig(
                grid, hiddenDim, numLayers, embeddingDim, functions, dropout, maxLegs, kWeight, scale);
    }
}
