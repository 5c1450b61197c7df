package dev.millrace.cli;

import java.util.List;
import java.util.Locale;

/** One fine-tuning of the transfer benchmark. Immutable. */
record TransferCell(Strategy strategy, double fraction, long seed) {
    /** What a fine-tuning begins with. */
    enum Strategy {
        /** Random parameters. */
        SCRATCH,
        /** The pretrained encoder, trained on. */
        PRETRAINED,
        /** The pretrained encoder, as it is. */
        FROZEN;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What came out of a cell.
     *
     * @param strategy of the cell
     * @param fraction of the cell
     * @param seed of the cell
     * @param trainingSamples spectra trained on
     * @param testCosine mean cosine over the test split at the best epoch
     * @param validationCosine mean cosine over the validation split at the same epoch
     * @param bestStep optimizer steps at that epoch
     * @param seconds wall-clock time of training
     */
    record Outcome(
            Strategy strategy,
            double fraction,
            long seed,
            long trainingSamples,
            double testCosine,
            double validationCosine,
            long bestStep,
            double seconds) {}

    /** Its folder. */
    String name() {
        return strategy.id() + "-" + fraction + "-" + seed;
    }

    /** The settings that make it, as overrides of a configuration. */
    List<String> overrides() {
        return List.of("data.random_seed=" + seed, "finetuning.data_fraction=" + fraction);
    }
}
