package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.model.ChiModelConfig;

/** Section {@code exafs_model}: the sizes of {@link ChiModelConfig}, key by key. Immutable. */
record ExafsModelSection(
        @Fallback("128") @Between(min = 1, max = 4096) int hiddenDim,
        @Fallback("3") @Between(min = 1, max = 32) int numLayers,
        @Fallback("16") @Between(min = 1, max = 1024) int embeddingDim,
        @Fallback("32") @Between(min = 2, max = 1024) int basis,
        @Fallback("0") @Between(min = 0, max = 0.95) double dropout) {

    /** The configuration of a model with an input. */
    ChiModelConfig toConfig(ExafsModelFile.Input input) {
        return new ChiModelConfig(
                input.grid(),
                hiddenDim,
                numLayers,
                embeddingDim,
                basis,
                dropout,
                input.maxLegs(),
                input.kWeight(),
                new ChiModelConfig.Scale(input.meanDistance(), input.distanceDeviation(), input.amplitude()));
    }
}
