package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.TableInput;
import dev.millrace.model.TableModelConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code table_model}: the network over the columns of a table. Immutable.
 *
 * @param kind dense layers alone, or convolutions before them
 * @param hiddenDims widths of the dense layers before the last; empty for a linear model
 * @param channels maps of each block of convolutions, which halves the picture; of {@link Kind#CNN} only
 * @param image slot of the picture; left out, the only one of at least two dimensions; of {@link Kind#CNN} only
 * @param layout of a picture with channels; left out, the axis of at most four elements is theirs; of {@link Kind#CNN} only
 * @param embeddingDim width of the vector of a category
 */
record TableModelSection(
        @Fallback("mlp") Kind kind,
        @Nullable @Between(min = 1, max = 65_536) List<Integer> hiddenDims,
        @Nullable @Between(min = 1, max = 4096) List<Integer> channels,
        @Nullable String image,
        @Nullable Layout layout,
        @Fallback("8") @Between(min = 1, max = 4096) int embeddingDim,
        @Fallback("0") @Between(min = 0, max = 0.95) double dropout,
        @Fallback("relu") ActivationKind activation) {

    /** What stands before the dense layers. */
    enum Kind {
        MLP,
        CNN
    }

    /** Which axis of a picture is that of its channels. */
    enum Layout {
        /** The first. */
        CHW,
        /** The last. */
        HWC
    }

    /** What an empty section is: dense layers of the usual widths. */
    static TableModelSection usual() {
        return new TableModelSection(Kind.MLP, null, null, null, null, 8, 0, ActivationKind.RELU);
    }

    void check(ConfigBinder binder) {
        if (kind == Kind.CNN) {
            if (channels != null && channels.isEmpty()) {
                binder.fault("table_model.channels", "must be one block or more, found none");
            }
            return;
        }
        if (channels != null) {
            binder.fault("table_model.channels", "needs kind: cnn");
        }
        if (image != null) {
            binder.fault("table_model.image", "needs kind: cnn");
        }
        if (layout != null) {
            binder.fault("table_model.layout", "needs kind: cnn");
        }
    }

    /**
     * The configuration of a model with these inputs.
     *
     * @throws IllegalArgumentException if a picture is too small for so many blocks
     */
    TableModelConfig toConfig(List<TableInput> inputs, TableModelConfig.Output output) {
        return new TableModelConfig(inputs, blocks(), dense(), embeddingDim, dropout, activation, output);
    }

    private List<Integer> blocks() {
        if (kind == Kind.MLP) {
            return List.of();
        }
        return channels == null ? List.of(16, 32) : channels;
    }

    private List<Integer> dense() {
        return hiddenDims != null ? hiddenDims : kind == Kind.MLP ? List.of(64, 64) : List.of(64);
    }

    /** In words. */
    String describe() {
        return (kind == Kind.CNN ? "convolutions with " + blocks() + " maps, then " : "") + "dense layers of "
                + dense();
    }
}
