package dev.millrace.spectra;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.SampleTables;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteSource;
import dev.millrace.batch.TensorJoinReader;
import dev.millrace.graph.Graph;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Samples of one split of a spectra database. Memory: 8 bytes per sample. A batch is one statement over {@code spectra} and
 * {@code graph_features}; {@code compounds} is read only for {@link #metadata}.
 */
final class SpectrumDatabaseSource implements SpectrumSource {
    /* Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per id. */
    static final String SELECT_METADATA = """
            SELECT c.id, c.name, c.formula, c.mol_weight, c.cas_no
            FROM json_each(?) AS ids
            CROSS JOIN compounds AS c ON c.id = ids.value
            ORDER BY ids.key""";

    /* Plan: SEARCH by the index of the UNIQUE column. */
    static final String SELECT_ID = "SELECT c.id FROM compounds AS c WHERE c.source_id = ?";

    private final ReadPool pool;
    private final SqliteSource<SpectrumRow> rows;
    private final SpectrumOptions options;
    private final String featureSpec;

    private SpectrumDatabaseSource(
            ReadPool pool, SqliteSource<SpectrumRow> rows, SpectrumOptions options, String featureSpec) {
        this.pool = pool;
        this.rows = rows;
        this.options = options;
        this.featureSpec = featureSpec;
    }

    /**
     * Opens a split. Cost: one read of {@code dataset_info}, one of the packed ids.
     *
     * @param access {@link Access#READ} or {@link Access#READ_MAPPED}
     * @param readers most readers and metadata calls at a time
     * @param expected options that the spectra must have been made with; null takes what is there
     * @param expectedSpec feature specification that the graphs must have; null takes what is there
     * @throws SchemaMismatchException if the file is of another kind or version, or was made with other options
     */
    public static SpectrumDatabaseSource open(
            Path file,
            Split split,
            Access access,
            int readers,
            @Nullable SpectrumOptions expected,
            @Nullable String expectedSpec) {
        ReadPool pool = new ReadPool(file, access, readers);
        try (ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            SpectraSchema.SCHEMA.check(database);
            Map<String, String> info = Schema.info(database);
            SpectrumOptions options = options(info, file);
            String spec = info.getOrDefault("feature_spec", "");
            requireSame("spectrum options", expected, options, file);
            requireSame("feature specification", expectedSpec, spec, file);
            SqliteSource<SpectrumRow> rows = new SqliteSource<>(
                    pool,
                    Manifest.ids(database, split.id()),
                    Manifest.digest(database, split.id()) + " " + spec,
                    SpectrumDatabaseSource::reader);
            return new SpectrumDatabaseSource(pool, rows, options, spec);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static RowReader<SpectrumRow> reader(ReadPool.Lease lease) {
        return new TensorJoinReader<>(
                lease,
                List.of(SpectraSchema.SPECTRA, SpectraSchema.GRAPHS),
                row -> new SpectrumRow(
                        row.id(), new Graph(row.tensor(1), row.tensor(2), row.tensor(3)), row.tensor(0)));
    }

    private static SpectrumOptions options(Map<String, String> info, Path file) {
        try {
            return SpectrumOptions.fromInfo(info);
        } catch (IllegalArgumentException e) {
            throw new CorruptDatabaseException(
                    "The spectrum options in dataset_info are damaged: " + e.getMessage() + " (" + file
                            + "). Build the file again.",
                    file,
                    e);
        }
    }

    private static void requireSame(String what, @Nullable Object expected, Object found, Path file) {
        if (expected != null && !expected.equals(found)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_SETTINGS,
                    "Database " + file + " does not fit this dataset: expected " + what + " " + expected + ", found "
                            + found + ". Build it again with these, or ask for those it has.",
                    file);
        }
    }

    @Override
    public long[] ids() {
        return rows.ids();
    }

    @Override
    public RowReader<SpectrumRow> openReader() {
        return rows.openReader();
    }

    @Override
    public String digest() {
        return rows.digest();
    }

    @Override
    public SampleTables tables() {
        return rows.tables();
    }

    @Override
    public SpectrumOptions options() {
        return options;
    }

    @Override
    public String featureSpec() {
        return featureSpec;
    }

    @Override
    public List<SpectrumMetadata> metadata(long[] ids) {
        try (ReadPool.Lease lease = pool.lease()) {
            return lease.database().read("Cannot read compounds", connection -> {
                List<SpectrumMetadata> found = new ArrayList<>(ids.length);
                PreparedStatement select = lease.database().prepared(SELECT_METADATA);
                select.setString(1, Arrays.toString(ids));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        found.add(metadata(row));
                    }
                }
                if (found.size() != ids.length) {
                    throw new IllegalArgumentException("Expected " + ids.length + " compounds of the given ids, found "
                            + found.size() + " (" + pool.file() + ", compounds).");
                }
                return found;
            });
        }
    }

    @Override
    public OptionalLong find(String sourceId) {
        try (ReadPool.Lease lease = pool.lease()) {
            return lease.database().read("Cannot look up an id", connection -> {
                PreparedStatement select = lease.database().prepared(SELECT_ID);
                select.setString(1, sourceId);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
                }
            });
        }
    }

    private static SpectrumMetadata metadata(ResultSet row) throws SQLException {
        double weight = row.getDouble(4);
        Double knownWeight = row.wasNull() ? null : weight;
        return new SpectrumMetadata(row.getLong(1), row.getString(2), row.getString(3), knownWeight, row.getString(5));
    }

    @Override
    public void close() {
        rows.close();
    }
}
