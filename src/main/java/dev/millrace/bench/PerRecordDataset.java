package dev.millrace.bench;

import ai.djl.ndarray.NDArray;
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
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: DJL's own way over the same rows, one query and one set of arrays per record, stacked by DJL. Graphs are
 * padded to one size, because stacking asks for equal shapes. Everything that helps it without changing the way is done: one
 * prepared statement, one read transaction.
 */
final class PerRecordDataset extends RandomAccessDataset implements AutoCloseable {
    private static final String SQL = """
            SELECT g.node_features, g.edge_index, g.edge_attr, m.homo_lumo_gap
            FROM graph_structures g JOIN molecules m ON m.idx = g.idx
            WHERE g.idx = ?""";

    private final Database database;
    private final PreparedStatement select;
    private final long size;

    PerRecordDataset(Path file, int batchSize) {
        super(new Builder().setSampling(batchSize, true));
        database = Database.open(file, Access.READ);
        database.execute("BEGIN");
        size = database.queryLong("SELECT count(*) FROM graph_structures");
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
            select.setLong(1, index);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new Record(
                        new NDList(
                                padded(
                                        manager,
                                        row.getBytes(1),
                                        SyntheticGraphs.MOST_NODES,
                                        SyntheticGraphs.NODE_WIDTH),
                                padded(manager, row.getBytes(2), 2, SyntheticGraphs.MOST_EDGES),
                                padded(
                                        manager,
                                        row.getBytes(3),
                                        SyntheticGraphs.MOST_EDGES,
                                        SyntheticGraphs.EDGE_WIDTH)),
                        new NDList(manager.create(new float[] {row.getFloat(4)})));
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read a record", database.file(), e);
        }
    }

    private static NDArray padded(NDManager manager, byte[] blob, int rows, int columns) {
        TensorBlob tensor = TensorBlob.parse(blob);
        long[] values = tensor.toLongs();
        int width = tensor.dim(1);
        if (width == columns) {
            return manager.create(Arrays.copyOf(values, rows * columns), new Shape(rows, columns));
        }
        long[] wide = new long[rows * columns];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * width, wide, row * columns, width);
        }
        return manager.create(wide, new Shape(rows, columns));
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
