package dev.millrace.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Shape of a {@link TokenModel}. Immutable; its text form identifies a model at load.
 *
 * @param vocabulary how many token ids there are; every id is below
 * @param hiddenDim width of the vector of a token, even
 * @param numLayers causal layers, at least 2
 * @param layer what a layer is
 * @param kernelSize tokens that a convolution sees, its own and those before it
 * @param dilationCycle the distance between those tokens doubles from layer to layer, and starts again at 1 after this many
 * @param heads attention heads, each of an even width; only for {@link Layer#ATTENTION}
 * @param dropout share of values set to zero after each layer while training
 * @param tiedHead whether the table that embeds tokens also scores them
 */
public record TokenModelConfig(
        int vocabulary,
        int hiddenDim,
        int numLayers,
        Layer layer,
        int kernelSize,
        int dilationCycle,
        int heads,
        double dropout,
        boolean tiedHead) {
    /** How a token learns of those before it. */
    public enum Layer {
        /** Gated dilated convolution: cost grows with the length, sight is {@link TokenModelConfig#receptiveField}. */
        CONVOLUTION,
        /** Attention to all earlier tokens with rotary positions, then two dense maps: cost grows with the square. */
        ATTENTION
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public TokenModelConfig {
        List<String> faults = new ArrayList<>();
        check("vocabulary", vocabulary, 2, 1_000_000, faults);
        check("hidden_dim", hiddenDim, 2, 65_536, faults);
        check("num_layers", numLayers, 2, 1_000, faults);
        check("kernel_size", kernelSize, 2, 64, faults);
        check("dilation_cycle", dilationCycle, 1, 16, faults);
        check("heads", heads, 1, 1_024, faults);
        if (layer == Layer.ATTENTION && heads > 0 && hiddenDim % (2 * heads) != 0) {
            faults.add("hidden_dim must be a multiple of twice the heads, found " + hiddenDim + " and " + heads);
        }
        GraphEncoderConfig.checkDropout("dropout", dropout, faults);
        GraphEncoderConfig.refuse("the token model", faults);
    }

    private static void check(String key, int value, int least, int most, List<String> faults) {
        if (value < least || value > most) {
            faults.add(key + " must be " + least + ".." + most + ", found " + value);
        }
    }

    /** Six convolutions of width 64 over three tokens, four distances, with a head of its own. */
    public static TokenModelConfig of(int vocabulary) {
        return new TokenModelConfig(vocabulary, 64, 6, Layer.CONVOLUTION, 3, 4, 4, 0, false);
    }

    /** This with another width and number of layers. */
    public TokenModelConfig withSize(int width, int layers) {
        return new TokenModelConfig(
                vocabulary, width, layers, layer, kernelSize, dilationCycle, heads, dropout, tiedHead);
    }

    /** This with convolutions of this kind. */
    public TokenModelConfig withConvolution(int kernel, int cycle) {
        return new TokenModelConfig(
                vocabulary, hiddenDim, numLayers, Layer.CONVOLUTION, kernel, cycle, heads, dropout, tiedHead);
    }

    /** This with attention by this many heads. */
    public TokenModelConfig withAttention(int count) {
        return new TokenModelConfig(
                vocabulary, hiddenDim, numLayers, Layer.ATTENTION, kernelSize, dilationCycle, count, dropout, tiedHead);
    }

    /** This with another dropout. */
    public TokenModelConfig withDropout(double value) {
        return new TokenModelConfig(
                vocabulary, hiddenDim, numLayers, layer, kernelSize, dilationCycle, heads, value, tiedHead);
    }

    /** This with a head that shares the table of the embedding, or one of its own. */
    public TokenModelConfig withTiedHead(boolean value) {
        return new TokenModelConfig(
                vocabulary, hiddenDim, numLayers, layer, kernelSize, dilationCycle, heads, dropout, value);
    }

    /** Distance between the tokens that a convolution sees. */
    int dilation(int layerNumber) {
        return 1 << (layerNumber % dilationCycle);
    }

    /** Tokens, the last one included, that decide a prediction of a model of convolutions. */
    public long receptiveField() {
        long field = 1;
        for (int i = 0; i < numLayers; i++) {
            field += (long) (kernelSize - 1) * dilation(i);
        }
        return field;
    }
}
