package dev.millrace.exafs;

import dev.millrace.batch.RowReader;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads absorbing atoms with the χ summed over their paths and the neighbours that their paths of two legs lead to, a batch with one
 * statement, and checks the {@code row_crc} of all three tables. An atom has as many paths as its sum was made of, or is an error.
 * One thread at a time; closing gives back the lease.
 */
final class ExafsAtomReader implements RowReader<ExafsAtomRow> {
    /*
     * Sums and paths apart, so that a sum comes once and not with each path; positions of paths of two legs only.
     * Plan: SCAN of the id list, SEARCH by INTEGER PRIMARY KEY for sums and legs, SEARCH by (absorber_id, path_num) for paths.
     */
    static final String SELECT = """
            SELECT ids.key, s.absorber_id, s.path_count, s.min_reff, s.max_reff, s.chi_values, s.row_crc,
                   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            FROM json_each(?1) AS ids
            CROSS JOIN atom_sums AS s ON s.absorber_id = ids.value
            UNION ALL
            SELECT ids.key, NULL, NULL, NULL, NULL, NULL, NULL, %s, l.positions, l.row_crc
            FROM json_each(?1) AS ids
            CROSS JOIN scattering_paths AS p ON p.absorber_id = ids.value
            LEFT JOIN path_legs AS l
              ON l.path_id = p.path_id AND (SELECT t.nleg FROM path_types AS t WHERE t.type_id = p.type_id) = 2""".formatted(StoredPath.COLUMNS);

    private static final int SUM = 2;
    private static final int PATH = SUM + 6;
    private static final int LEGS = PATH + StoredPath.COLUMN_COUNT;

    private final Database database;
    private final Runnable end;
    private final ExafsContents contents;
    private final StoredPath.Parser paths;
    private final LegsParser legs;
    private final RowDigest digest = new RowDigest(ExafsSchema.SUMS);
    private final ByteBuffer numbers = ByteBuffer.allocate(3 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    static ExafsAtomReader of(ReadPool.Lease lease, ExafsContents contents) {
        return new ExafsAtomReader(lease.database(), contents, lease::close);
    }

    /** @param end what to do when it is closed */
    ExafsAtomReader(Database database, ExafsContents contents, Runnable end) {
        this.database = database;
        this.end = end;
        this.contents = contents;
        this.paths = new StoredPath.Parser(contents);
        this.legs = new LegsParser(contents);
    }

    /** A path of two legs and where its second atom is. */
    private record Shell(StoredPath path, double[] positions) {}

    /** One atom while its rows come. */
    private static final class Parts {
        private final List<Shell> shells = new ArrayList<>();
        /* By their keys: a damaged index may lead to one path twice and to another never. */
        private final Set<Long> paths = new HashSet<>();
        private int atomicNumber = -1;
        private long promised;
        private @Nullable TensorBlob chi;
    }

    @Override
    public List<ExafsAtomRow> read(long[] ids) {
        IdOrder order = IdOrder.of(ids);
        Parts[] parts = new Parts[ids.length];
        Arrays.setAll(parts, i -> new Parts());
        database.read("Cannot read atoms", connection -> {
            PreparedStatement select = database.prepared(SELECT);
            select.setString(1, Arrays.toString(order.sorted()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int place = order.place(row.getInt(1));
                    byte[] sum = row.getBytes(SUM + 4);
                    if (sum != null) {
                        addSum(parts[place], ids[place], row, sum);
                    } else {
                        addPath(parts[place], ids[place], row);
                    }
                }
            }
            return parts;
        });
        ExafsAtomRow[] rows = new ExafsAtomRow[ids.length];
        Arrays.setAll(rows, i -> finished(ids[i], parts[i]));
        return Arrays.asList(rows);
    }

    private void addSum(Parts parts, long id, ResultSet row, byte[] sum) throws SQLException {
        long count = row.getLong(SUM + 1);
        numbers.clear().putLong(count).putDouble(row.getDouble(SUM + 2)).putDouble(row.getDouble(SUM + 3));
        long found = digest.begin(id, Long.BYTES, Double.BYTES, Double.BYTES, sum.length)
                .value(numbers.array(), 0, numbers.capacity())
                .value(sum, 0, sum.length)
                .end();
        if (found != row.getLong(SUM + 5)) {
            throw damaged(DamagedRow.CHECKSUM, id);
        }
        parts.promised = count;
        parts.chi = contents.chi(sum, ExafsSchema.SUMS.name(), "absorber_id", id);
    }

    private void addPath(Parts parts, long id, ResultSet row) throws SQLException {
        StoredPath path = paths.read(row, PATH);
        if (path.absorberId() != id) {
            throw damaged("expected its paths only, found one of atom " + path.absorberId(), id);
        }
        parts.paths.add(path.pathId());
        parts.atomicNumber = path.type().atomicNumbers()[0];
        if (path.type().legCount() == 2) {
            parts.shells.add(new Shell(path, legs.read(path, row.getBytes(LEGS), row.getLong(LEGS + 1))));
        }
    }

    private ExafsAtomRow finished(long id, Parts parts) {
        TensorBlob chi = parts.chi;
        if (chi == null) {
            throw damaged(DamagedRow.MISSING, id);
        }
        if (parts.paths.size() != parts.promised) {
            throw damaged(
                    "expected " + parts.promised + " paths of this atom, found " + parts.paths.size()
                            + " in scattering_paths",
                    id);
        }
        parts.shells.sort(Comparator.comparingLong(shell -> shell.path().pathNumber()));
        double nearest = parts.shells.stream()
                .mapToDouble(shell -> shell.path().halfLength())
                .min()
                .orElse(Double.NaN);
        return new ExafsAtomRow(id, parts.atomicNumber, nearest, neighbours(parts.shells), chi);
    }

    private static List<ExafsAtomRow.Neighbour> neighbours(List<Shell> shells) {
        List<ExafsAtomRow.Neighbour> neighbours = new ArrayList<>();
        for (Shell shell : shells) {
            double[] at = shell.positions();
            ExafsAtomRow.Neighbour found = new ExafsAtomRow.Neighbour(
                    shell.path().type().atomicNumbers()[1],
                    at[3],
                    at[4],
                    at[5],
                    shell.path().degeneracy());
            int known = 0;
            while (known < neighbours.size() && !neighbours.get(known).isAt(found)) {
                known++;
            }
            if (known < neighbours.size()) {
                neighbours.set(known, neighbours.get(known).joined(found));
            } else {
                neighbours.add(found);
            }
        }
        return neighbours;
    }

    private RuntimeException damaged(String fault, long id) {
        return contents.damaged(fault, ExafsSchema.SUMS.name(), "absorber_id", id);
    }

    @Override
    public void close() {
        end.run();
    }
}
