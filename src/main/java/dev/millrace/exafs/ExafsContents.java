package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;

/**
 * What readers of training data know of a file from the moment it is opened. Immutable.
 *
 * @param paramId the parameter set whose χ the file has; each row must name it
 * @param parameters of that set, as stored
 * @param splitBy {@code frame} or {@code atom}; empty in a file that does not tell
 */
record ExafsContents(Path file, TypeDictionary types, KGrid grid, long paramId, String parameters, String splitBy) {
    private static final String SELECT_SET = """
            SELECT s.param_id, s.parameters, s.grid_id, s.storage, s.row_crc, g.k_count, g.k, g.row_crc
            FROM parameter_sets AS s
            JOIN k_grids AS g ON g.grid_id = s.grid_id
            WHERE s.param_id = (SELECT c.param_id FROM chi AS c ORDER BY c.path_id LIMIT 1)""";

    /** @throws SchemaMismatchException if it is another kind of file, or has no χ */
    static ExafsContents read(Database database) {
        ExafsSchema.SCHEMA.check(database);
        TypeDictionary types = TypeDictionary.read(database);
        String splitBy = Schema.info(database).getOrDefault("split_by", "");
        return database.read("Cannot read the parameters of χ", connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_SET);
                    ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new SchemaMismatchException(
                            SchemaMismatchException.Kind.OTHER_SETTINGS,
                            "No χ to train on: expected paths with their parameter set, found none (" + database.file()
                                    + "). Build the file of a tree with usable path files.",
                            database.file());
                }
                long param = row.getLong(1);
                String parameters = row.getString(2);
                long gridId = row.getLong(3);
                long found = new RowDigest(ExafsSchema.PARAMETERS).of(param, parameters, gridId, row.getString(4));
                require(database, found == row.getLong(5), "parameter_sets, param_id=" + param);
                byte[] k = row.getBytes(7);
                found = new RowDigest(ExafsSchema.GRIDS).of(gridId, row.getLong(6), k);
                String gridRow = "k_grids, grid_id=" + gridId;
                require(database, found == row.getLong(8), gridRow);
                return new ExafsContents(
                        database.file(), types, grid(database, gridRow, k), param, String.valueOf(parameters), splitBy);
            }
        });
    }

    private static void require(Database database, boolean sound, String row) {
        if (!sound) {
            throw DamagedRow.of(database.file(), row, DamagedRow.CHECKSUM);
        }
    }

    private static KGrid grid(Database database, String row, byte[] stored) {
        try {
            return KGrid.of(TensorBlob.parse(stored).toDoubles());
        } catch (CorruptTensorException | IllegalArgumentException e) {
            throw DamagedRow.of(database.file(), row, String.valueOf(e.getMessage()));
        }
    }

    /** Identifies what rows mean: their types, grid and parameters. */
    String digest() {
        return "types=" + types.digest() + " grid=" + Integer.toHexString(grid.hashCode()) + " set="
                + Integer.toHexString(parameters.hashCode());
    }

    /** What to throw when a row is not what its checksum says. */
    CorruptDatabaseException damaged(String fault, String table, String key, long id) {
        return DamagedRow.of(file, table + ", " + key + "=" + id, fault);
    }

    /** A tensor of a row whose checksum has been found right. */
    TensorBlob tensor(byte[] bytes, String table, String key, long id) {
        try {
            return TensorBlob.parse(bytes);
        } catch (CorruptTensorException e) {
            throw damaged(String.valueOf(e.getMessage()), table, key, id);
        }
    }

    /** χ of a row, one value for each k. */
    TensorBlob chi(byte[] bytes, String table, String key, long id) {
        TensorBlob chi = tensor(bytes, table, key, id);
        if (chi.rank() != 1 || chi.dim(0) != grid.size() || !chi.type().isFloating()) {
            throw damaged("expected χ for " + grid + ", found " + chi, table, key, id);
        }
        return chi;
    }
}
