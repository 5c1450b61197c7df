package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the χ that is wanted is got out of a database: as it is stored; computed from the columns of the path files; or, if only the
 * grid is another and there are no columns, interpolated. Decided once for the file.
 *
 * @param way one of the three
 * @param parameters of the χ that comes out
 * @param grid of it
 * @param storedGrid of the χ that is stored
 * @param fileGrids k of path files, by the id of the grid
 * @param calculator of the way COMPUTED
 */
record StoredChi(
        Way way,
        ChiParameters parameters,
        KGrid grid,
        KGrid storedGrid,
        Map<Long, KGrid> fileGrids,
        @Nullable ChiCalculator calculator) {
    enum Way {
        STORED,
        COMPUTED,
        INTERPOLATED
    }

    /** A row of parameter_sets. */
    private record ParameterSet(ChiParameters parameters, long gridId) {}

    static StoredChi of(Database database, ChiRequest request) {
        Map<Long, KGrid> grids = grids(database);
        Map<Long, ParameterSet> sets = parameterSets(database);
        if (sets.size() > 1) {
            throw new UnavailableChiException("Cannot read χ: expected one set of parameters, found " + sets.size()
                    + " (" + database.file() + "). Build the database again with one.");
        }
        if (sets.isEmpty()) {
            // No path is stored, so none will be asked for.
            return new StoredChi(
                    Way.STORED,
                    request.parameters() == null ? ChiParameters.DEFAULT : request.parameters(),
                    request.grid() == null ? KGrid.DEFAULT : request.grid(),
                    KGrid.DEFAULT,
                    grids,
                    null);
        }
        ParameterSet set = sets.values().iterator().next();
        KGrid storedGrid = grids.get(set.gridId());
        if (storedGrid == null) {
            throw DamagedRow.of(database.file(), "k_grids, grid_id=" + set.gridId(), DamagedRow.MISSING);
        }
        ChiParameters wanted = request.parameters() == null ? set.parameters() : request.parameters();
        KGrid grid = request.grid() == null ? storedGrid : request.grid();
        boolean sameParameters = wanted.equals(set.parameters());
        if (sameParameters && grid.equals(storedGrid)) {
            return new StoredChi(Way.STORED, wanted, grid, storedGrid, grids, null);
        }
        if (database.queryLong("SELECT EXISTS (SELECT 1 FROM feff_arrays)") == 1) {
            return new StoredChi(Way.COMPUTED, wanted, grid, storedGrid, grids, new ChiCalculator(wanted, grid));
        }
        if (sameParameters) {
            Regrid.requireWithin(storedGrid, grid, database.file());
            return new StoredChi(Way.INTERPOLATED, wanted, grid, storedGrid, grids, null);
        }
        throw new UnavailableChiException(
                "Cannot compute χ with other parameters: expected the columns of the path files in"
                        + " table feff_arrays, found none; stored is χ with "
                        + set.parameters().toJson() + " ("
                        + database.file()
                        + "). Build the database without --no-feff-arrays, or read the files with --input-dir.");
    }

    boolean hasSums() {
        return way == Way.STORED;
    }

    /** Columns 18 to 20 of a path's row. */
    String columns() {
        return way == Way.COMPUTED ? ", f.grid_id, f.arrays, f.row_crc" : ", c.param_id, c.chi_values, c.row_crc";
    }

    /** Where they come from. A path whose row there is missing must be noticed, so it is an outer join. */
    String join() {
        return way == Way.COMPUTED
                ? "\nLEFT JOIN feff_arrays AS f ON f.path_id = p.path_id"
                : "\nLEFT JOIN chi AS c ON c.path_id = p.path_id";
    }

    /** χ of a path from its BLOB, unless it is to be computed. */
    double[] chi(byte[] blob, PathEntry path, Path file) {
        double[] chi = vector(TensorBlob.parse(blob), file, "chi, path_id=" + path.pathId());
        return way == Way.STORED ? chi : Regrid.onto(storedGrid.toArray(), chi, grid);
    }

    /** The columns of a path from the id of their grid and their BLOB. */
    FeffArrays arrays(long gridId, byte[] blob, PathEntry path, Path file) {
        TensorBlob tensor = TensorBlob.parse(blob);
        KGrid k = fileGrids.get(gridId);
        if (k == null
                || tensor.rank() != 2
                || tensor.dim(0) != 6
                || tensor.dim(1) != k.size()
                || tensor.type() != DType.FLOAT64) {
            throw DamagedRow.of(
                    file,
                    "feff_arrays, path_id=" + path.pathId(),
                    "expected float64[6, " + (k == null ? "?" : k.size()) + "] on grid_id=" + gridId + ", found "
                            + tensor);
        }
        return arrays(k, tensor.toDoubles());
    }

    /** Whether columns reach over the grid of χ. */
    boolean covers(FeffArrays arrays) {
        return Objects.requireNonNull(calculator).covers(arrays);
    }

    /** χ of a path from its columns. */
    double[] compute(FeffArrays arrays, PathEntry path) {
        return Objects.requireNonNull(calculator)
                .calculate(arrays, path.degeneracy(), path.reff())
                .chi();
    }

    /** χ, or a sum of it, on the stored grid. */
    double[] vector(TensorBlob tensor, Path file, String row) {
        if (tensor.rank() != 1
                || tensor.dim(0) != storedGrid.size()
                || !tensor.type().isFloating()) {
            throw DamagedRow.of(file, row, "expected " + storedGrid.size() + " values of χ, found " + tensor);
        }
        return tensor.toDoubles();
    }

    private static FeffArrays arrays(KGrid k, double[] values) {
        int rows = k.size();
        double[][] columns = new double[6][];
        for (int column = 0; column < columns.length; column++) {
            columns[column] = java.util.Arrays.copyOfRange(values, column * rows, (column + 1) * rows);
        }
        return new FeffArrays(k.toArray(), columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
    }

    private static Map<Long, KGrid> grids(Database database) {
        return database.read("Cannot read k_grids", connection -> {
            Map<Long, KGrid> grids = new HashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT grid_id, k_count, k, row_crc FROM k_grids")) {
                while (row.next()) {
                    long id = row.getLong(1);
                    byte[] k = row.getBytes(3);
                    long digest = new RowDigest(ExafsSchema.GRIDS).of(id, row.getLong(2), k);
                    requireSame(digest, row.getLong(4), database.file(), "k_grids, grid_id=" + id);
                    grids.put(id, KGrid.of(TensorBlob.parse(k).toDoubles()));
                }
            }
            return grids;
        });
    }

    private static Map<Long, ParameterSet> parameterSets(Database database) {
        return database.read("Cannot read parameter_sets", connection -> {
            Map<Long, ParameterSet> sets = new HashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT param_id, parameters, grid_id, storage, row_crc FROM parameter_sets")) {
                while (row.next()) {
                    long id = row.getLong(1);
                    String text = row.getString(2);
                    long gridId = row.getLong(3);
                    long digest = new RowDigest(ExafsSchema.PARAMETERS).of(id, text, gridId, row.getString(4));
                    requireSame(digest, row.getLong(5), database.file(), "parameter_sets, param_id=" + id);
                    sets.put(id, new ParameterSet(ParameterText.parse(text), gridId));
                }
            }
            return sets;
        });
    }

    private static void requireSame(long digest, long stored, Path file, String row) {
        if (digest != stored) {
            throw DamagedRow.of(file, row, DamagedRow.CHECKSUM);
        }
    }
}
