package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.model.TokenModelConfig;

/** Section {@code token_model}: {@link TokenModelConfig}, key by key. Immutable. */
record TokenModelSection(
        @Fallback("256") @Between(min = 2, max = 1_000_000) int vocabulary,
        @Fallback("64") @Between(min = 2, max = 4096) int hiddenDim,
        @Fallback("6") @Between(min = 2, max = 64) int numLayers,
        @Fallback("convolution") TokenModelConfig.Layer layer,
        @Fallback("3") @Between(min = 2, max = 64) int kernelSize,
        @Fallback("4") @Between(min = 1, max = 16) int dilationCycle,
        @Fallback("4") @Between(min = 1, max = 1024) int heads,
        @Fallback("0") @Between(min = 0, max = 0.95) double dropout,
        @Fallback("false") boolean tiedHead) {

    void check(ConfigBinder binder) {
        if (layer == TokenModelConfig.Layer.ATTENTION && hiddenDim % (2 * heads) != 0) {
            binder.fault(
                    "token_model.heads",
                    "must divide half of token_model.hidden_dim, found " + heads + " and " + hiddenDim);
        }
    }
}
