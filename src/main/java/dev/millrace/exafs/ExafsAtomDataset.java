package dev.millrace.exafs;

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
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Absorbing atoms with the χ(k) of all their paths together, as DJL batches, in one of two views.
 *
 * <p>{@link View#GRAPH}: χ(k) from the neighbours. For {@code B} atoms with {@code N} nodes and {@code E} directed edges in total, as
 * {@link GraphArrays} has them:
 *
 * <pre>
 *   data[0]  nodes      float32 [N, 3]  atomic number, distance from the absorber in Å, degeneracy; the absorber is the first
 *                                       node of its graph, with distance and degeneracy 0
 *   data[1]  edges      int64   [2, E]  source row, target row: absorber and each neighbour, and neighbours within the cutoff of
 *                                       each other; both directions
 *   data[2]  bonds      float32 [E, 1]  length, Å
 *   data[3]  graphOf    int64   [N]     atom of every node, 0 … B − 1
 *   data[4]  nodeCounts int64   [B]     nodes of every atom
 *   label[0] chi                [B, K]  kⁿ χ(k)
 * </pre>
 *
 * <p>{@link View#FIRST_SHELL}: the distance of the nearest neighbour from χ(k). Atoms without a neighbour are left out.
 *
 * <pre>
 *   data[0]  chi                [B, K]  kⁿ χ(k)
 *   label[0] distance           [B, 1]  Å
 * </pre>
 *
 * <p>Neighbours are where paths of two legs lead to; FEFF joins equivalent paths, so a node stands for as many atoms as its degeneracy
 * says. χ and distances are float32, or float64 if asked for. An atom is in the split that its paths are in. Filters and weights
 * go by {@code absorbers.absorber_id}; {@link #statistics} stay those of the whole training split. One epoch at a time;
 * {@link #statistics} and {@link #get} may be called meanwhile. Who builds it closes it. Cost per batch: one statement.
 */
public final class ExafsAtomDataset extends SqliteDataset<ExafsAtomRow> {
    /** What is told, and what is asked. */
    public enum View {
        /** Neighbours, and χ(k). */
        GRAPH,
        /** χ(k), and the distance of the nearest neighbour. */
        FIRST_SHELL
    }

    private final ExafsSource.Opened<ExafsAtomRow> opened;
    private final String options;
    private @Nullable ExafsStatistics statistics;

    private ExafsAtomDataset(Builder builder, ExafsSource.Opened<ExafsAtomRow> opened) {
        super(
                builder,
                opened.rows(),
                new AtomCollator(
                        opened.contents(),
                        builder.view,
                        ChiLabels.of(opened.contents().grid(), builder.weight, builder.wide),
                        builder.wide ? DataType.FLOAT64 : DataType.FLOAT32,
                        builder.cutoff));
        this.opened = opened;
        this.options = " " + builder.view + " k^" + builder.weight + " cutoff=" + builder.cutoff
                + (builder.wide ? " float64" : "");
    }

    /** Starts with {@code setDatabase}, then {@code setSampling}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where χ is given. */
    public KGrid grid() {
        return opened.contents().grid();
    }

    /** How the file was divided, {@code frame} or {@code atom}; empty if it does not tell. */
    public String splitBy() {
        return opened.contents().splitBy();
    }

    @Override
    public String digest() {
        return super.digest() + options;
    }

    /** What a model is scaled by, of the training split whatever split this is; computed at the first call. Thread-safe. */
    public ExafsStatistics statistics() {
        synchronized (opened) {
            if (statistics == null) {
                statistics = ExafsStatistics.ofAtoms(opened.training(), grid());
            }
            return statistics;
        }
    }

    /** Rows to arrays. */
    private record AtomCollator(ExafsContents contents, View view, ChiLabels labels, DataType type, double cutoff)
            implements Collator<ExafsAtomRow> {
        @Override
        public Slots collate(NDManager manager, List<ExafsAtomRow> rows) {
            NDArray chi = NdArrays.named(
                    "chi",
                    NdArrays.filled(
                            manager, new Shape(rows.size(), contents.grid().size()), type, out -> {
                                for (ExafsAtomRow row : rows) {
                                    labels.put(row.chi(), out);
                                }
                            }));
            if (view == View.FIRST_SHELL) {
                rows.forEach(this::requireShell);
                NDArray distance = NdArrays.filled(
                        manager, new Shape(rows.size(), 1), type, out -> rows.forEach(row -> putDistance(row, out)));
                return new Slots(new NDList(chi), new NDList(NdArrays.named("distance", distance)));
            }
            NDList graphs = rows.isEmpty()
                    ? GraphArrays.none(manager, DataType.FLOAT32, NeighbourGraph.NODE_WIDTH, NeighbourGraph.EDGE_WIDTH)
                    : GraphArrays.of(
                            manager,
                            rows.stream()
                                    .map(row -> NeighbourGraph.of(row, cutoff))
                                    .toList(),
                            DataType.FLOAT32);
            return new Slots(graphs, new NDList(chi));
        }

        /** Whoever opened the file counted on an index that says otherwise than the rows. */
        private void requireShell(ExafsAtomRow row) {
            if (Double.isNaN(row.firstShellDistance())) {
                throw contents.damaged(
                        "expected a path of two legs, found none", "scattering_paths", "absorber_id", row.absorberId());
            }
        }

        private void putDistance(ExafsAtomRow row, ByteBuffer out) {
            if (type == DataType.FLOAT64) {
                out.putDouble(row.firstShellDistance());
            } else {
                out.putFloat((float) row.firstShellDistance());
            }
        }
    }

    /** Builds an {@link ExafsAtomDataset}. One thread at a time. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private static final double DEFAULT_CUTOFF = 4;

        private @Nullable Path database;
        private View view = View.GRAPH;
        private int weight;
        private boolean wide;
        private double cutoff = DEFAULT_CUTOFF;

        private Builder() {
            optLabelBatchifier(GraphBatchifier.ROWS);
        }

        /** Reads from an EXAFS database that {@code millrace exafs build} made. */
        public Builder setDatabase(Path file) {
            database = file;
            return this;
        }

        /** What is told and what is asked; {@link View#GRAPH} by default. */
        public Builder optView(View value) {
            view = value;
            return this;
        }

        /** The n of kⁿ χ(k), 0 … {@value ExafsStatistics#LARGEST_WEIGHT}; 0 by default. */
        public Builder optKWeight(int n) {
            weight = ExafsDataset.Builder.checkedWeight(n);
            return this;
        }

        /** Whether χ and distances come as float64 and not as float32; off by default. Features of nodes stay float32. */
        public Builder optFloat64(boolean value) {
            wide = value;
            return this;
        }

        /** Longest edge between two neighbours, Å; {@code 4} by default. */
        public Builder optCutoff(double value) {
            if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("Expected a cutoff ≥ 0 Å, found " + value + ".");
            }
            cutoff = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Opens the database.
         *
         * @throws IllegalStateException unless {@code setDatabase} was called
         * @throws dev.millrace.sqlite.SchemaMismatchException if it is of another kind, or has no χ
         * @throws dev.millrace.sqlite.DatabaseException if it cannot be read, or has no such split
         */
        public ExafsAtomDataset build() {
            if (database == null) {
                throw new IllegalStateException("Expected setDatabase, found no database.");
            }
            optDataBatchifier(view == View.GRAPH ? GraphBatchifier.GRAPHS : GraphBatchifier.ROWS);
            ExafsSource.Opened<ExafsAtomRow> opened = ExafsSource.atoms(
                    new ExafsSource.Options(database, split(), mapped(), readers()), view == View.FIRST_SHELL);
            try {
                return new ExafsAtomDataset(this, opened);
            } catch (RuntimeException e) {
                opened.rows().close();
                throw e;
            }
        }
    }
}
