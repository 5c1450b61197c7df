package dev.millrace.cli;

import dev.millrace.batch.SqliteDataset;
import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.sqlite.ReadOnlyQuery;
import org.jspecify.annotations.Nullable;

/**
 * Keys of section {@code data} that say which samples of a split there are, in each task. Immutable.
 *
 * @param filter a query of the ids of samples to keep, of those to train on and of those to measure on
 * @param weights a query of ids and weights by which training samples are drawn, with replacement
 * @param epochSamples how many an epoch draws; as many as there are if left out
 */
record SampleSection(
        @Nullable String filter,
        @Nullable String weights,

        @Nullable @Between(min = 1, max = 2e9) Integer epochSamples) {

    /** All samples, each once. */
    static SampleSection all() {
        return new SampleSection(null, null, null);
    }

    /** Tells a dataset which samples it has and, for training, how often each is drawn. */
    <B extends SqliteDataset.Builder<B>> B choose(B builder, boolean training) {
        if (filter != null) {
            builder.optFilter(filter);
        }
        if (training && weights != null) {
            builder.optWeights(weights);
        }
        if (training && epochSamples != null) {
            builder.optEpochSamples(epochSamples);
        }
        return builder;
    }

    void check(ConfigBinder binder) {
        requireSelect(binder, "data.filter", filter);
        requireSelect(binder, "data.weights", weights);
        if (epochSamples != null && weights == null) {
            binder.fault("data.epoch_samples", "needs data.weights; without them an epoch has each sample once");
        }
    }

    /** Notes what a training without a database cannot have. */
    void checkFiles(ConfigBinder binder) {
        if (filter != null) {
            binder.fault("data.filter", "needs a database; use_sqlite is false");
        }
        if (weights != null) {
            binder.fault("data.weights", "needs a database; use_sqlite is false");
        }
    }

    private static void requireSelect(ConfigBinder binder, String key, @Nullable String sql) {
        try {
            if (sql != null) {
                ReadOnlyQuery.requireOneSelect(sql);
            }
        } catch (ReadOnlyQuery.RefusedException e) {
            binder.fault(key, "must be one SELECT. " + e.clause());
        }
    }
}
