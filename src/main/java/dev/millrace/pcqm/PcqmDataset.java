package dev.millrace.pcqm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.batch.Collator;
import dev.millrace.batch.GraphArrays;
import dev.millrace.batch.GraphBatchifier;
import dev.millrace.batch.MemorySource;
import dev.millrace.batch.NdArrays;
import dev.millrace.batch.RowSource;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.graph.Graph;
import dev.millrace.graph.MalformedGraphException;
import dev.millrace.molecule.FeatureColumns;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Molecules of PCQM4Mv2 with their HOMO-LUMO gap, as DJL batches.
 *
 * <p>For {@code B} molecules with {@code N} atoms and {@code E} directed bonds in total, and {@code T} targets:
 *
 * <pre>
 *   data[0]  nodes      int64   [N, 9]  codes of ogb-9-3 or pyg-9-3; float32 [N, 48] with bitspec-48-6 or the adapter pad
 *   data[1]  edges      int64   [2, E]  source row, target row; shifted into this batch
 *   data[2]  bonds      int64   [E, 3]  same order as edges; float32 [E, 6] as nodes
 *   data[3]  graphOf    int64   [N]     molecule of every atom, 0 … B − 1
 *   data[4]  nodeCounts int64   [B]     atoms of every molecule
 *   label[0] targets    float32 [B, T]  the gap in eV first, not normalised; NaN where a molecule has none
 * </pre>
 *
 * <p>Molecules without a gap are left out unless asked for. A file of layout blocks gives the same samples and, in order, the
 * same batches as one of layout rows; its shuffled order is another (docs/decisions/0011).
 *
 * <p>Filters and weights go by {@code molecules.idx}; what they leave out is not kept in memory either. {@link #statistics} stay
 * those of the whole training split.
 *
 * <p>One epoch at a time; {@link #metadata} and {@link #get} may be called meanwhile. Who builds it closes it. Cost per
 * batch: one statement at most, six arrays. Memory: 8 bytes per molecule of the split; in layout blocks up to
 * {@value dev.millrace.batch.BlockSource#CACHE_BYTES} bytes of blocks.
 *
 * {@snippet :
 * try (PcqmDataset train = PcqmDataset.builder()
 *         .setDatabase(Path.of("pcqm.db")).optSplit(Split.TRAIN)
 *         .setSampling(512, true).optSeed(42).build()) {
 *     EasyTrain.fit(trainer, 10, train, validation);
 * }
 * }
 */
public final class PcqmDataset extends SqliteDataset<PcqmRow> {
    private final PcqmSource source;

    private PcqmDataset(Builder builder, PcqmSource source) {
        super(builder, source, builder::cached, new PcqmCollator(source, builder.transform));
        this.source = source;
    }

    /** Starts with {@code setDatabase}, then {@code setSampling}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Name of the feature specification that reaches the model, the adapter in it. */
    public String featureSpec() {
        return source.features().id();
    }

    /** What reaches the model: names, widths and type of the features. */
    public FeatureColumns features() {
        return source.features();
    }

    /** Names of the columns of the label; the first is the gap. */
    public List<String> targets() {
        return source.settings().targets();
    }

    /** How the file keeps its graphs. */
    public PcqmLayout layout() {
        return source.settings().layout();
    }

    /**
     * Mean and standard deviation of the gap over the labelled training split, in eV.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if the file has none
     */
    public PcqmStatistics statistics() {
        return statistics(targets().get(0));
    }

    /** As {@link #statistics()}, of any of the {@link #targets()}. */
    public PcqmStatistics statistics(String target) {
        if (!targets().contains(target)) {
            throw new IllegalArgumentException("Expected one of the targets " + targets() + ", found " + target + ".");
        }
        return source.statistics(target);
    }

    /** What the samples at these positions are about, in that order; one statement, which training never runs. */
    public List<PcqmMetadata> metadata(long... positions) {
        return source.metadata(Arrays.stream(positions).map(this::id).toArray());
    }

    /** Rows to arrays. */
    private record PcqmCollator(PcqmSource source, @Nullable UnaryOperator<PcqmRow> transform)
            implements Collator<PcqmRow> {
        @Override
        public Collator.Slots collate(NDManager manager, List<PcqmRow> stored) {
            List<PcqmRow> rows =
                    transform == null ? stored : stored.stream().map(transform).toList();
            FeatureColumns features = source.features();
            boolean codes = features.inputType() == FeatureSpec.InputType.INT64;
            List<Graph> graphs = rows.stream().map(PcqmRow::graph).toList();
            NDList data;
            try {
                if (graphs.isEmpty()) {
                    DataType type = codes ? DataType.INT64 : DataType.FLOAT32;
                    data = GraphArrays.none(manager, type, features.nodeWidth(), features.edgeWidth());
                } else {
                    data = codes
                            ? GraphArrays.of(manager, graphs, DataType.INT64)
                            : GraphArrays.ofFloats(manager, graphs, features.nodeWidth(), features.edgeWidth());
                }
            } catch (MalformedGraphException e) {
                throw malformed(rows, e);
            }
            int targets = source.settings().targets().size();
            NDArray label = NdArrays.filled(
                    manager, new Shape(rows.size(), targets), DataType.FLOAT32, out -> putTargets(rows, targets, out));
            return new Collator.Slots(data, new NDList(NdArrays.named("targets", label)));
        }

        private void putTargets(List<PcqmRow> rows, int count, ByteBuffer out) {
            for (PcqmRow row : rows) {
                TensorBlob target = row.target();
                if (target == null) {
                    for (int i = 0; i < count; i++) {
                        out.putFloat(Float.NaN);
                    }
                } else {
                    int at = out.position();
                    if (target.elementCount() != count) {
                        // The reader has checked what is stored; labels of other rows would move.
                        throw new IllegalStateException("Cannot use a transformed row: expected a target of " + count
                                + " numbers, found " + target + " (idx=" + row.idx() + ").");
                    }
                    target.putFloats(out);
                    if (Float.isNaN(out.getFloat(at))) {
                        throw damaged(row.idx(), "expected a gap or NULL, found NaN", null);
                    }
                }
            }
        }

        /** Edges are checked while they are written into a batch: which row it was is found out only now. */
        private RuntimeException malformed(List<PcqmRow> rows, MalformedGraphException fault) {
            for (PcqmRow row : rows) {
                try {
                    row.graph().checkEdges();
                } catch (MalformedGraphException e) {
                    return damaged(row.idx(), e.getMessage(), e);
                }
            }
            return fault;
        }

        private CorruptDatabaseException damaged(long idx, @Nullable String fault, @Nullable Throwable cause) {
            return new CorruptDatabaseException(
                    "Cannot use a row: " + fault + " (" + source.file() + ", " + PcqmSchema.GRAPHS.name() + ", idx="
                            + idx + "). Build the file again.",
                    source.file(),
                    cause);
        }
    }

    /** Builds a {@link PcqmDataset}. One thread at a time. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path database;
        private @Nullable String featureSpec;
        private @Nullable PcqmAdapter adapter;
        private @Nullable UnaryOperator<PcqmRow> transform;
        private boolean unlabelled;
        private boolean warmUp = true;
        private long memoryLimitBytes;

        private Builder() {
            optDataBatchifier(GraphBatchifier.GRAPHS);
            optLabelBatchifier(GraphBatchifier.ROWS);
        }

        /** Reads from a PCQM4Mv2 database of either layout. */
        public Builder setDatabase(Path file) {
            database = file;
            return this;
        }

        /** Feature specification that must reach the model, {@link PcqmDataset#featureSpec()}; another is refused. */
        public Builder optFeatureSpec(String name) {
            featureSpec = name;
            return this;
        }

        /** How stored features become a model's input; as the file says by default. */
        public Builder optAdapter(PcqmAdapter value) {
            adapter = value;
            return this;
        }

        /** Whether molecules without a gap are samples too, their label NaN; off by default. */
        public Builder optUnlabelled(boolean value) {
            unlabelled = value;
            return this;
        }

        /**
         * Changes every sample before it goes into a batch. Called by several loader threads at a time; must give the same for
         * the same row, or a resumed training is another one. Widths of features and length of the target stay.
         */
        public Builder optTransform(UnaryOperator<PcqmRow> value) {
            transform = value;
            return this;
        }

        /**
         * Keeps the samples in the heap as they are stored, some 300 bytes each, 60 % of the largest heap at most;
         * off by default.
         */
        public Builder optCacheInMemory(boolean value) {
            return optCacheInMemory(value, MemorySource.defaultLimitBytes());
        }

        /** As {@link #optCacheInMemory(boolean)} with a limit of one's own. */
        public Builder optCacheInMemory(boolean value, long limitBytes) {
            if (limitBytes < 1) {
                throw new IllegalArgumentException("Expected a limit ≥ 1 byte, found " + limitBytes + ".");
            }
            memoryLimitBytes = value ? limitBytes : 0;
            return this;
        }

        /**
         * Whether a file of layout rows that is not in the page cache is read once in order before the first shuffled epoch, if
         * it fits into free memory; on by default. Concerns speed only.
         */
        public Builder optWarmUp(boolean value) {
            warmUp = value;
            return this;
        }

        private RowSource<PcqmRow> cached(RowSource<PcqmRow> chosen) {
            return memoryLimitBytes > 0 ? MemorySource.load(chosen, memoryLimitBytes) : chosen;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Opens the database.
         *
         * @throws IllegalStateException unless {@code setDatabase} was called
         * @throws dev.millrace.sqlite.SchemaMismatchException if it is of another kind or has other features
         * @throws dev.millrace.sqlite.DatabaseException if it cannot be read, or has no such split
         * @throws dev.millrace.batch.MemoryLimitException if the samples do not fit into memory and were to be kept there
         */
        public PcqmDataset build() {
            if (database == null) {
                throw new IllegalStateException("Expected setDatabase, found no database.");
            }
            PcqmSource source = PcqmSource.open(new PcqmSource.Options(
                    database,
                    split(),
                    mapped() ? Access.READ_MAPPED : Access.READ,
                    readers(),
                    unlabelled,
                    adapter,
                    featureSpec,
                    warmUp));
            try {
                return new PcqmDataset(this, source);
            } catch (RuntimeException e) {
                source.close();
                throw e;
            }
        }
    }
}
