package dev.millrace.exafs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.batch.Collator;
import dev.millrace.batch.GraphBatchifier;
import dev.millrace.batch.NdArrays;
import dev.millrace.batch.SqliteDataset;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scattering paths with their χ(k), as DJL batches: what a surrogate of FEFF learns from.
 *
 * <p>For {@code B} paths of at most {@code L} legs and {@code K} values of k, in float32, or float64 if asked for:
 *
 * <pre>
 *   data[0]  path      [B, 3]     number of legs, degeneracy, half length reff in Å
 *   data[1]  atoms     [B, L]     int64: atomic numbers, absorber first; 0 beyond the path
 *   data[2]  geometry  [B, L, 2]  length in Å of the leg that leaves each atom, and the angle in degrees by which the path turns
 *                                 there (180: straight back); 0 beyond the path
 *   data[3]  mask      [B, L]     1 for each atom of the path, else 0
 *   label[0] chi       [B, K]     kⁿ χ(k), in Å⁻ⁿ; n is 0 unless asked for otherwise
 * </pre>
 *
 * <p>Splits are those of the file: by frame or by atom, so that no calculation is in two of them. Filters and weights go by
 * {@code scattering_paths.path_id}; {@link #statistics} stay those of the whole training split. One epoch at a time;
 * {@link #statistics} and {@link #get} may be called meanwhile. Who builds it closes it. Cost per batch: one statement, five arrays.
 * Memory: 8 bytes per path of the split and of the training split.
 *
 * {@snippet :
 * try (ExafsDataset train = ExafsDataset.builder()
 *         .setDatabase(Path.of("exafs.db")).optSplit(Split.TRAIN)
 *         .setSampling(128, true).optSeed(42).build()) {
 *     EasyTrain.fit(trainer, 10, train, validation);
 * }
 * }
 */
public final class ExafsDataset extends SqliteDataset<ExafsRow> {
    private final ExafsSource.Opened<ExafsRow> opened;
    private final int maxLegs;
    private final String options;
    private @Nullable ExafsStatistics statistics;

    private ExafsDataset(Builder builder, ExafsSource.Opened<ExafsRow> opened, int maxLegs) {
        super(
                builder,
                opened.rows(),
                new PathCollator(
                        opened.contents(),
                        maxLegs,
                        ChiLabels.of(opened.contents().grid(), builder.weight, builder.wide),
                        builder.wide ? DataType.FLOAT64 : DataType.FLOAT32));
        this.opened = opened;
        this.maxLegs = maxLegs;
        this.options = " k^" + builder.weight + " legs=" + maxLegs + (builder.wide ? " float64" : "");
    }

    /** Starts with {@code setDatabase}, then {@code setSampling}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where χ is given. */
    public KGrid grid() {
        return opened.contents().grid();
    }

    /** Atoms that a row has room for: {@code L}. */
    public int maxLegs() {
        return maxLegs;
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
                statistics = ExafsStatistics.ofPaths(opened.training(), grid());
            }
            return statistics;
        }
    }

    /**
     * The data arrays of path files, {@code path, atoms, geometry, mask} in float32, as a model trained on such a dataset takes them.
     *
     * @param manager on the CPU; owns the arrays
     * @param maxLegs atoms that a row has room for
     * @throws IllegalArgumentException if a path has more legs
     */
    public static NDList features(NDManager manager, List<FeffPath> paths, int maxLegs) {
        List<PathFeatures> features = paths.stream().map(PathFeatures::of).toList();
        for (PathFeatures path : features) {
            if (path.atomicNumbers().length > maxLegs) {
                throw new IllegalArgumentException("Cannot use a path: expected at most " + maxLegs + " legs, found "
                        + path.atomicNumbers().length + ".");
            }
        }
        return arrays(manager, features, maxLegs, DataType.FLOAT32);
    }

    private static NDList arrays(NDManager manager, List<PathFeatures> rows, int maxLegs, DataType type) {
        int count = rows.size();
        NDArray path = NdArrays.empty(manager, new Shape(count, 3), type);
        NDArray atoms = NdArrays.empty(manager, new Shape(count, maxLegs), DataType.INT64);
        NDArray geometry = NdArrays.empty(manager, new Shape(count, maxLegs, 2), type);
        NDArray mask = NdArrays.empty(manager, new Shape(count, maxLegs), type);
        ByteBuffer paths = NdArrays.bytes(path);
        ByteBuffer numbers = NdArrays.bytes(atoms);
        ByteBuffer legs = NdArrays.bytes(geometry);
        ByteBuffer masks = NdArrays.bytes(mask);
        for (PathFeatures row : rows) {
            put(paths, type, row.atomicNumbers().length);
            put(paths, type, row.degeneracy());
            put(paths, type, row.halfLength());
            PathGeometry shape = row.geometry();
            for (int i = 0; i < maxLegs; i++) {
                boolean there = i < row.atomicNumbers().length;
                numbers.putLong(there ? row.atomicNumbers()[i] : 0);
                put(legs, type, there ? shape.legLengths()[i] : 0);
                put(legs, type, there ? shape.scatteringAngles()[i] : 0);
                put(masks, type, there ? 1 : 0);
            }
        }
        return new NDList(
                NdArrays.named("path", path),
                NdArrays.named("atoms", atoms),
                NdArrays.named("geometry", geometry),
                NdArrays.named("mask", mask));
    }

    private static void put(ByteBuffer out, DataType type, double value) {
        if (type == DataType.FLOAT64) {
            out.putDouble(value);
        } else {
            out.putFloat((float) value);
        }
    }

    /** What of a path becomes arrays, wherever it comes from. */
    private record PathFeatures(int[] atomicNumbers, double degeneracy, double halfLength, PathGeometry geometry) {
        static PathFeatures of(FeffPath path) {
            return new PathFeatures(
                    path.atoms().stream().mapToInt(PathAtom::atomicNumber).toArray(),
                    path.degeneracy(),
                    path.halfLength(),
                    PathGeometry.of(path));
        }

        static PathFeatures of(ExafsRow row) {
            return new PathFeatures(row.atomicNumbers(), row.degeneracy(), row.halfLength(), row.geometry());
        }
    }

    /** Rows to arrays. */
    private record PathCollator(ExafsContents contents, int maxLegs, ChiLabels labels, DataType type)
            implements Collator<ExafsRow> {
        @Override
        public Slots collate(NDManager manager, List<ExafsRow> rows) {
            rows.forEach(this::requireRoom);
            NDList data = arrays(manager, rows.stream().map(PathFeatures::of).toList(), maxLegs, type);
            Shape shape = new Shape(rows.size(), contents.grid().size());
            NDArray chi = NdArrays.filled(manager, shape, type, out -> rows.forEach(row -> labels.put(row.chi(), out)));
            return new Slots(data, new NDList(NdArrays.named("chi", chi)));
        }

        private void requireRoom(ExafsRow row) {
            if (row.legCount() > maxLegs) {
                throw new IllegalArgumentException("Cannot use a path: expected at most " + maxLegs + " legs, found "
                        + row.legCount() + " (" + contents.file() + ", path_id=" + row.pathId()
                        + "). Ask for more with optMaxLegs.");
            }
        }
    }

    /** Builds an {@link ExafsDataset}. One thread at a time. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path database;
        private int weight;
        private int legs;
        private boolean wide;

        private Builder() {
            optDataBatchifier(GraphBatchifier.ROWS);
            optLabelBatchifier(GraphBatchifier.ROWS);
        }

        /** Reads from an EXAFS database that {@code millrace exafs build} made. */
        public Builder setDatabase(Path file) {
            database = file;
            return this;
        }

        /** The n of the label kⁿ χ(k), 0 … {@value ExafsStatistics#LARGEST_WEIGHT}; 0 by default. */
        public Builder optKWeight(int n) {
            weight = checkedWeight(n);
            return this;
        }

        /** Atoms that a row has room for; by default as many as the longest path of the file has. */
        public Builder optMaxLegs(int count) {
            if (count < 2) {
                throw new IllegalArgumentException("Expected room for at least 2 legs, found " + count + ".");
            }
            legs = count;
            return this;
        }

        /** Whether numbers come as float64 and not as float32; off by default. */
        public Builder optFloat64(boolean value) {
            wide = value;
            return this;
        }

        static int checkedWeight(int n) {
            if (n < 0 || n > ExafsStatistics.LARGEST_WEIGHT) {
                throw new IllegalArgumentException(
                        "Expected a weight kⁿ with n 0.." + ExafsStatistics.LARGEST_WEIGHT + ", found " + n + ".");
            }
            return n;
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
        public ExafsDataset build() {
            if (database == null) {
                throw new IllegalStateException("Expected setDatabase, found no database.");
            }
            ExafsSource.Opened<ExafsRow> opened =
                    ExafsSource.paths(new ExafsSource.Options(database, split(), mapped(), readers()));
            try {
                int room = legs > 0 ? legs : opened.contents().types().mostLegs();
                return new ExafsDataset(this, opened, room);
            } catch (RuntimeException e) {
                opened.rows().close();
                throw e;
            }
        }
    }
}
