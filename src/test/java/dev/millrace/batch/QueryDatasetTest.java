package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryDatasetTest {
    private static final int SAMPLES = 50;
    private static final String ROWS = """
            SELECT b.position, s.a, s.b, s.vector, s.tensor, s.list, l.y
            FROM batch_ids b JOIN sample s ON s.id = b.id LEFT JOIN label l ON l.sample = s.id""";

    @TempDir
    Path folder;

    private Path file;

    /** Sample i has id 10 i, a = i, b = i / 2, vector = [i, −i], tensor = [[i, i + 1]], list = [i, 0.5], y = 3 i. */
    @BeforeEach
    void writeTables() {
        file = folder.resolve("own tables.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "CREATE TABLE sample (id INTEGER PRIMARY KEY, a INTEGER, b REAL, vector BLOB, tensor BLOB, list TEXT)",
                    "CREATE TABLE label (sample INTEGER PRIMARY KEY, y REAL)");
            database.write("fill", connection -> {
                try (PreparedStatement sample = connection.prepareStatement(
                                "INSERT INTO sample (id, a, b, vector, tensor, list) VALUES (?, ?, ?, ?, ?, ?)");
                        PreparedStatement label =
                                connection.prepareStatement("INSERT INTO label (sample, y) VALUES (?, ?)")) {
                    for (int i = 0; i < SAMPLES; i++) {
                        ByteBuffer vector = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                        vector.putInt(i).putInt(-i);
                        sample.setInt(1, 10 * i);
                        sample.setInt(2, i);
                        sample.setDouble(3, i / 2.0);
                        sample.setBytes(4, vector.array());
                        sample.setBytes(
                                5,
                                TensorCodec.ofFloats(new float[] {i, i + 1}, Compression.NONE, 1, 2)
                                        .toBytes());
                        sample.setString(6, "[" + i + ", [0.5]]");
                        sample.executeUpdate();
                        label.setInt(1, 10 * i);
                        label.setDouble(2, 3.0 * i);
                        label.executeUpdate();
                    }
                }
            });
        }
    }

    private QueryDataset.Builder builder() {
        return QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM sample ORDER BY id")
                .setRows(ROWS)
                .setSampling(8, false);
    }

    @Test
    void filterAndWeights_ownTables_chooseSamples() throws Exception {
        SampleChoiceContract.require(
                () -> builder().addData(QuerySlot.numbers("a", DType.INT32, "a")),
                QueryDataset.Builder::build,
                "sample",
                "id");
    }

    @Test
    void filterAndWeights_idsInAnyOrderAndTwice_goByTheId() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder()
                        .setIds("SELECT id FROM sample UNION ALL SELECT 70 ORDER BY id DESC")
                        .addData(QuerySlot.numbers("a", DType.INT32, "a"))
                        .setSampling(100, true)
                        .optFilter("SELECT id FROM sample WHERE a BETWEEN 5 AND 9")
                        .optWeights("SELECT id, a = 7 FROM sample")
                        .build()) {
            assertThat(dataset.size()).isEqualTo(6);
            assertThat(dataset.id(0)).isEqualTo(90);
            assertThat(dataset.getData(manager)
                            .iterator()
                            .next()
                            .getData()
                            .head()
                            .toIntArray())
                    .hasSize(6)
                    .containsOnly(7);
        }
    }

    @Test
    void getData_everyEncoding_givesTheStoredValuesInOrder() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder()
                        .addData(QuerySlot.numbers("scalars", DType.FLOAT32, "a", "b"))
                        .addData(QuerySlot.array("vector", "vector", QuerySlot.Encoding.RAW_LE, DType.INT32, 2))
                        .addData(QuerySlot.array("tensor", "tensor", QuerySlot.Encoding.TENSOR, DType.FLOAT64, 1, 2))
                        .addData(QuerySlot.array("list", "list", QuerySlot.Encoding.JSON, DType.FLOAT32, 2))
                        .addLabel(QuerySlot.numbers("y", DType.FLOAT32, "y"))
                        .build()) {
            int next = 0;
            for (Batch batch : dataset.getData(manager)) {
                assertThat(batch.getLabels().get(0).getShape()).isEqualTo(new Shape(batch.getSize()));
                assertThat(batch.getData().get(2).getShape()).isEqualTo(new Shape(batch.getSize(), 1, 2));
                float[] scalars = batch.getData().get(0).toFloatArray();
                int[] vectors = batch.getData().get(1).toIntArray();
                double[] tensors = batch.getData().get(2).toDoubleArray();
                float[] lists = batch.getData().get(3).toFloatArray();
                float[] labels = batch.getLabels().get(0).toFloatArray();
                for (int i = 0; i < batch.getSize(); i++, next++) {
                    assertThat(new double[] {scalars[2 * i], scalars[2 * i + 1], vectors[2 * i], vectors[2 * i + 1]})
                            .containsExactly(next, next / 2.0, next, -next);
                    assertThat(new double[] {tensors[2 * i], tensors[2 * i + 1], lists[2 * i], lists[2 * i + 1]})
                            .containsExactly(next, next + 1, next, 0.5);
                    assertThat(labels[i]).isEqualTo(3f * next);
                }
                batch.close();
            }
            assertThat(next).isEqualTo(SAMPLES);
        }
    }

    @Test
    void getData_queryWithItsOwnCte_isJoinedToTheBatchIds() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = QueryDataset.builder()
                        .setDatabase(file)
                        .setIds("SELECT id FROM sample WHERE a >= 40 ORDER BY id DESC")
                        .setRows("with doubled(id, v) AS (SELECT id, 2 * a FROM sample)"
                                + " SELECT position, v FROM batch_ids JOIN doubled USING (id)")
                        .addData(QuerySlot.numbers("v", DType.INT64, "v"))
                        .setSampling(100, false)
                        .build()) {
            List<Long> values = new ArrayList<>();
            for (Batch batch : dataset.getData(manager)) {
                for (long value : batch.getData().get(0).toLongArray()) {
                    values.add(value);
                }
                batch.close();
            }
            assertThat(values).containsExactly(98L, 96L, 94L, 92L, 90L, 88L, 86L, 84L, 82L, 80L);
        }
    }

    @Test
    void build_severalFaults_namesThemAll() {
        assertThatThrownBy(() -> builder()
                        .addData(QuerySlot.array("vector", "vector", QuerySlot.Encoding.RAW_LE, DType.UINT16, 0))
                        .addData(new QuerySlot(
                                "pair", List.of("a"), DType.FLOAT32, List.of(2), QuerySlot.Encoding.NUMBER, null))
                        .build())
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContainingAll("3 problems", "UINT16", "dimensions ≥ 1", "slot 'pair'.columns");
        assertThatThrownBy(() -> builder()
                        .addData(QuerySlot.numbers("x", DType.FLOAT32, "missing"))
                        .addData(QuerySlot.numbers("z", DType.FLOAT32, "gone"))
                        .build())
                .hasMessageContainingAll("'missing'", "'gone'", "[position, a, b, vector, tensor, list, y]");
    }

    @Test
    void getData_nullLabel_isAnErrorThatNamesTheSampleUnlessFilled() throws Exception {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("DELETE FROM label WHERE sample = 70");
        }
        QuerySlot label = QuerySlot.numbers("y", DType.FLOAT32, "y");
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder()
                        .addData(QuerySlot.numbers("a", DType.FLOAT32, "a"))
                        .addLabel(label)
                        .build()) {
            assertThatThrownBy(() -> dataset.getData(manager).forEach(Batch::close))
                    .isInstanceOf(QueryDefinitionException.class)
                    .hasMessageContainingAll("NULL", "slot 'y'", "id 70", "own tables.db");
        }
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder()
                        .addData(QuerySlot.numbers("a", DType.FLOAT32, "a"))
                        .addLabel(label.filledWith(-1))
                        .build();
                Batch first = dataset.getData(manager).iterator().next()) {
            assertThat(first.getLabels().get(0).toFloatArray()).contains(-1f, 18f);
        }
    }

    @Test
    void getData_valuesThatDoNotFit_areRefusedInWords() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> readAll(manager, QuerySlot.numbers("b", DType.INT32, "b")))
                    .hasMessageContaining("expected an integer for INT32, found 0.5");
            assertThatThrownBy(() -> readAll(manager, QuerySlot.numbers("list", DType.FLOAT32, "list")))
                    .hasMessageContaining("expected a number, found TEXT");
            assertThatThrownBy(() -> readAll(
                            manager, QuerySlot.array("list", "list", QuerySlot.Encoding.JSON, DType.FLOAT32, 3)))
                    .hasMessageContaining("expected 3 numbers for shape [3], found 2");
            assertThatThrownBy(() -> readAll(
                            manager, QuerySlot.array("vector", "vector", QuerySlot.Encoding.RAW_LE, DType.INT64, 2)))
                    .hasMessageContaining("expected a BLOB of 16 bytes, found a BLOB of 8 bytes");
            assertThatThrownBy(() -> readAll(
                            manager, QuerySlot.array("tensor", "tensor", QuerySlot.Encoding.TENSOR, DType.FLOAT32, 2)))
                    .hasMessageContaining("expected a tensor of shape [2], found FLOAT32[1, 2]");
        }
    }

    @Test
    void getData_valuesBeyondTheType_areRefusedInWords() throws Exception {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE sample SET b = 1e300, vector = x'0102' WHERE id = 0");
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> readAll(manager, QuerySlot.numbers("b", DType.FLOAT32, "b")))
                    .hasMessageContaining("expected a value within the range of FLOAT32, found 1.0E300");
            assertThatThrownBy(() -> readAll(
                            manager, QuerySlot.array("v", "vector", QuerySlot.Encoding.RAW_LE, DType.BOOLEAN, 2)))
                    .hasMessageContaining("expected 0..1 for BOOLEAN, found 2");
        }
    }

    @Test
    void build_shapeBeyondAllMeasure_isAFaultLikeAnyOther() {
        assertThatThrownBy(() -> builder()
                        .addData(QuerySlot.array(
                                "huge", "vector", QuerySlot.Encoding.RAW_LE, DType.INT32, 70_000, 70_000, 70_000))
                        .build())
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContaining("slot 'huge'.shape must take at most");
    }

    @Test
    void close_ofAReader_closesItsStatementAndKeepsTheConnection() throws Exception {
        QueryDefinition definition = new QueryDefinition(
                file, "SELECT 1", ROWS, List.of(QuerySlot.numbers("a", DType.FLOAT32, "a")), List.of());
        try (ReadPool pool = new ReadPool(file, Access.READ, 1)) {
            QueryReader reader = new QueryReader(pool.lease(), definition);
            assertThat(reader.read(new long[] {70})).hasSize(1);
            reader.close();
            assertThat(reader.statement().isClosed()).isTrue();
            try (ReadPool.Lease lease = pool.lease()) {
                assertThat(lease.database().queryLong("SELECT count(*) FROM sample"))
                        .isEqualTo(SAMPLES);
            }
        }
    }

    @Test
    void build_rowsThatLoseAnId_isRefused() {
        assertThatThrownBy(() -> QueryDataset.builder()
                        .setDatabase(file)
                        .setIds("SELECT 5")
                        .setRows("SELECT position, a FROM batch_ids JOIN sample USING (id)")
                        .addData(QuerySlot.numbers("a", DType.FLOAT32, "a"))
                        .setSampling(1, false)
                        .build())
                .hasMessageContaining("expected a row for id 5, found none");
    }

    @Test
    void build_queryThatWrites_isRefused() {
        assertThatThrownBy(() -> builder()
                        .setIds("DELETE FROM sample RETURNING id")
                        .addData(QuerySlot.numbers("a", DType.FLOAT32, "a"))
                        .build())
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContaining("ids must be one SELECT");
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM sample")).isEqualTo(SAMPLES);
        }
    }

    private void readAll(NDManager manager, QuerySlot slot) throws Exception {
        try (QueryDataset dataset = builder().addData(slot).build()) {
            dataset.getData(manager).forEach(Batch::close);
        }
    }
}
