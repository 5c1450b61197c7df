package dev.millrace.cli;

import dev.millrace.batch.Remainder;
import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import dev.millrace.genome.LossPolicy;
import dev.millrace.genome.RcMode;
import dev.millrace.genome.ReverseComplement;
import dev.millrace.genome.WindowFormat;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code genome}: learning to predict the bases of genome windows, by the names of the original's constructor.
 * Immutable.
 *
 * @param store a genome store; or {@code sequenceDbDir}
 * @param sequenceDbDir a folder of sample databases, which needs both window databases
 * @param trainWindowDb windows to train on; those of the store's split {@code train} if left out
 * @param valWindowDb windows to measure on; those of the store's split {@code val} if left out
 * @param stride expected of the windows; left out, whatever they have
 * @param windowMinLengthThreshold expected of the windows; left out, whatever they have
 * @param rank this process among {@code worldSize}, from 0
 * @param remainder what becomes of windows that cannot be shared evenly
 */
record GenomeSection(
        @Nullable Path store,
        @Nullable Path sequenceDbDir,
        @Nullable Path trainWindowDb,
        @Nullable Path valWindowDb,
        @Inline Format format,
        @Nullable @Between(min = 1, max = 1e9) Integer stride,

        @Nullable @Between(min = 0, max = 1e9) Integer windowMinLengthThreshold,

        @Fallback("0") @Between(min = 0, max = 65_535) int rank,
        @Fallback("1") @Between(min = 1, max = 65_536) int worldSize,
        @Fallback("drop") Remainder remainder,
        @Inline TrainConfig.Loop loop,
        @Fallback("runs/genome") Path checkpointDir)
        implements TrainConfig.Section {

    /** Which tokens are predicted. */
    enum Policy {
        UPSTREAM,
        DNA_ONLY,
        EVO2;

        private LossPolicy toPolicy() {
            return switch (this) {
                case UPSTREAM -> LossPolicy.UPSTREAM;
                case DNA_ONLY -> LossPolicy.DNA_ONLY;
                case EVO2 -> LossPolicy.EVO2;
            };
        }
    }

    /** How bases become tokens, {@link WindowFormat} key by key. */
    record Format(
            @Fallback("8192") @Between(min = 4, max = 1_048_576)
            int seqLength,

            @Fallback("true") boolean includeBos,
            @Fallback("true") boolean includeEos,
            @Fallback("false") boolean useControlTags,
            @Fallback("false") boolean legacyHeader,
            @Fallback("false") boolean keepCase,
            @Fallback("false") boolean rcAug,
            @Fallback("upstream") ReverseComplement rcProfile,
            @Fallback("upstream") Policy lossPolicy,
            @Fallback("false") boolean maskLowerCase,
            @Fallback("false") boolean predictEos) {

        /** @param augmented whether {@code rcAug} is followed, as for training data only */
        WindowFormat toFormat(boolean augmented, long seed) {
            LossPolicy policy = lossPolicy.toPolicy();
            policy = maskLowerCase ? policy.withoutLowerCase() : policy;
            return WindowFormat.builder(seqLength)
                    .optIncludeBos(includeBos)
                    .optIncludeEos(includeEos)
                    .optControlTags(useControlTags)
                    .optLegacyHeader(legacyHeader)
                    .optKeepCase(keepCase)
                    .optReverseComplement(augmented && rcAug ? RcMode.RANDOM : RcMode.NEVER)
                    .optRcProfile(rcProfile)
                    .optLossPolicy(predictEos ? policy.withEnd() : policy)
                    .optSeed(seed)
                    .build();
        }
    }

    /** Where the sequences are, whatever they are kept in. */
    Path sequences() {
        return store != null ? store : Objects.requireNonNull(sequenceDbDir, "checked when it was read");
    }

    void check(ConfigBinder binder) {
        if (store == null && sequenceDbDir == null) {
            binder.fault(
                    "genome.store",
                    "is missing, and sequence_db_dir too: one of them says where the sequences are; 'millrace genome"
                            + " import' makes them");
        }
        if (store != null && sequenceDbDir != null) {
            binder.fault("genome.sequence_db_dir", "and store cannot both be given");
        }
        if (sequenceDbDir != null && trainWindowDb == null) {
            binder.fault("genome.train_window_db", "is missing; sequence_db_dir has no windows of its own");
        }
        if (sequenceDbDir != null && valWindowDb == null) {
            binder.fault("genome.val_window_db", "is missing; sequence_db_dir has no windows of its own");
        }
        if (rank >= worldSize) {
            binder.fault("genome.rank", "must be below world_size " + worldSize + ", found " + rank);
        }
        if (format.legacyHeader && !format.includeBos && !format.useControlTags) {
            binder.fault("genome.legacy_header", "is BOS and SEP; include_bos is false");
        }
    }
}
