package dev.millrace.batch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.graph.Graph;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@link GraphFile} as batches: float features as {@link GraphArrays} says, label float32 [B, 40]. */
final class GraphFileDataset extends SqliteDataset<GraphFileDataset.Row> {
    record Row(long id, Graph graph, TensorBlob target) {}

    private GraphFileDataset(Builder builder, RowSource<Row> source) {
        super(builder, source, GraphFileDataset::collate);
    }

    static Builder builder(Path file) {
        Builder builder = new Builder();
        builder.file = file;
        return builder;
    }

    static Row row(TensorRow row) {
        return new Row(row.id(), new Graph(row.tensor(0), row.tensor(1), row.tensor(2)), row.tensor(3));
    }

    static Collator.Slots collate(NDManager manager, List<Row> rows) {
        NDList data = rows.isEmpty()
                ? GraphArrays.none(manager, DataType.FLOAT32, GraphFile.NODE_WIDTH, GraphFile.EDGE_WIDTH)
                : GraphArrays.of(manager, rows.stream().map(Row::graph).toList(), DataType.FLOAT32);
        NDList labels = new NDList(NdArrays.filled(
                manager,
                new Shape(rows.size(), GraphFile.TARGET_WIDTH),
                DataType.FLOAT32,
                out -> rows.forEach(row -> row.target().putFloats(out))));
        return new Collator.Slots(data, labels);
    }

    static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path file;
        private UnaryOperator<RowSource<Row>> wrapper = source -> source;

        private Builder() {
            optDataBatchifier(GraphBatchifier.GRAPHS);
            optLabelBatchifier(GraphBatchifier.ROWS);
        }

        /** Puts something between the dataset and its rows. */
        Builder optWrapper(UnaryOperator<RowSource<Row>> value) {
            wrapper = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        GraphFileDataset build() {
            ReadPool pool =
                    new ReadPool(Objects.requireNonNull(file), mapped() ? Access.READ_MAPPED : Access.READ, readers());
            try (ReadPool.Lease lease = pool.lease()) {
                Database database = lease.database();
                GraphFile.SCHEMA.check(database);
                SqliteSource<Row> source = new SqliteSource<>(
                        pool,
                        Manifest.ids(database, split().id()),
                        Manifest.digest(database, split().id()),
                        own -> new TensorJoinReader<>(own, GraphFile.TABLES, GraphFileDataset::row));
                return new GraphFileDataset(this, wrapper.apply(source));
            } catch (RuntimeException e) {
                pool.close();
                throw e;
            }
        }
    }
}
