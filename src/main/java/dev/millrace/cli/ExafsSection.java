package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code exafs}: learning χ(k) from geometry, or a distance from χ(k). Immutable.
 *
 * @param database that {@code millrace exafs build} made
 * @param target what is learnt
 * @param split how the file must have been divided; left out, however it was
 * @param kWeight n of kⁿ χ(k), in which errors count; of {@link Target#DISTANCE} what the model looks at
 * @param cutoff longest edge between two neighbours of {@link Target#ATOM_CHI}, Å
 */
record ExafsSection(
        @Nullable Path database,
        @Fallback("path_chi") Target target,
        @Nullable SplitBy split,
        @Fallback("2") @Between(min = 0, max = 3) int kWeight,
        @Fallback("4") @Between(min = 0, max = 100) double cutoff,
        @Fallback("false") boolean useSubset,
        @Nullable @Between(min = 1, max = 2e9) Integer maxSamples,
        @Inline TrainConfig.Loop loop,
        @Fallback("runs/exafs") Path checkpointDir)
        implements TrainConfig.Section {

    /** What is learnt. */
    enum Target {
        /** χ(k) of a path from its geometry. */
        PATH_CHI,
        /** The distance of the nearest neighbour from χ(k) of an atom. */
        DISTANCE,
        /** χ(k) of an atom from its neighbours. */
        ATOM_CHI
    }

    /** What is kept together when paths are divided. */
    enum SplitBy {
        FRAME,
        ATOM
    }

    void check(ConfigBinder binder) {
        if (database == null) {
            binder.fault("exafs.database", "is missing; 'millrace exafs build' makes one");
        }
        if (useSubset && maxSamples == null) {
            binder.fault("exafs.max_samples", "is missing; use_subset is true");
        }
        if (!useSubset && maxSamples != null) {
            binder.fault("exafs.max_samples", "needs use_subset: true, found " + maxSamples);
        }
    }
}
