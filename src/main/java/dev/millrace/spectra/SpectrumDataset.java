package dev.millrace.spectra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.batch.Collator;
import dev.millrace.batch.GraphArrays;
import dev.millrace.batch.GraphBatchifier;
import dev.millrace.batch.NdArrays;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.build.SplitRatios;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.sqlite.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Mass spectra with the graphs of their molecules, as DJL batches.
 *
 * <p>For {@code B} compounds with {@code N} atoms and {@code E} directed bonds in total:
 *
 * <pre>
 *   data[0]  nodes      float32 [N, 48]  atom features; int64 [N, 9] codes with ogb-9-3
 *   data[1]  edges      int64   [2, E]   source row, target row; shifted into this batch
 *   data[2]  bonds      float32 [E, 6]   bond features, same order as edges; int64 [E, 3] codes with ogb-9-3
 *   data[3]  graphOf    int64   [N]      compound of every atom, 0 … B − 1
 *   data[4]  nodeCounts int64   [B]      atoms of every compound
 *   label[0] spectrum   float32 [B, bins]
 * </pre>
 *
 * <p>Filters and weights go by {@code compounds.id}, {@code compound_id} elsewhere; by SQL from a database only.
 *
 * <p>One entry point for two backends with equal samples: a database, or the MSP and MOL files themselves
 * ({@code use_sqlite: false}; deprecated, kept to compare with). Compounds without a graph are in neither.
 *
 * <p>One epoch at a time; {@link #metadata} and {@link #get} may be called meanwhile. Who builds it closes it. Cost per
 * batch: one statement, six arrays. Memory: 8 bytes per compound of the split.
 *
 * {@snippet :
 * try (SpectrumDataset train = SpectrumDataset.builder()
 *         .setDatabase(Path.of("nist.db")).optSplit(Split.TRAIN)
 *         .setSampling(128, true).optSeed(42).build()) {
 *     EasyTrain.fit(trainer, 10, train, validation);
 * }
 * }
 */
public final class SpectrumDataset extends SqliteDataset<SpectrumRow> {
    private final SpectrumSource source;

    private SpectrumDataset(Builder builder, SpectrumSource source, FeatureSpec features) {
        super(
                builder,
                source,
                chosen -> builder.cacheInMemory ? SpectrumMemorySource.load(chosen) : chosen,
                (manager, rows) ->
                        collate(manager, rows, features, source.options().bins()));
        this.source = source;
    }

    /** Starts with {@code setDatabase} or {@code setFiles}, then {@code setSampling}. */
    public static Builder builder() {
        return new Builder();
    }

    private static Collator.Slots collate(NDManager manager, List<SpectrumRow> rows, FeatureSpec features, int bins) {
        for (SpectrumRow row : rows) {
            if (row.spectrum().elementCount() != bins) {
                throw new IllegalStateException("Expected spectra of " + bins + " bins, found "
                        + row.spectrum().elementCount() + " in the row of compound " + row.id() + ".");
            }
        }
        DataType type = features.inputType() == FeatureSpec.InputType.INT64 ? DataType.INT64 : DataType.FLOAT32;
        NDList data = rows.isEmpty()
                ? GraphArrays.none(manager, type, features.nodeWidth(), features.edgeWidth())
                : GraphArrays.of(manager, rows.stream().map(SpectrumRow::graph).toList(), type);
        NDArray spectrum = NdArrays.filled(
                manager,
                new Shape(rows.size(), bins),
                DataType.FLOAT32,
                target -> rows.forEach(row -> row.spectrum().putFloats(target)));
        return new Collator.Slots(data, new NDList(NdArrays.named("spectrum", spectrum)));
    }

    /** How the spectra were made. */
    public SpectrumOptions options() {
        return source.options();
    }

    /** Name of the feature specification of the graphs. */
    public String featureSpec() {
        return source.featureSpec();
    }

    /** What the samples at these positions are about, in that order; training never reads it. */
    public List<SpectrumMetadata> metadata(long... positions) {
        return source.metadata(Arrays.stream(positions).map(this::id).toArray());
    }

    /** The key of the compound that the input calls {@code sourceId}; see {@link SpectrumSource#find}. */
    public OptionalLong find(String sourceId) {
        return source.find(sourceId);
    }

    /** Builds a {@link SpectrumDataset}. One thread at a time. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path database;
        private @Nullable Path msp;
        private @Nullable Path molFolder;
        private @Nullable SpectrumOptions spectrum;
        private @Nullable String featureSpec;
        private SplitRatios ratios = SplitRatios.defaults();
        private long splitSeed = 42;
        private int maxSamples;
        private boolean cacheInMemory;

        private Builder() {
            optDataBatchifier(GraphBatchifier.GRAPHS);
            optLabelBatchifier(GraphBatchifier.ROWS);
        }

        /** Reads from a database that {@link SpectraBuilder} built. */
        public Builder setDatabase(Path file) {
            database = file;
            return this;
        }

        /** Reads from the files themselves, as the original does: slow to start, everything in the heap. */
        public Builder setFiles(Path mspFile, Path folder) {
            msp = mspFile;
            molFolder = folder;
            return this;
        }

        /** Options the spectra must have; a database made with others is refused. The defaults for files. */
        public Builder optSpectrum(SpectrumOptions options) {
            spectrum = options;
            return this;
        }

        /** Feature specification the graphs must have; {@code bitspec-48-6} for files. */
        public Builder optFeatureSpec(String name) {
            featureSpec = name;
            return this;
        }

        /** Shares by which files are divided, 0.8, 0.1, 0.1 by default; a database has its splits. */
        public Builder optSplitRatios(SplitRatios shares) {
            ratios = shares;
            return this;
        }

        /** Decides how files are divided, 42 by default; {@link #optSeed} is that of the order within a split. */
        public Builder optSplitSeed(long value) {
            splitSeed = value;
            return this;
        }

        /** A random subset of files, by the seed of {@link #optSplitSeed}; 0, the default, for all. */
        public Builder optMaxSamples(int count) {
            maxSamples = count;
            return this;
        }

        /** Keeps all samples in the heap, about 1 KB each; off by default. */
        public Builder optCacheInMemory(boolean value) {
            cacheInMemory = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Opens the backend.
         *
         * @throws IllegalStateException unless exactly one of {@code setDatabase} and {@code setFiles} was called
         * @throws dev.millrace.sqlite.SchemaMismatchException if the database is of another kind or has other settings
         * @throws IOException if the files cannot be read
         */
        public SpectrumDataset build() throws IOException {
            SpectrumSource source = source();
            try {
                return new SpectrumDataset(this, source, FeatureSpec.named(source.featureSpec()));
            } catch (RuntimeException e) {
                source.close();
                throw e;
            }
        }

        private SpectrumSource source() throws IOException {
            Path file = database;
            Path spectra = msp;
            Path structures = molFolder;
            if (file != null && spectra == null) {
                Access access = mapped() ? Access.READ_MAPPED : Access.READ;
                return SpectrumDatabaseSource.open(file, split(), access, readers(), spectrum, featureSpec);
            } else if (file == null && spectra != null && structures != null) {
                return SpectrumFileSource.load(
                        spectra,
                        structures,
                        split(),
                        spectrum == null ? SpectrumOptions.defaults() : spectrum,
                        featureSpec == null ? FeatureSpec.BITSPEC_48_6.id() : featureSpec,
                        ratios,
                        splitSeed,
                        maxSamples);
            }
            throw new IllegalStateException(
                    "Expected one of setDatabase and setFiles, found " + (file == null ? "none." : "both."));
        }
    }
}
