package dev.millrace.pcqm;

import dev.millrace.batch.BlockLayout;
import dev.millrace.batch.BlockSource;
import dev.millrace.batch.FileWarmUp;
import dev.millrace.batch.RowReader;
import dev.millrace.batch.RowSource;
import dev.millrace.batch.SampleTables;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteSource;
import dev.millrace.batch.TensorJoinReader;
import dev.millrace.batch.TensorRow;
import dev.millrace.molecule.FeatureColumns;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.SchemaMismatchException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Samples of one split of a PCQM4Mv2 database, of either layout. A batch is one statement over one table, no join.
 * Thread-safe. Memory: 8 bytes per sample; in layout blocks 8 more per molecule of the split if any is left out.
 */
final class PcqmSource implements RowSource<PcqmRow> {
    /* Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per id. */
    static final String SELECT_METADATA = """
            SELECT m.idx, m.smiles, m.num_atoms, m.num_bonds, m.homo_lumo_gap
            FROM json_each(?) AS ids
            CROSS JOIN molecules AS m ON m.idx = ids.value
            ORDER BY ids.key""";

    /** How to open a database. */
    record Options(
            Path file,
            Split split,
            Access access,
            int readers,
            boolean unlabelled,
            @Nullable PcqmAdapter adapter,
            @Nullable String expectedSpec,
            boolean warmUp) {}

    private final ReadPool pool;
    private final RowSource<PcqmRow> rows;
    private final PcqmSettings settings;
    private final FeatureColumns features;
    private final Map<String, String> statistics;
    private final @Nullable FileWarmUp warmUp;

    private PcqmSource(
            ReadPool pool,
            RowSource<PcqmRow> rows,
            PcqmSettings settings,
            FeatureColumns features,
            Map<String, String> statistics,
            @Nullable FileWarmUp warmUp) {
        this.pool = pool;
        this.rows = rows;
        this.settings = settings;
        this.features = features;
        this.statistics = statistics;
        this.warmUp = warmUp;
    }

    /**
     * Opens a split. Cost: {@code dataset_info}, the packed ids of the split, and the ids of its unlabelled molecules.
     *
     * @throws SchemaMismatchException if the file is of another kind or version, or has other features
     */
    static PcqmSource open(Options options) {
        ReadPool pool = new ReadPool(options.file, options.access, options.readers);
        try {
            return open(options, pool);
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        }
    }

    private static PcqmSource open(Options options, ReadPool pool) {
        try (ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            PcqmSchema.SCHEMA.check(database);
            PcqmSettings settings = PcqmSettings.read(database);
            PcqmAdapter adapter = options.adapter == null ? settings.adapter() : options.adapter;
            FeatureColumns features = adapter.apply(settings.features());
            requireSpec(options.expectedSpec, features.id(), database.file());
            PcqmIds ids = PcqmIds.read(database, options.split, options.unlabelled, settings.layout());
            String digest = Manifest.digest(database, ids.split()) + " " + features.id()
                    + (options.unlabelled ? " unlabelled" : "");
            Function<TensorRow, PcqmRow> mapper = new PcqmRowMapper(settings, options.unlabelled, database.file());
            boolean inRows = settings.layout() == PcqmLayout.ROWS;
            RowSource<PcqmRow> rows = inRows
                    ? new SqliteSource<>(
                            pool,
                            ids.samples(),
                            digest,
                            own -> new TensorJoinReader<>(own, List.of(PcqmSchema.GRAPHS), mapper))
                    : new BlockSource<>(
                            pool,
                            ids.samples(),
                            digest,
                            BlockSource.layout(database, PcqmSchema.BLOCKS, settings.graphsPerBlock(), ids.parts()),
                            PcqmSchema.BLOCKS,
                            PcqmSchema.GRAPHS,
                            mapper);
            FileWarmUp warmUp = inRows && options.warmUp ? new FileWarmUp(pool, PcqmSchema.GRAPHS) : null;
            return new PcqmSource(pool, rows, settings, features, statistics(database), warmUp);
        }
    }

    private static void requireSpec(@Nullable String expected, String found, Path file) {
        if (expected != null && !expected.equals(found)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_SETTINGS,
                    "Database " + file + " does not fit this dataset: expected feature specification " + expected
                            + ", found " + found + ". Build it again with " + expected + ", or choose another adapter.",
                    file);
        }
    }

    private static Map<String, String> statistics(Database database) {
        return database.read("Cannot read dataset_stats", connection -> {
            Map<String, String> found = new TreeMap<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT key, value FROM dataset_stats");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.put(String.valueOf(row.getString(1)), String.valueOf(row.getString(2)));
                }
            }
            return found;
        });
    }

    Path file() {
        return pool.file();
    }

    PcqmSettings settings() {
        return settings;
    }

    /** What reaches the model, the adapter applied. */
    FeatureColumns features() {
        return features;
    }

    /** Of a target over the labelled training split. */
    PcqmStatistics statistics(String target) {
        return new PcqmStatistics(statistic(target + "_mean"), statistic(target + "_std"));
    }

    private double statistic(String key) {
        String text = statistics.get(key);
        try {
            double value = Double.parseDouble(String.valueOf(text));
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new SchemaMismatchException(
                SchemaMismatchException.Kind.OTHER_SETTINGS,
                "Database " + file() + " has no usable statistics: expected a number for " + key + ", found "
                        + (text == null ? "none" : "'" + text + "'")
                        + " (dataset_stats). Build it again, with labelled molecules in its training split.",
                file());
    }

    List<PcqmMetadata> metadata(long[] ids) {
        try (ReadPool.Lease lease = pool.lease()) {
            return lease.database().read("Cannot read molecules", connection -> {
                List<PcqmMetadata> found = new ArrayList<>(ids.length);
                PreparedStatement select = lease.database().prepared(SELECT_METADATA);
                select.setString(1, Arrays.toString(ids));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        double gap = row.getDouble(5);
                        Double known = row.wasNull() ? null : gap;
                        found.add(new PcqmMetadata(
                                row.getLong(1), row.getString(2), row.getInt(3), row.getInt(4), known));
                    }
                }
                if (found.size() != ids.length) {
                    throw new IllegalArgumentException("Expected " + ids.length + " molecules of the given idx, found "
                            + found.size() + " (" + pool.file() + ", molecules).");
                }
                return found;
            });
        }
    }

    @Override
    public long[] ids() {
        return rows.ids();
    }

    @Override
    public RowReader<PcqmRow> openReader() {
        return rows.openReader();
    }

    @Override
    public String digest() {
        return rows.digest();
    }

    @Override
    public @Nullable BlockLayout blocks() {
        return rows.blocks();
    }

    @Override
    public @Nullable SampleTables tables() {
        return rows.tables();
    }

    @Override
    public void beforeShuffledReads() {
        if (warmUp != null) {
            warmUp.run(ids());
        }
    }

    @Override
    public void close() {
        rows.close();
    }
}
