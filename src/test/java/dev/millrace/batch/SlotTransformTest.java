package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotTransformTest {
    private static final int SAMPLES = 50;

    @TempDir
    Path folder;

    private Path file;

    /** Sample i has id 10 i, name "n{i}", a = i, b = i / 2, data = i bytes 7; the name of sample 3 is NULL. */
    @BeforeEach
    void writeTable() {
        file = folder.resolve("own.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "CREATE TABLE sample (id INTEGER PRIMARY KEY, name TEXT, a INTEGER, b REAL, data BLOB)",
                    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " + (SAMPLES - 1) + ")"
                            + " INSERT INTO sample (id, name, a, b, data) SELECT 10 * i, 'n' || i, i, i / 2.0,"
                            + " unhex(substr(replace(hex(zeroblob(50)), '00', '07'), 1, 2 * i)) FROM n",
                    "UPDATE sample SET name = NULL WHERE id = 30");
        }
    }

    private QueryDataset.Builder builder(QuerySlot slot) {
        return QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM sample ORDER BY id")
                .setRows("SELECT position, name, a, b, data, id AS own_id FROM batch_ids JOIN sample USING (id)")
                .addData(slot)
                .setSampling(8, false);
    }

    private static QuerySlot slot(DType type, List<Integer> shape, RowTransform transform, String... columns) {
        return QuerySlot.computed("x", type, shape, SlotTransform.perRow("test-1", transform), columns);
    }

    @Test
    void getData_columnsOfEveryKind_reachTheTransformAsTheyAreStored() throws Exception {
        QuerySlot slot = slot(
                DType.FLOAT64,
                List.of(2, 2),
                (row, out) -> out.put(row.isNull(0) ? -1 : row.text(0).length())
                        .put(row.integer(1))
                        .put(row.real(2))
                        .put(row.bytes(3).length),
                "name",
                "a",
                "b",
                "data");
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder(slot).optLoaderThreads(3).build()) {
            List<Double> values = new ArrayList<>();
            for (Batch batch : dataset.getData(manager)) {
                assertThat(batch.getData().get(0).getShape()).isEqualTo(new Shape(batch.getSize(), 2, 2));
                for (double value : batch.getData().get(0).toDoubleArray()) {
                    values.add(value);
                }
                batch.close();
            }
            List<Double> expected = new ArrayList<>();
            for (int i = 0; i < SAMPLES; i++) {
                expected.addAll(List.of(i == 3 ? -1.0 : ("n" + i).length(), (double) i, i / 2.0, (double) i));
            }
            assertThat(values).isEqualTo(expected);
        }
    }

    @Test
    void getData_everyType_holdsItsExtremesExactly() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset longs = builder(slot(
                                DType.INT64,
                                List.of(2),
                                (row, out) -> out.put(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}),
                                "a"))
                        .build();
                QueryDataset doubles = builder(slot(
                                DType.FLOAT64,
                                List.of(3),
                                (row, out) -> out.put(new double[] {-0.0, Double.NaN, Double.MIN_VALUE}),
                                "a"))
                        .build();
                QueryDataset floats = builder(slot(
                                DType.FLOAT32,
                                List.of(2),
                                (row, out) -> out.put(new float[] {Float.MIN_VALUE, Float.NEGATIVE_INFINITY}),
                                "a"))
                        .build();
                QueryDataset flags = builder(slot(
                                DType.BOOLEAN,
                                List.of(2),
                                (row, out) -> out.put(true).put(false),
                                "a"))
                        .build()) {
            assertThat(longs.get(manager, 4).getData().get(0).toLongArray())
                    .containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
            assertThat(doubles.get(manager, 4).getData().get(0).toDoubleArray())
                    .containsExactly(-0.0, Double.NaN, Double.MIN_VALUE);
            assertThat(floats.get(manager, 4).getData().get(0).toFloatArray())
                    .containsExactly(Float.MIN_VALUE, Float.NEGATIVE_INFINITY);
            assertThat(flags.get(manager, 4).getData().get(0).toBooleanArray()).containsExactly(true, false);
        }
    }

    @Test
    void getData_nullWithAFill_isFilledAndNotComputed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        QuerySlot slot = slot(
                DType.INT32,
                List.of(2),
                (row, out) -> {
                    calls.incrementAndGet();
                    out.put(row.text(0).length()).put(1);
                },
                "name");
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder(slot.filledWith(-5)).build()) {
            calls.set(0);
            Batch batch = dataset.getData(manager).iterator().next();
            assertThat(batch.getData().get(0).toIntArray())
                    .containsExactly(2, 1, 2, 1, 2, 1, -5, -5, 2, 1, 2, 1, 2, 1, 2, 1);
            batch.close();
        }
        assertThat(calls.get()).isPositive();
        assertThatThrownBy(() -> readAll(slot))
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContainingAll("expected TEXT", "found NULL", "slot 'x'", "id 30", "transform test-1");
    }

    @Test
    void getData_transformThatFails_namesRowSlotAndTransformWithTheCause() {
        QuerySlot slot = slot(
                DType.FLOAT32,
                List.of(),
                (row, out) -> {
                    if (row.integer(0) == 17) {
                        throw new IllegalStateException("no such thing");
                    }
                    out.put(1);
                },
                "a");
        assertThatThrownBy(() -> readAll(slot))
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContainingAll(
                        "no such thing", "slot 'x'", "column a", "id 170", "transform test-1", "own.db")
                .hasRootCauseMessage("no such thing");
    }

    @Test
    void build_resultThatDoesNotFit_isRefusedInWords() {
        assertThatThrownBy(() -> readAll(slot(DType.FLOAT32, List.of(3), (row, out) -> out.put(1), "a")))
                .hasMessageContainingAll("expected 3 elements for shape [3], found 1", "id 0");
        assertThatThrownBy(() -> readAll(slot(DType.FLOAT32, List.of(3), (row, out) -> out.put(new float[4]), "a")))
                .hasMessageContaining("expected 3 elements for shape [3], found more");
        assertThatThrownBy(() -> readAll(slot(DType.UINT8, List.of(), (row, out) -> out.put(256), "a")))
                .hasMessageContaining("expected 0..255 for UINT8, found 256");
        assertThatThrownBy(() -> readAll(slot(DType.INT32, List.of(), (row, out) -> out.put(0.5), "a")))
                .hasMessageContaining("expected an integer for INT32, found 0.5");
        assertThatThrownBy(() -> readAll(slot(DType.BOOLEAN, List.of(), (row, out) -> out.putRaw(new byte[] {2}), "a")))
                .hasMessageContaining("expected 0..1 for BOOLEAN, found 2");
        assertThatThrownBy(() -> readAll(slot(DType.INT32, List.of(), (row, out) -> out.put(row.integer(0)), "name")))
                .hasMessageContaining("expected an INTEGER in column 0, found TEXT");
    }

    @Test
    void build_batchTransformThatMiscounts_isRefusedInWords() {
        assertThatThrownBy(() -> readAll(QuerySlot.computed("x", DType.INT8, List.of(2), batched(List.of()), "a")))
                .hasMessageContainingAll("expected 1 arrays", "found 0", "transform batched");
        assertThatThrownBy(() ->
                        readAll(QuerySlot.computed("x", DType.INT8, List.of(2), batched(List.of(new byte[3])), "a")))
                .hasMessageContainingAll("expected 2 bytes for INT8[2], found 3", "id 0");
    }

    @Test
    void build_slotsThatAreNoTransforms_areFaultsLikeAnyOther() {
        assertThatThrownBy(() -> builder(QuerySlot.computed(
                                "x", DType.INT8, List.of(), SlotTransform.perRow(" ", (row, out) -> out.put(1))))
                        .build())
                .hasMessageContainingAll("2 problems", "columns must be at least one", "must have a fingerprint");
        assertThatThrownBy(() -> QuerySlot.Encoding.parse("computed")).hasMessageContaining("found 'computed'");
    }

    @Test
    void digest_dependsOnTheFingerprintAndNotOnTheObject() {
        QuerySlot stored = QuerySlot.numbers("a", DType.INT32, "a");
        assertThat(stored)
                .hasToString("QuerySlot[name=a, columns=[a], type=INT32, shape=[], encoding=NUMBER, fill=null]");
        assertThat(digest("one")).isEqualTo(digest("one")).isNotEqualTo(digest("two"));
    }

    private String digest(String fingerprint) {
        SlotTransform transform = SlotTransform.perRow(fingerprint, (row, out) -> out.put(1));
        try (QueryDataset dataset = builder(QuerySlot.computed("x", DType.INT8, List.of(), transform, "a"))
                .build()) {
            return dataset.digest();
        }
    }

    private static SlotTransform batched(List<byte[]> result) {
        return new SlotTransform() {
            @Override
            public String fingerprint() {
                return "batched";
            }

            @Override
            public List<byte[]> apply(SlotRows rows) {
                return result;
            }
        };
    }

    private void readAll(QuerySlot slot) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = builder(slot).build()) {
            dataset.getData(manager).forEach(Batch::close);
        }
    }
}
