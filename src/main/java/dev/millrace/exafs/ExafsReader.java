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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads paths with their geometry and χ, a batch with one statement, and checks the {@code row_crc} of all three tables. Types of
 * paths come from the dictionary that was read and checked when the file was opened. One thread at a time; closing gives back
 * the lease.
 */
final class ExafsReader implements RowReader<ExafsRow> {
    /*
     * Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per table and id. Ids are asked for in ascending order, so
     * that neighbours share the way down; each row says the place that it was asked for.
     */
    static final String SELECT = """
            SELECT ids.key, %s, l.positions, l.row_crc, c.param_id, c.chi_values, c.row_crc
            FROM json_each(?) AS ids
            CROSS JOIN scattering_paths AS p ON p.path_id = ids.value
            LEFT JOIN path_legs AS l ON l.path_id = p.path_id
            LEFT JOIN chi AS c ON c.path_id = p.path_id""".formatted(StoredPath.COLUMNS);

    private static final int PATH = 2;
    private static final int LEGS = PATH + StoredPath.COLUMN_COUNT;
    private static final int CHI = LEGS + 2;

    private final ReadPool.Lease lease;
    private final ExafsContents contents;
    private final StoredPath.Parser paths;
    private final LegsParser legs;
    private final RowDigest chiDigest = new RowDigest(ExafsSchema.CHI);
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    ExafsReader(ReadPool.Lease lease, ExafsContents contents) {
        this.lease = lease;
        this.contents = contents;
        this.paths = new StoredPath.Parser(contents);
        this.legs = new LegsParser(contents);
    }

    @Override
    public List<ExafsRow> read(long[] ids) {
        IdOrder order = IdOrder.of(ids);
        @Nullable ExafsRow[] rows = new @Nullable ExafsRow[ids.length];
        Database database = lease.database();
        database.read("Cannot read paths", connection -> {
            PreparedStatement select = database.prepared(SELECT);
            select.setString(1, Arrays.toString(order.sorted()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int place = order.place(row.getInt(1));
                    ExafsRow read = row(row);
                    if (read.pathId() != ids[place]) {
                        throw contents.damaged(
                                "expected the path that was asked for, found path " + read.pathId(),
                                ExafsSchema.PATHS.name(),
                                "path_id",
                                ids[place]);
                    }
                    rows[place] = read;
                }
            }
            return rows;
        });
        return complete(ids, rows);
    }

    private List<ExafsRow> complete(long[] ids, @Nullable ExafsRow[] rows) {
        ExafsRow[] all = new ExafsRow[rows.length];
        for (int i = 0; i < rows.length; i++) {
            ExafsRow row = rows[i];
            if (row == null) {
                throw contents.damaged(DamagedRow.MISSING, ExafsSchema.PATHS.name(), "path_id", ids[i]);
            }
            all[i] = row;
        }
        return Arrays.asList(all);
    }

    private ExafsRow row(ResultSet row) throws SQLException {
        StoredPath path = paths.read(row, PATH);
        double[] positions = legs.read(path, row.getBytes(LEGS), row.getLong(LEGS + 1));
        return new ExafsRow(
                path.pathId(),
                path.absorberId(),
                path.type().name(),
                path.type().atomicNumbers(),
                path.degeneracy(),
                path.halfLength(),
                positions,
                chi(path.pathId(), row.getLong(CHI), row.getBytes(CHI + 1), row.getLong(CHI + 2)));
    }

    private TensorBlob chi(long id, long paramId, byte @Nullable [] stored, long crc) {
        String table = ExafsSchema.CHI.name();
        if (stored == null) {
            throw contents.damaged(DamagedRow.MISSING, table, "path_id", id);
        }
        long found = chiDigest
                .begin(id, Long.BYTES, stored.length)
                .value(number.putLong(0, paramId).array(), 0, Long.BYTES)
                .value(stored, 0, stored.length)
                .end();
        if (found != crc) {
            throw contents.damaged(DamagedRow.CHECKSUM, table, "path_id", id);
        }
        if (paramId != contents.paramId()) {
            throw contents.damaged(
                    "expected χ of parameter set " + contents.paramId() + ", found set " + paramId,
                    table,
                    "path_id",
                    id);
        }
        return contents.chi(stored, table, "path_id", id);
    }

    @Override
    public void close() {
        lease.close();
    }
}
