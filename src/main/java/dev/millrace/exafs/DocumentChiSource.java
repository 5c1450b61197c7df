package dev.millrace.exafs;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A database of MD-EXAFS, schema 1.0, as a source of χ: little-endian float64, the k grid beside each path. It has no checksums, so
 * what can be seen is checked: lengths, finite values, one row of χ for each path. Rows of χ without a path, which its second build
 * leaves behind, are in no result. It knows labels, not elements.
 */
final class DocumentChiSource implements ChiSource {

    private static final CriteriaSql.Columns COLUMNS = new CriteriaSql.Columns(
            "p.frame", "p.atom_id", "a.element", "p.path_type", DocumentChiSource::typesOf, "p.nleg", "p.deg");

    /* Without an index over path_id the way to χ is a table of two numbers per path, not a copy of all χ. */
    private static final String INDEXED = "LEFT JOIN chi_data AS c ON c.path_id = p.id";
    private static final String FOUND = """
            LEFT JOIN (SELECT path_id, id AS chi_id FROM chi_data LIMIT -1) AS o ON o.path_id = p.id
            LEFT JOIN chi_data AS c ON c.id = o.chi_id""";

    private static final String PATHS = """
            SELECT p.id, p.frame, p.atom_id, a.element, p.path_num, p.path_type, p.nleg, p.atom_sequence, p.deg, p.reff%s
            FROM paths AS p
            LEFT JOIN atoms AS a ON a.frame = p.frame AND a.atom_id = p.atom_id
            %s
            WHERE %s
            ORDER BY p.frame, p.atom_id, p.path_num""";

    private final Database database;
    private final ChiParameters parameters;
    private final KGrid grid;
    private final String join;
    private final Map<List<Object>, PathType> types = new HashMap<>();
    private byte[] rowGridBytes = new byte[0];
    private @Nullable KGrid rowGrid;
    private long interpolated;
    private long withoutLabels;

    private DocumentChiSource(Database database, ChiParameters parameters, KGrid grid, String join) {
        this.database = database;
        this.parameters = parameters;
        this.grid = grid;
        this.join = join;
    }

    /** @throws UnavailableChiException if χ is wanted with other parameters than those that it was stored with */
    static DocumentChiSource open(Path file, ChiRequest request) {
        Database database = Database.open(file, Access.READ);
        try {
            requireVersion(database);
            ChiParameters parameters = storedParameters(database);
            if (request.parameters() != null && !request.parameters().equals(parameters)) {
                throw new UnavailableChiException(
                        "Cannot compute χ with other parameters: expected a database with the columns"
                                + " of the path files, found one of MD-EXAFS with " + parameters.toJson() + " (" + file
                                + "). Build one with 'millrace exafs build', or read the files with --input-dir.");
            }
            KGrid grid = request.grid() == null ? firstGrid(database) : request.grid();
            boolean indexed = database.queryLong("""
                    SELECT EXISTS (SELECT 1 FROM pragma_index_list('chi_data') AS l
                                   JOIN pragma_index_info(l.name) AS i ON i.seqno = 0 AND i.name = 'path_id')""") == 1;
            return new DocumentChiSource(database, parameters, grid, indexed ? INDEXED : FOUND);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** MD-EXAFS has the defaults only; what Millrace exported says what it was computed with. */
    private static ChiParameters storedParameters(Database database) {
        String text = "millrace".equals(metadata(database, "exported_by")) ? metadata(database, "parameters") : null;
        return ParameterText.parse(text == null || text.isEmpty() ? null : text);
    }

    private static @Nullable String metadata(Database database, String key) {
        boolean told =
                database.queryLong("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'metadata'")
                        == 1;
        return told ? database.queryText("SELECT value FROM metadata WHERE key = '" + key + "'") : null;
    }

    private static void requireVersion(Database database) {
        String version = metadata(database, "schema_version");
        if (version != null && !version.equals(DocumentSchema.VERSION)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.TOO_NEW,
                    "Unknown version of an MD-EXAFS database: expected schema_version " + DocumentSchema.VERSION
                            + ", found " + version + " (" + database.file() + "). Use a newer Millrace.",
                    database.file());
        }
    }

    private static KGrid firstGrid(Database database) {
        return database.read("Cannot read chi_data", connection -> {
            try (java.sql.Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT k_grid, path_id FROM chi_data ORDER BY id LIMIT 1")) {
                return row.next() ? grid(database.file(), row.getBytes(1), row.getLong(2)) : KGrid.DEFAULT;
            }
        });
    }

    private static @Nullable Collection<?> typesOf(PathCriterion criterion) {
        return criterion.types();
    }

    @Override
    public KGrid grid() {
        return grid;
    }

    @Override
    public ChiParameters parameters() {
        return parameters;
    }

    @Override
    public Path path() {
        return database.file();
    }

    @Override
    public void paths(PathCriteria criteria, PathSink sink) throws IOException {
        stream(criteria, "", "", row -> sink.accept(path(row)));
    }

    @Override
    public void chi(PathCriteria criteria, ChiSink sink) throws IOException {
        interpolated = 0;
        withoutLabels = 0;
        long[] last = {Long.MIN_VALUE};
        stream(criteria, ", c.k_grid, c.chi_values", join, row -> {
            PathEntry path = path(row);
            if (path.pathId() == last[0]) {
                throw damaged("expected one row of χ, found several", path.pathId());
            }
            last[0] = path.pathId();
            withoutLabels += path.type().labels().size() == path.type().legCount() ? 0 : 1;
            sink.accept(path, chi(row, path.pathId()));
        });
    }

    @Override
    public void sums(PathCriteria criteria, SumSink sink) throws IOException {
        AtomSums sums = new AtomSums(grid.size(), sink);
        chi(criteria, (path, chi) -> sums.add(path.frame(), path.atomId(), chi));
        sums.finish();
    }

    /** Takes a row. */
    private interface RowSink {
        void accept(ResultSet row) throws SQLException, IOException;
    }

    private void stream(PathCriteria criteria, String columns, String joined, RowSink sink) throws IOException {
        if (criteria.needsElements()) {
            throw new UnavailableChiException(
                    "Cannot select by element: expected a database that has atomic numbers, found one"
                            + " of MD-EXAFS, which has labels only (" + database.file() + "). Select by path type.");
        }
        CriteriaSql where = CriteriaSql.paths(criteria, COLUMNS);
        SqlStream.run(database, PATHS.formatted(columns, joined, where.text()), List.of(where), row -> {
            while (row.next()) {
                sink.accept(row);
            }
        });
    }

    private PathEntry path(ResultSet row) throws SQLException {
        List<Object> key = List.of(row.getString(6), row.getInt(7), row.getString(8));
        PathType type = types.get(key);
        if (type == null) {
            type = new PathType(row.getString(6), row.getInt(7), labels(row.getString(8), row.getLong(1)), List.of());
            types.put(key, type);
        }
        String element = row.getString(4);
        return new PathEntry(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                element == null ? "" : element,
                row.getLong(5),
                type,
                row.getDouble(9),
                row.getDouble(10));
    }

    private List<String> labels(String json, long pathId) {
        try {
            return List.of(JsonMapper.shared().readValue(json, String[].class));
        } catch (JacksonException e) {
            throw damaged("expected atom_sequence as a JSON array, found '" + json + "'", pathId);
        }
    }

    private double[] chi(ResultSet row, long pathId) throws SQLException {
        byte[] k = row.getBytes(11);
        byte[] values = row.getBytes(12);
        if (k == null || values == null) {
            throw damaged("expected a row of χ, found none", pathId);
        }
        if (k.length != values.length) {
            throw damaged("expected as much χ as k, found " + values.length + " and " + k.length + " bytes", pathId);
        }
        KGrid own = rowGrid;
        if (own == null || !Arrays.equals(k, rowGridBytes)) {
            own = grid(database.file(), k, pathId);
            rowGrid = own;
            rowGridBytes = k;
        }
        double[] chi = doubles(values);
        for (double value : chi) {
            if (!Double.isFinite(value)) {
                throw damaged("expected finite χ, found " + value, pathId);
            }
        }
        if (own.equals(grid)) {
            return chi;
        }
        interpolated++;
        Regrid.requireWithin(own, grid, database.file());
        return Regrid.onto(own.toArray(), chi, grid);
    }

    private static KGrid grid(Path file, byte @Nullable [] bytes, long pathId) {
        try {
            return KGrid.of(bytes == null || bytes.length % Double.BYTES != 0 ? new double[0] : doubles(bytes));
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()), pathId);
        }
    }

    private static double[] doubles(byte[] bytes) {
        double[] values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    private CorruptDatabaseException damaged(String what, long pathId) {
        return damaged(database.file(), what, pathId);
    }

    private static CorruptDatabaseException damaged(Path file, String fault, long pathId) {
        return DamagedRow.of(file, "chi_data, path_id=" + pathId, fault);
    }

    @Override
    public long absorberCount(PathCriteria criteria) throws IOException {
        CriteriaSql where = CriteriaSql.absorbers(criteria, "a.frame", "a.atom_id");
        long[] count = new long[1];
        SqlStream.run(
                database,
                "SELECT count(*) FROM atoms AS a WHERE " + where.text(),
                List.of(where),
                row -> count[0] = row.next() ? row.getLong(1) : 0);
        return count[0];
    }

    @Override
    public String extent() {
        String frames = database.queryText("SELECT min(frame) || ' … ' || max(frame) FROM paths");
        return (frames == null ? "no frames" : "frames " + frames) + ", "
                + database.queryLong("SELECT count(*) FROM atoms") + " absorbers, "
                + database.queryLong("SELECT count(*) FROM paths") + " paths";
    }

    @Override
    public List<String> warnings(PathCriteria criteria) {
        List<String> warnings = new ArrayList<>();
        if (interpolated > 0) {
            warnings.add(
                    "χ of " + interpolated + " paths is stored on another grid and was interpolated to " + grid + ".");
        }
        if (withoutLabels > 0) {
            warnings.add(withoutLabels
                    + " paths have fewer labels than legs: MD-EXAFS drops blank labels, so their types are"
                    + " wrong. Build the database again from the files.");
        }
        return warnings;
    }

    @Override
    public void close() {
        database.close();
    }
}
