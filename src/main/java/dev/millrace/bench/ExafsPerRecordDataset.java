package dev.millrace.bench;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The baseline for scattering paths: DJL's own way over the same tables, one query and one set of arrays per record, stacked by DJL.
 * Positions are padded to one size, because stacking asks for equal shapes. Everything that helps it without changing the way is
 * done: one prepared statement, one read transaction, no checksums, no angles.
 */
final class ExafsPerRecordDataset extends RandomAccessDataset implements AutoCloseable {
    private static final int MOST_NUMBERS = 32;

    private static final String SQL = """
            SELECT t.nleg, p.degeneracy, p.reff, t.atomic_numbers, l.positions, c.chi_values
            FROM scattering_paths AS p
            JOIN path_types AS t ON t.type_id = p.type_id
            JOIN path_legs AS l ON l.path_id = p.path_id
            JOIN chi AS c ON c.path_id = p.path_id
            WHERE p.path_id = ?""";

    private final Database database;
    private final PreparedStatement select;
    private final long size;

    ExafsPerRecordDataset(Path file, int batchSize) {
        super(new Builder().setSampling(batchSize, true));
        database = Database.open(file, Access.READ);
        database.execute("BEGIN");
        size = database.queryLong("SELECT max(path_id) FROM scattering_paths");
        select = database.read("Cannot prepare", connection -> connection.prepareStatement(SQL));
    }

    @Override
    public void prepare(@Nullable Progress progress) {
        // Open since construction.
    }

    @Override
    protected long availableSize() {
        return size;
    }

    @Override
    public Record get(NDManager manager, long index) {
        try {
            select.setLong(1, index + 1);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                float[] path = {row.getFloat(1), row.getFloat(2), row.getFloat(3)};
                float[] atoms = new float[MOST_NUMBERS];
                int at = 0;
                for (String number :
                        row.getString(4).replaceAll("[\\[\\] ]", "").split(",", -1)) {
                    atoms[at++] = Float.parseFloat(number);
                }
                float[] positions = new float[MOST_NUMBERS];
                float[] stored = TensorBlob.parse(row.getBytes(5)).toFloats();
                System.arraycopy(stored, 0, positions, 0, stored.length);
                float[] chi = TensorBlob.parse(row.getBytes(6)).toFloats();
                return new Record(
                        new NDList(
                                manager.create(path, new Shape(3)),
                                manager.create(atoms, new Shape(MOST_NUMBERS)),
                                manager.create(positions, new Shape(MOST_NUMBERS))),
                        new NDList(manager.create(chi, new Shape(chi.length))));
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read a record", database.file(), e);
        }
    }

    @Override
    public void close() {
        database.close();
    }

    private static final class Builder extends BaseBuilder<Builder> {
        @Override
        protected Builder self() {
            return this;
        }
    }
}
