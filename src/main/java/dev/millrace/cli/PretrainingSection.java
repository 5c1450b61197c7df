package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import dev.millrace.model.PropertyLoss;
import dev.millrace.pcqm.PcqmAdapter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section {@code pretraining}: learning a property of many molecules. Immutable. */
record PretrainingSection(
        @Fallback("true") boolean useSqlite,
        @Nullable Path sqliteDbPath,
        @Fallback("false") boolean sqliteCacheInMemory,
        @Fallback("homo_lumo_gap") Targets task,

        @Nullable @Between(min = 0, max = 1e6, openMin = true)
        List<Double> targetWeights,

        @Nullable PcqmAdapter adapter,
        @Fallback("mse") PropertyLoss.Kind lossType,
        @Fallback("false") boolean useSubset,
        @Nullable @Between(min = 1, max = 2e9) Integer maxSamples,
        @Inline TrainConfig.Loop loop,
        @Fallback("runs/pretrain") Path checkpointDir)
        implements TrainConfig.Section {

    /** Which targets of the molecules are learnt. */
    enum Targets {
        HOMO_LUMO_GAP,
        MULTI_TASK
    }

    void check(ConfigBinder binder) {
        if (!useSqlite) {
            binder.fault(
                    "pretraining.use_sqlite",
                    "must be true: no molecule is fetched while training; build a database with"
                            + " 'millrace pcqm build' and name it in pretraining.sqlite_db_path");
        } else if (sqliteDbPath == null) {
            binder.fault("pretraining.sqlite_db_path", "is missing; 'millrace pcqm build' makes one");
        }
        if (useSubset && maxSamples == null) {
            binder.fault("pretraining.max_samples", "is missing; use_subset is true");
        }
        if (!useSubset && maxSamples != null) {
            binder.fault("pretraining.max_samples", "needs use_subset: true, found " + maxSamples);
        }
        if (targetWeights != null && task == Targets.HOMO_LUMO_GAP) {
            binder.fault("pretraining.target_weights", "is for task multi_task only");
        }
    }
}
