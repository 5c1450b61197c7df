package dev.millrace.exafs;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A database of Millrace as a source of χ. One statement streams whatever is taken, see {@link PathQuery}; every row is compared
 * with its checksum. An absorber all of whose paths are taken is read as its stored sum.
 */
final class DatabaseChiSource implements ChiSource {
    private static final String WHOLE = """
            SELECT s.absorber_id, a.frame, a.atom_id, s.path_count, s.min_reff, s.max_reff, s.chi_values, s.row_crc
            FROM absorbers AS a
            CROSS JOIN atom_sums AS s ON s.absorber_id = a.absorber_id
            WHERE %s
            ORDER BY a.frame, a.atom_id""";

    private static final String REJECTED = """
            SELECT count(*), min(r.file || ': ' || r.detail)
            FROM rejects AS r
            LEFT JOIN absorbers AS a ON a.frame = r.frame AND a.atom_id = r.atom_id
            WHERE %s""";

    private final Database database;
    private final StoredChi stored;
    private final DatabaseRows rows;
    private final PathTypeTable types;

    private DatabaseChiSource(Database database, StoredChi stored) {
        this.database = database;
        this.stored = stored;
        this.types = PathTypeTable.read(database);
        this.rows = new DatabaseRows(database.file(), types, stored);
    }

    /** @throws UnavailableChiException if the χ wanted is not there and cannot be computed */
    static DatabaseChiSource open(Path file, ChiRequest request) {
        Database database = Database.open(file, Access.READ);
        try {
            ExafsSchema.SCHEMA.check(database);
            return new DatabaseChiSource(database, StoredChi.of(database, request));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public KGrid grid() {
        return stored.grid();
    }

    @Override
    public ChiParameters parameters() {
        return stored.parameters();
    }

    @Override
    public Path path() {
        return database.file();
    }

    @Override
    public void paths(PathCriteria criteria, PathSink sink) throws IOException {
        PathQuery query = PathQuery.of(database, criteria, types, null, null);
        SqlStream.run(database, query.sql(), query.conditions(), row -> {
            while (row.next()) {
                sink.accept(rows.path(row));
            }
        });
    }

    @Override
    public void chi(PathCriteria criteria, ChiSink sink) throws IOException {
        PathQuery query = PathQuery.of(database, criteria, types, stored, null);
        SqlStream.run(database, query.sql(), query.conditions(), row -> {
            while (row.next()) {
                PathEntry path = rows.path(row);
                sink.accept(path, rows.chi(row, path));
            }
        });
    }

    @Override
    public void sums(PathCriteria criteria, SumSink sink) throws IOException {
        AtomSums sums = new AtomSums(grid().size(), sink);
        CriteriaSql whole = stored.hasSums() ? CriteriaSql.whole(criteria, types.columns()) : null;
        if (whole == null) {
            chi(criteria, (path, chi) -> sums.add(path.frame(), path.atomId(), chi));
            sums.finish();
            return;
        }
        PathQuery rest = PathQuery.of(database, criteria, types, stored, whole);
        // Both come in the order of the absorbers, and no absorber in both.
        SqlStream.run(
                database,
                WHOLE.formatted(whole.text()),
                List.of(whole),
                atom -> SqlStream.run(database, rest.sql(), rest.conditions(), path -> {
                    boolean more = path.next();
                    while (atom.next()) {
                        while (more && isBefore(path, atom.getLong(2), atom.getLong(3))) {
                            add(sums, path);
                            more = path.next();
                        }
                        sums.finish();
                        sink.accept(atom.getLong(2), atom.getLong(3), atom.getLong(4), rows.sum(atom));
                    }
                    while (more) {
                        add(sums, path);
                        more = path.next();
                    }
                    sums.finish();
                }));
    }

    private void add(AtomSums sums, ResultSet row) throws SQLException, IOException {
        PathEntry path = rows.path(row);
        sums.add(path.frame(), path.atomId(), rows.chi(row, path));
    }

    private static boolean isBefore(ResultSet row, long frame, long atomId) throws SQLException {
        long other = row.getLong(2);
        return other < frame || (other == frame && row.getLong(3) < atomId);
    }

    @Override
    public long absorberCount(PathCriteria criteria) throws IOException {
        CriteriaSql where = CriteriaSql.absorbers(criteria, "a.frame", "a.atom_id");
        long[] count = new long[1];
        SqlStream.run(
                database,
                "SELECT count(*) FROM absorbers AS a WHERE " + where.text(),
                List.of(where),
                row -> count[0] = row.next() ? row.getLong(1) : 0);
        return count[0];
    }

    @Override
    public String extent() {
        String frames = database.queryText("SELECT min(frame) || ' … ' || max(frame) FROM absorbers");
        return (frames == null ? "no frames" : "frames " + frames) + ", "
                + database.queryLong("SELECT count(*) FROM absorbers") + " absorbers, "
                + database.queryLong("SELECT count(*) FROM scattering_paths") + " paths";
    }

    @Override
    public List<String> warnings(PathCriteria criteria) throws IOException {
        CriteriaSql where = CriteriaSql.absorbers(criteria, "r.frame", "r.atom_id");
        List<String> warnings = new ArrayList<>();
        SqlStream.run(database, REJECTED.formatted(where.text()), List.of(where), row -> {
            if (row.next() && row.getLong(1) > 0) {
                warnings.add(row.getLong(1)
                        + " path files of these absorbers could not be used when the database was built and"
                        + " are missing here, the first: " + row.getString(2));
            }
        });
        long extrapolated = rows.takeExtrapolated();
        if (extrapolated > 0) {
            warnings.add("χ of " + extrapolated + " paths is extrapolated: the rows of their files do not reach over "
                    + grid() + ".");
        }
        if (stored.way() == StoredChi.Way.INTERPOLATED) {
            warnings.add("χ is stored at " + stored.storedGrid() + " and was interpolated to " + grid()
                    + ": the database has no columns of the path files to compute it from.");
        }
        return warnings;
    }

    @Override
    public void close() {
        database.close();
    }
}
