package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link ExafsVerification} checks in a database of Millrace. One thread; used once. */
final class DatabaseChecks {
    /** In the order in which sums are made. */
    private static final String SELECT_CHI = """
            SELECT p.absorber_id, p.path_id, p.reff, c.chi_values, s.grid_id, t.nleg, l.positions
            FROM scattering_paths p
            LEFT JOIN chi c ON c.path_id = p.path_id
            LEFT JOIN parameter_sets s ON s.param_id = c.param_id
            LEFT JOIN path_types t ON t.type_id = p.type_id
            LEFT JOIN path_legs l ON l.path_id = p.path_id
            ORDER BY p.absorber_id, p.path_num""";

    private static final String SELECT_ARRAYS = "SELECT path_id, grid_id, arrays FROM feff_arrays";

    private static final String SELECT_SUM =
            "SELECT path_count, min_reff, max_reff, chi_values FROM atom_sums WHERE absorber_id = ?";

    /** What is wrong, and a query of where: each row is a key. */
    private static final List<Map.Entry<String, String>> QUERIES = List.of(
            Map.entry(
                    "orphan: χ of no path",
                    "SELECT 'chi, path_id=' || path_id FROM chi WHERE path_id NOT IN (SELECT path_id FROM scattering_paths)"),
            Map.entry(
                    "orphan: legs of no path",
                    "SELECT 'path_legs, path_id=' || path_id FROM path_legs"
                            + " WHERE path_id NOT IN (SELECT path_id FROM scattering_paths)"),
            Map.entry(
                    "orphan: columns of no path",
                    "SELECT 'feff_arrays, path_id=' || path_id FROM feff_arrays"
                            + " WHERE path_id NOT IN (SELECT path_id FROM scattering_paths)"),
            Map.entry(
                    "orphan: a path of no absorber",
                    "SELECT 'scattering_paths, path_id=' || path_id FROM scattering_paths"
                            + " WHERE absorber_id NOT IN (SELECT absorber_id FROM absorbers)"),
            Map.entry(
                    "orphan: a sum of no absorber",
                    "SELECT 'atom_sums, absorber_id=' || absorber_id FROM atom_sums"
                            + " WHERE absorber_id NOT IN (SELECT absorber_id FROM absorbers)"),
            Map.entry(
                    "duplicate: two paths of one number",
                    "SELECT 'absorber_id=' || absorber_id || ' path_num=' || path_num"
                            + " FROM scattering_paths NOT INDEXED GROUP BY absorber_id, path_num HAVING count(*) > 1"),
            Map.entry(
                    "duplicate: two absorbers of one frame and atom",
                    "SELECT 'frame=' || frame || ' atom_id=' || atom_id FROM absorbers NOT INDEXED"
                            + " GROUP BY frame, atom_id HAVING count(*) > 1"),
            Map.entry(
                    "an absorber with another number of paths than it says",
                    "SELECT 'absorber_id=' || a.absorber_id FROM absorbers a WHERE a.path_count <>"
                            + " (SELECT count(*) FROM scattering_paths p WHERE p.absorber_id = a.absorber_id)"),
            Map.entry(
                    "an absorber with another number of rejects than it says",
                    "SELECT 'absorber_id=' || a.absorber_id FROM absorbers a WHERE a.reject_count <>"
                            + " (SELECT count(*) FROM rejects r WHERE r.frame = a.frame AND r.atom_id = a.atom_id)"));

    private final Database database;
    private final ExafsVerification.Faults faults;
    private final Map<Long, Integer> gridSizes = new HashMap<>();
    private long paths;
    private long absorbers;

    DatabaseChecks(Database database, ExafsVerification.Faults faults) {
        this.database = database;
        this.faults = faults;
    }

    long paths() {
        return paths;
    }

    long absorbers() {
        return absorbers;
    }

    void run(BuildProgress progress) {
        // A table that reads otherwise may lack what the checks ask for.
        faults.check("tables", () -> ExafsSchema.SCHEMA.check(database));
        for (CheckedTable table : List.of(
                ExafsSchema.ABSORBERS,
                ExafsSchema.TYPES,
                ExafsSchema.GRIDS,
                ExafsSchema.PARAMETERS,
                ExafsSchema.SUMS)) {
            faults.check(table.name(), () -> checksums(table));
        }
        faults.addKeys(database, QUERIES);
        faults.check("k_grids", this::grids);
        faults.check("χ", () -> chi(progress));
        faults.check("feff_arrays", this::arrays);
        faults.check("dataset_info", this::counts);
    }

    private void checksums(CheckedTable table) {
        RowDigest digest = new RowDigest(table);
        String sql =
                "SELECT " + table.key() + ", row_crc, " + String.join(", ", table.columns()) + " FROM " + table.name();
        each(sql, row -> {
            @Nullable Object[] values = new @Nullable Object[table.columns().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = row.getObject(i + 3);
            }
            if (digest.of(row.getLong(1), values) != row.getLong(2)) {
                faults.add("damaged row", table.name() + ", " + table.key() + "=" + row.getLong(1));
            }
        });
    }

    private void grids() {
        each("SELECT grid_id, k_count, k FROM k_grids", row -> {
            double[] k = TensorBlob.parse(row.getBytes(3)).toDoubles();
            gridSizes.put(row.getLong(1), KGrid.of(k).size());
            if (k.length != row.getInt(2)) {
                faults.add("a k grid of another length than it says", "k_grids, grid_id=" + row.getLong(1));
            }
        });
    }

    private void chi(BuildProgress progress) {
        BuildProgress.Meter meter = new BuildProgress.Meter(
                progress, "verify", database.queryLong("SELECT count(*) FROM scattering_paths"));
        SumCheck sums = new SumCheck();
        each(SELECT_CHI, row -> {
            long absorber = row.getLong(1);
            long path = row.getLong(2);
            sums.begin(absorber);
            byte[] chi = row.getBytes(4);
            byte[] positions = row.getBytes(7);
            if (chi == null || row.getObject(5) == null) {
                faults.add("missing: a path without χ", "path_id=" + path);
            } else {
                double[] values = values(chi, row.getLong(5), 1, "χ", "chi, path_id=" + path);
                if (values != null) {
                    sums.add(row.getDouble(3), values);
                }
            }
            if (positions == null) {
                faults.add("missing: a path without legs", "path_id=" + path);
            } else {
                legs(positions, row.getInt(6), path);
            }
            meter.advanceTo(++paths);
        });
        sums.end();
        meter.finish();
    }

    private void legs(byte[] positions, int legCount, long path) {
        try {
            requireFinite(PathLegs.decode(TensorBlob.parse(positions), legCount), "legs", "path_legs, path_id=" + path);
        } catch (CorruptTensorException | IllegalArgumentException e) {
            faults.add("wrong BLOB of legs", "path_legs, path_id=" + path + ": " + e.getMessage());
        }
    }

    private void arrays() {
        boolean kept = !"false".equals(Schema.info(database).get("feff_arrays"));
        if (kept) {
            faults.addKeys(
                    database,
                    "missing: a path without columns",
                    "SELECT 'path_id=' || path_id FROM scattering_paths"
                            + " WHERE path_id NOT IN (SELECT path_id FROM feff_arrays)");
        }
        each(
                SELECT_ARRAYS,
                row -> values(row.getBytes(3), row.getLong(2), 6, "columns", "feff_arrays, path_id=" + row.getLong(1)));
    }

    /** Values of a BLOB; null, and a fault, if there are others than the grid asks for. */
    private double @Nullable [] values(byte[] stored, long grid, int rows, String what, String where) {
        try {
            TensorBlob blob = TensorBlob.parse(stored);
            int expected = gridSizes.getOrDefault(grid, -1);
            if (!blob.type().isFloating()
                    || blob.rank() != (rows == 1 ? 1 : 2)
                    || blob.dim(blob.rank() - 1) != expected
                    || blob.elementCount() != rows * expected) {
                faults.add(
                        "wrong size of " + what,
                        where + ": expected " + (rows == 1 ? "" : rows + " × ") + expected + " values, found " + blob);
                return null;
            }
            double[] values = blob.toDoubles();
            requireFinite(values, what, where);
            return values;
        } catch (CorruptTensorException e) {
            faults.add("wrong BLOB of " + what, where + ": " + e.getMessage());
            return null;
        }
    }

    private void requireFinite(double[] values, String what, String where) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                faults.add("not finite: " + what, where + ", " + value);
                return;
            }
        }
    }

    private void counts() {
        Map<String, String> info = Schema.info(database);
        for (String key : List.of("paths", "absorbers", "rejects")) {
            String table = key.equals("paths") ? "scattering_paths" : key;
            String found = Long.toString(database.queryLong("SELECT count(*) FROM " + table));
            if (!found.equals(info.get(key))) {
                faults.add("missing or additional rows", table + ": expected " + info.get(key) + ", found " + found);
            }
        }
    }

    private interface RowCheck {
        void look(ResultSet row) throws SQLException;
    }

    private void each(String sql, RowCheck check) {
        database.read("Cannot read a table", connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    check.look(row);
                }
            }
            return sql;
        });
    }

    /** Compares the sum of an absorber's paths with the stored one. */
    private final class SumCheck {
        private AtomSum sum = new AtomSum();
        private long absorber = -1;

        void begin(long next) throws SQLException {
            if (next != absorber) {
                compare();
                absorber = next;
                sum = new AtomSum();
            }
        }

        void add(double halfLength, double[] chi) {
            sum.add(halfLength, chi);
        }

        void end() {
            faults.check("atom_sums", () -> {
                try {
                    compare();
                } catch (SQLException e) {
                    throw dev.millrace.sqlite.DatabaseException.of("Cannot read a sum", database.file(), e);
                }
            });
        }

        private void compare() throws SQLException {
            if (absorber < 0) {
                return;
            }
            absorbers++;
            String where = "atom_sums, absorber_id=" + absorber;
            PreparedStatement select = database.prepared(SELECT_SUM);
            select.setLong(1, absorber);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    faults.add("missing: an absorber without a sum", where);
                } else if (row.getLong(1) != sum.paths()
                        || row.getDouble(2) != sum.least()
                        || row.getDouble(3) != sum.most()
                        || !isSum(row.getBytes(4))) {
                    faults.add("a sum that is not that of its paths", where);
                }
            }
        }

        private boolean isSum(byte[] stored) {
            TensorBlob blob = TensorBlob.parse(stored);
            double[] expected = sum.values();
            if (blob.type() == dev.millrace.tensor.DType.FLOAT32) {
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = (float) expected[i];
                }
            }
            return Arrays.equals(blob.toDoubles(), expected);
        }
    }
}
