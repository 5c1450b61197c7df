package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A user's own tables as DJL batches: a query for the ids, a query for the rows of a batch, and a mapping from columns to
 * arrays. Every array is [B, shape of its slot].
 *
 * <pre>{@code
 * try (QueryDataset train = QueryDataset.builder()
 *         .setDatabase(Path.of("housing.db"))
 *         .setIds("SELECT id FROM house WHERE split = 'train' ORDER BY id")
 *         .setRows("SELECT position, rooms, area, price FROM batch_ids JOIN house USING (id)")
 *         .addData(QuerySlot.numbers("features", DType.FLOAT32, "rooms", "area"))
 *         .addLabel(QuerySlot.numbers("price", DType.FLOAT32, "price"))
 *         .setSampling(64, true)
 *         .build()) {
 *     EasyTrain.fit(trainer, 10, train, null);
 * }
 * }</pre>
 *
 * <p>Filters and weights go by what the ids query yields.
 *
 * <p>The file may come from any program, may be in WAL mode, and needs no checksums; it is opened read-only. One statement
 * per batch. Memory: 8 bytes per id. Threads and closing as in {@link SqliteDataset}.
 */
public final class QueryDataset extends SqliteDataset<byte[][]> {
    private QueryDataset(Builder builder, QueryDefinition definition, SqliteSource<byte[][]> source) {
        super(builder, source, (manager, rows) -> collate(manager, rows, definition));
    }

    /** Starts a dataset. */
    public static Builder builder() {
        return new Builder();
    }

    private static Collator.Slots collate(NDManager manager, List<byte[][]> rows, QueryDefinition definition) {
        NDList data = new NDList();
        NDList labels = new NDList();
        List<QuerySlot> slots = definition.slots();
        for (int i = 0; i < slots.size(); i++) {
            (i < definition.data().size() ? data : labels).add(array(manager, rows, slots.get(i), i));
        }
        return new Collator.Slots(data, labels);
    }

    private static NDArray array(NDManager manager, List<byte[][]> rows, QuerySlot slot, int index) {
        long[] shape = new long[slot.shape().size() + 1];
        shape[0] = rows.size();
        for (int axis = 1; axis < shape.length; axis++) {
            shape[axis] = slot.shape().get(axis - 1);
        }
        return NdArrays.named(slot.name(), NdArrays.filled(manager, new Shape(shape), dataType(slot.type()), out -> {
            for (byte[][] row : rows) {
                out.put(row[index]);
            }
        }));
    }

    private static DataType dataType(DType type) {
        return switch (type) {
            case FLOAT32 -> DataType.FLOAT32;
            case FLOAT64 -> DataType.FLOAT64;
            case INT64 -> DataType.INT64;
            case INT32 -> DataType.INT32;
            case UINT8 -> DataType.UINT8;
            case INT8 -> DataType.INT8;
            case BOOLEAN -> DataType.BOOLEAN;
            case UINT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    /** Describes the dataset. {@code set} words are required, or a whole {@link #setDefinition definition}. */
    public static final class Builder extends SqliteDataset.Builder<Builder> {
        private @Nullable Path database;
        private String ids = "";
        private String rows = "";
        private final List<QuerySlot> data = new ArrayList<>();
        private final List<QuerySlot> labels = new ArrayList<>();

        private Builder() {}

        /** The SQLite file. */
        public Builder setDatabase(Path value) {
            database = value;
            return this;
        }

        /** The query of one INTEGER column that lists the samples. */
        public Builder setIds(String sql) {
            ids = sql;
            return this;
        }

        /** The query over {@code batch_ids(position, id)} that reads a batch. */
        public Builder setRows(String sql) {
            rows = sql;
            return this;
        }

        /** Adds an array to the batch's data. */
        public Builder addData(QuerySlot slot) {
            data.add(slot);
            return this;
        }

        /** Adds an array to the batch's labels. */
        public Builder addLabel(QuerySlot slot) {
            labels.add(slot);
            return this;
        }

        /** Everything at once, as read from a file. */
        public Builder setDefinition(QueryDefinition value) {
            database = value.database();
            ids = value.ids();
            rows = value.rows();
            data.addAll(value.data());
            labels.addAll(value.labels());
            return this;
        }

        @Override
        public Builder optSplit(Split value) {
            throw new IllegalArgumentException("Expected the split in the ids query, found optSplit(" + value + ").");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Opens the dataset and checks queries and slots against the file.
         *
         * @throws QueryDefinitionException with all faults found
         * @throws dev.millrace.sqlite.DatabaseException if the file cannot be read
         */
        public QueryDataset build() {
            QueryDefinition definition = new QueryDefinition(
                    Objects.requireNonNull(database, "setDatabase is required"), ids, rows, data, labels);
            if (!Files.exists(definition.database()) && !definition.faults().isEmpty()) {
                throw new QueryDefinitionException(definition, definition.faults());
            }
            ReadPool pool = new ReadPool(definition.database(), mapped() ? Access.READ_MAPPED : Access.READ, readers());
            try {
                check(pool, definition);
                long[] found = readIds(pool, definition);
                SqliteSource<byte[][]> source = new SqliteSource<>(
                        pool, found, digest(definition, found), lease -> new QueryReader(lease, definition));
                try (RowReader<byte[][]> reader = source.openReader()) {
                    reader.read(Arrays.copyOf(found, Math.min(found.length, 1)));
                }
                return new QueryDataset(this, definition, source);
            } catch (RuntimeException e) {
                pool.close();
                throw e;
            }
        }

        private static void check(ReadPool pool, QueryDefinition definition) {
            try (ReadPool.Lease lease = pool.lease()) {
                List<String> faults = QueryCheck.faults(lease.database(), definition);
                if (!faults.isEmpty()) {
                    throw new QueryDefinitionException(definition, faults);
                }
            }
        }

        private static long[] readIds(ReadPool pool, QueryDefinition definition) {
            try (ReadPool.Lease lease = pool.lease()) {
                Database database = lease.database();
                return database.read("Cannot run the ids query", connection -> {
                    long[] ids = new long[1024];
                    int count = 0;
                    try (PreparedStatement select = connection.prepareStatement(definition.ids());
                            ResultSet result = select.executeQuery()) {
                        while (result.next()) {
                            if (!(result.getObject(1) instanceof Number id) || id instanceof Double) {
                                throw new QueryDefinitionException(
                                        definition,
                                        List.of("the ids query must yield integers, found " + result.getObject(1)));
                            }
                            if (count == ids.length) {
                                ids = Arrays.copyOf(ids, 2 * count);
                            }
                            ids[count++] = id.longValue();
                        }
                    }
                    return Arrays.copyOf(ids, count);
                });
            }
        }

        /* A foreign file has no manifest; what was asked for and which samples there are is what can be told. */
        private static String digest(QueryDefinition definition, long[] ids) {
            return "query:" + Integer.toHexString((definition.rows() + definition.slots()).hashCode()) + ":"
                    + LongChecksum.of(ids.length, i -> ids[i]);
        }
    }
}
