package dev.millrace.bench;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.batch.Collator;
import dev.millrace.batch.GraphArrays;
import dev.millrace.batch.NdArrays;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.batch.SqliteSource;
import dev.millrace.batch.TensorJoinReader;
import dev.millrace.graph.Graph;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The graphs of {@link SyntheticGraphs} as batches: int64 codes as {@link GraphArrays} says, label float32 [B, 1]. */
final class SyntheticGraphDataset extends SqliteDataset<SyntheticGraphDataset.Row> {
    record Row(Graph graph, TensorBlob target) {}

    private SyntheticGraphDataset(Builder builder, SqliteSource<Row> source) {
        super(builder, source, SyntheticGraphDataset::collate);
    }

    static Builder builder() {
        return new Builder();
    }

    private static Collator.Slots collate(NDManager manager, List<Row> rows) {
        NDList data = GraphArrays.of(manager, rows.stream().map(Row::graph).toList(), DataType.INT64);
        NDList labels = new NDList(NdArrays.filled(
                manager,
                new Shape(rows.size(), 1),
                DataType.FLOAT32,
                out -> rows.forEach(row -> row.target().putFloats(out))));
        return new Collator.Slots(data, labels);
    }

    static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path file;

        Builder setDatabase(Path value) {
            file = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        SyntheticGraphDataset build() {
            ReadPool pool = new ReadPool(
                    Objects.requireNonNull(file, "setDatabase is required"),
                    mapped() ? Access.READ_MAPPED : Access.READ,
                    readers());
            long[] ids;
            String digest;
            try (ReadPool.Lease lease = pool.lease()) {
                Database database = lease.database();
                SyntheticGraphs.SCHEMA.check(database);
                ids = Manifest.ids(database, split().id());
                digest = Manifest.digest(database, split().id());
            } catch (RuntimeException e) {
                pool.close();
                throw e;
            }
            return new SyntheticGraphDataset(
                    this,
                    new SqliteSource<>(
                            pool,
                            ids,
                            digest,
                            lease -> new TensorJoinReader<>(
                                    lease,
                                    List.of(SyntheticGraphs.GRAPHS),
                                    row -> new Row(
                                            new Graph(row.tensor(0), row.tensor(1), row.tensor(2)), row.tensor(3)))));
        }
    }
}
