package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import dev.millrace.build.PublishedFile;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SmallDisk;
import dev.millrace.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetExportTest {
    private static final int SAMPLES = 50;

    @TempDir
    Path folder;

    private Path database() {
        Path file = folder.resolve("graphs.db");
        return Files.exists(file) ? file : GraphFile.write(file, SAMPLES);
    }

    private GraphFileDataset dataset() {
        return GraphFileDataset.builder(database()).setSampling(8, true).build();
    }

    @Test
    void npz_graphsOverSeveralBatches_isTheirUnionInOrder() throws Exception {
        Path file = folder.resolve("graphs.npz");
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset()) {
            DatasetExport.Summary summary =
                    new DatasetExport(dataset).optBatchSize(7).npz(file);

            Map<String, NpzReader.Array> found = NpzReader.read(file);
            assertThat(summary.samples()).isEqualTo(SAMPLES);
            assertThat(summary.arrays())
                    .extracting(DatasetExport.Array::name)
                    .containsExactlyElementsOf(found.keySet());
            assertThat(summary.arrays())
                    .extracting(DatasetExport.Array::shape)
                    .containsExactlyElementsOf(
                            found.values().stream().map(NpzReader.Array::shape).toList());
            long[] nodes = found.get("node_offsets").longs();
            long[] edges = found.get("edge_offsets").longs();
            long[] ends = found.get("edge_index").longs();
            int edgeCount = ends.length / 2;
            assertThat(nodes).hasSize(SAMPLES + 1).startsWith(0);
            assertThat(edges).hasSize(SAMPLES + 1).startsWith(0);
            assertThat(found.get("node_feat").shape()).containsExactly(nodes[SAMPLES], (long) GraphFile.NODE_WIDTH);
            assertThat(found.get("edge_index").shape()).containsExactly(2L, edges[SAMPLES]);
            for (int i = 0; i < SAMPLES; i++) {
                NDList own = dataset.get(manager, i).getData();
                int from = (int) edges[i];
                int to = (int) edges[i + 1];
                long first = nodes[i];
                assertThat(found.get("ids").longs()[i]).isEqualTo(GraphFile.id(i));
                assertThat(found.get("node_feat").rows(nodes[i], nodes[i + 1])).isEqualTo(bytes(own.get(0)));
                assertThat(Arrays.stream(ends, from, to).map(end -> end - first).toArray())
                        .isEqualTo(Arrays.copyOf(own.get(1).toLongArray(), to - from));
                assertThat(Arrays.stream(ends, edgeCount + from, edgeCount + to)
                                .map(end -> end - first)
                                .toArray())
                        .isEqualTo(Arrays.copyOfRange(own.get(1).toLongArray(), to - from, 2 * (to - from)));
                assertThat(found.get("edge_feat").rows(from, to)).isEqualTo(bytes(own.get(2)));
                assertThat(found.get("label_0").rows(i, i + 1))
                        .isEqualTo(bytes(dataset.get(manager, i).getLabels().get(0)));
            }
        }
    }

    @Test
    void npz_otherBatchesOrderAndThreads_makesTheSameBytes() throws IOException {
        Path one = folder.resolve("one.npz");
        Path other = folder.resolve("other.npz");
        try (GraphFileDataset shuffled = dataset();
                GraphFileDataset ordered = GraphFileDataset.builder(database())
                        .setSampling(3, false, true)
                        .optLoaderThreads(2)
                        .optRank(1, 2, Remainder.DROP)
                        .build()) {
            new DatasetExport(shuffled).npz(one);
            new DatasetExport(ordered).optBatchSize(1).npz(other);
        }

        assertThat(other).hasSameBinaryContentAs(one);
    }

    @Test
    void npz_amidAnEpoch_disturbsNeitherItNorTheNext() throws Exception {
        List<List<Long>> expected = new ArrayList<>();
        try (GraphFileDataset dataset = dataset()) {
            expected.addAll(Epochs.ids(dataset));
            expected.addAll(Epochs.ids(dataset));
        }
        List<List<Long>> found = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset()) {
            for (Iterator<Batch> epoch = dataset.getData(manager).iterator(); epoch.hasNext(); ) {
                try (Batch batch = epoch.next()) {
                    found.add(Epochs.ids(batch));
                }
                new DatasetExport(dataset).optLimit(9).npz(folder.resolve("some.npz"));
            }
            found.addAll(Epochs.ids(dataset));
        }

        assertThat(found).isEqualTo(expected);
    }

    @Test
    void npz_subsetOfADataset_hasItsSamplesOnly() throws Exception {
        Path file = folder.resolve("subset.npz");
        try (GraphFileDataset dataset = dataset()) {
            new DatasetExport(dataset.subDataset(List.of(7L, 3L, 7L)))
                    .optArrays(List.of("label_0"))
                    .npz(file);
        }

        assertThat(NpzReader.read(file)).containsOnlyKeys("ids", "label_0");
        assertThat(NpzReader.read(file).get("ids").longs())
                .containsExactly(GraphFile.id(7), GraphFile.id(3), GraphFile.id(7));
    }

    @Test
    void npz_everyType_isWhatDjlDecodes() throws Exception {
        Path file = folder.resolve("types.npz");
        List<DataType> types = List.of(
                DataType.FLOAT32,
                DataType.FLOAT64,
                DataType.FLOAT16,
                DataType.UINT8,
                DataType.INT8,
                DataType.INT32,
                DataType.INT64,
                DataType.BOOLEAN);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray numbers = manager.arange(0f, 30f).reshape(5, 3, 2);
            NDArray[] arrays =
                    types.stream().map(type -> numbers.toType(type, true)).toArray(NDArray[]::new);
            ArrayDataset dataset = new ArrayDataset.Builder()
                    .setData(arrays)
                    .optLabels(manager.arange(5))
                    .setSampling(2, true)
                    .build();
            new DatasetExport(dataset).optBatchSize(2).npz(file);

            try (InputStream stream = Files.newInputStream(file)) {
                NDList decoded = NDList.decode(manager, stream);
                assertThat(decoded.get("ids").toLongArray()).containsExactly(0, 1, 2, 3, 4);
                for (int i = 0; i < arrays.length; i++) {
                    NDArray found = decoded.get("data_" + i);
                    assertThat(found.getDataType()).isEqualTo(types.get(i));
                    assertThat(found.getShape()).isEqualTo(new Shape(5, 3, 2));
                    assertThat(bytes(found)).isEqualTo(bytes(arrays[i]));
                }
                assertThat(decoded.get("label_0").toIntArray()).containsExactly(0, 1, 2, 3, 4);
            }
        }
    }

    @Test
    void npz_noSamples_keepsTheShapesOfRows() throws IOException {
        Path file = folder.resolve("none.npz");
        try (GraphFileDataset dataset = dataset()) {
            new DatasetExport(dataset).optLimit(0).npz(file);
        }

        Map<String, NpzReader.Array> found = NpzReader.read(file);
        assertThat(found.get("node_feat").shape()).containsExactly(0L, (long) GraphFile.NODE_WIDTH);
        assertThat(found.get("edge_index").shape()).containsExactly(2L, 0L);
        assertThat(found.get("edge_feat").shape()).containsExactly(0L, (long) GraphFile.EDGE_WIDTH);
        assertThat(found.get("label_0").shape()).containsExactly(0L, (long) GraphFile.TARGET_WIDTH);
        assertThat(found.get("node_offsets").longs()).containsExactly(0);
    }

    @Test
    void npz_damagedRow_leavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("old.npz"), "old");
        Path database = database();
        try (Database open = Database.open(database, Access.LIVE)) {
            open.execute("UPDATE targets SET row_crc = row_crc + 1 WHERE graph_id = " + GraphFile.id(40));
        }
        try (GraphFileDataset dataset = dataset()) {
            assertThatThrownBy(() -> new DatasetExport(dataset).optBatchSize(4).npz(file))
                    .isInstanceOf(CorruptDatabaseException.class);
        }

        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list((any, name) -> !name.startsWith("graphs.db")))
                .containsExactly("old.npz");
    }

    @Test
    void npz_interruptedThread_endsWithoutAFile() {
        Path file = folder.resolve("interrupted.npz");
        try (GraphFileDataset dataset = dataset()) {
            DatasetExport export = new DatasetExport(dataset).optBatchSize(5).optProgress(done -> {
                if (done >= 20) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThatThrownBy(() -> export.npz(file)).isInstanceOf(InterruptedIOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(folder.toFile().list()).containsExactly("graphs.db");
    }

    @Test
    void npz_fullDisk_saysSoAndLeavesNothing() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"));
                NDManager manager = NDManager.newBaseManager()) {
            Path file = disk.folder().resolve("large.npz");
            ArrayDataset dataset = new ArrayDataset.Builder()
                    .setData(manager.zeros(new Shape(3_000, 500)))
                    .setSampling(1, false)
                    .build();

            assertThatThrownBy(() -> new DatasetExport(dataset).npz(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Cannot write " + file)
                    .hasMessageContaining("Free some space");
            assertThat(disk.folder()).isEmptyDirectory();
        }
    }

    @Test
    void npz_arraysThatCannotBe_areRefusedByName() throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset()) {
            Path file = folder.resolve("refused.npz");
            assertThatThrownBy(() -> new DatasetExport(dataset)
                            .optArrays(List.of("edge_feat", "spectrum"))
                            .npz(file))
                    .isInstanceOf(ExportRefusedException.class)
                    .hasMessage(
                            "Cannot export spectrum: expected arrays among node_feat, edge_index, edge_feat, label_0.");
            assertThatThrownBy(() -> new DatasetExport(dataset).npz(folder.resolve("a.npz.gz")))
                    .isInstanceOf(ExportRefusedException.class);
            for (String name : List.of("ids", "a/b", "a\nb", " ")) {
                assertThatThrownBy(() -> new DatasetExport(named(manager, name)).npz(file))
                        .as(name)
                        .isInstanceOf(ExportRefusedException.class)
                        .hasMessageContaining(name);
            }
            assertThatThrownBy(() -> new DatasetExport(named(manager, "x", "x")).npz(file))
                    .isInstanceOf(ExportRefusedException.class)
                    .hasMessageContaining("two arrays named 'x'");
            assertThatThrownBy(() ->
                            new DatasetExport(named(manager, "x")).optLimit(0).npz(file))
                    .isInstanceOf(ExportRefusedException.class);
        }
        assertThat(folder.toFile().list()).containsExactly("graphs.db");
    }

    /** Two samples of one number under each name. */
    private ArrayDataset named(NDManager manager, String... names) {
        NDArray[] arrays = Arrays.stream(names)
                .map(name -> NdArrays.named(name, manager.zeros(new Shape(2))))
                .toArray(NDArray[]::new);
        return new NamedDataset(new ArrayDataset.Builder().setData(arrays).setSampling(2, false));
    }

    /** DJL loses the names of arrays when it cuts them into samples. */
    private static final class NamedDataset extends ArrayDataset {
        NamedDataset(ArrayDataset.Builder builder) {
            super(builder);
        }

        @Override
        public Iterable<Batch> getData(
                NDManager manager,
                ai.djl.training.dataset.Sampler any,
                java.util.concurrent.@org.jspecify.annotations.Nullable ExecutorService executor) {
            NDManager own = manager.newSubManager();
            NDList copies = new NDList();
            for (NDArray array : data) {
                NDArray copy = array.duplicate();
                copy.attach(own);
                copies.add(NdArrays.named(array.getName(), copy));
            }
            return List.of(new Batch(own, copies, new NDList(), 2, null, null, 2, 2));
        }
    }

    @Test
    void csv_numbersOfEveryType_areReadBackTheSame() throws Exception {
        Path file = folder.resolve("numbers.csv.gz");
        try (QueryDataset dataset = query(List.of(
                QuerySlot.numbers("x", DType.FLOAT32, "a"),
                QuerySlot.numbers("pair, \"quoted\"", DType.FLOAT64, "a", "b"),
                QuerySlot.array("grid", "grid", QuerySlot.Encoding.JSON, DType.INT32, 2, 2),
                QuerySlot.numbers("code", DType.UINT8, "code"),
                QuerySlot.numbers("flag", DType.BOOLEAN, "flag")))) {
            DatasetExport.Summary summary =
                    new DatasetExport(dataset).optBatchSize(1).csv(file);
            assertThat(summary.arrays().get(2))
                    .isEqualTo(new DatasetExport.Array("grid", "int32", List.of(2L, 2L, 2L)));

            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            new DatasetExport(dataset).csv(stream);
            String text = stream.toString(StandardCharsets.UTF_8);
            try (InputStream packed = new GZIPInputStream(Files.newInputStream(file))) {
                assertThat(new String(packed.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(text);
            }
            assertThat(text.lines())
                    .containsExactly(
                            "id,x,\"pair, \"\"quoted\"\"_0\",\"pair, \"\"quoted\"\"_1\",grid_0_0,grid_0_1,grid_1_0,grid_1_1,code,flag",
                            "-5,0.1,0.1,1.0E-300,1,2,3,-4,255,1",
                            "9007199254740993,3.0,3.0,0.3333333333333333,0,0,0,0,0,0");
        }
    }

    @Test
    void csv_graphs_areRefusedUnlessLeftOut() throws IOException {
        Path file = folder.resolve("graphs.csv");
        try (GraphFileDataset dataset = dataset()) {
            assertThatThrownBy(() -> new DatasetExport(dataset).csv(file))
                    .isInstanceOf(ExportRefusedException.class)
                    .hasMessage(
                            "Cannot write node_feat, edge_index, edge_feat to CSV: every sample has another number of"
                                    + " nodes and edges. Write NPZ, or leave them out: choose among label_0.");
            assertThat(file).doesNotExist();

            new DatasetExport(dataset).optArrays(List.of("label_0")).csv(file);
            assertThat(Files.readAllLines(file)).hasSize(SAMPLES + 1).allMatch(line -> line.split(",").length == 41);
        }
    }

    @Test
    void csv_columnsOfOneName_areRefused() {
        try (QueryDataset dataset = query(List.of(
                QuerySlot.numbers("a", DType.FLOAT32, "a", "b"), QuerySlot.numbers("a_1", DType.FLOAT32, "a")))) {
            assertThatThrownBy(() -> new DatasetExport(dataset).csv(folder.resolve("twice.csv")))
                    .isInstanceOf(ExportRefusedException.class)
                    .hasMessageContaining("two columns named 'a_1'");
        }
    }

    private QueryDataset query(List<QuerySlot> slots) {
        Path file = folder.resolve("own.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "CREATE TABLE t (id INTEGER PRIMARY KEY, a REAL, b REAL, grid TEXT, code INTEGER, flag INTEGER)",
                    "INSERT INTO t (id, a, b, grid, code, flag) VALUES (-5, 0.1, 1e-300, '[[1, 2], [3, -4]]', 255, 1),"
                            + " (9007199254740993, 3, 1.0 / 3, '[0, 0, 0, 0]', 0, 0)");
        }
        QueryDataset.Builder builder = QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM t ORDER BY id")
                .setRows("SELECT position, a, b, grid, code, flag FROM batch_ids JOIN t USING (id)")
                .setSampling(1, false);
        slots.forEach(builder::addData);
        return builder.build();
    }

    @Test
    void npzFile_placesBeyondTheLimit_useZip64() throws IOException {
        Path plain = folder.resolve("plain.npz");
        Path large = folder.resolve("large.npz");
        write(plain, Long.MAX_VALUE);
        write(large, 100);

        assertThat(Files.size(large)).isGreaterThan(Files.size(plain));
        assertThat(NpzReader.read(large)).usingRecursiveComparison().isEqualTo(NpzReader.read(plain));
        assertThat(NpzReader.read(large).get("b").longs()).containsExactly(1, 2, 3);
    }

    private static void write(Path file, long limit) throws IOException {
        try (PublishedFile target = PublishedFile.open(file)) {
            NpzFile npz = new NpzFile(target, limit);
            NpzFile.Entry a = npz.reserve("a", DataType.UINT8, 200);
            NpzFile.Entry b = npz.reserve("b", DataType.INT64, 3);
            b.append(ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 0, 0, 0, 0}));
            a.append(ByteBuffer.allocate(200));
            b.append(ByteBuffer.wrap(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}));
            npz.finish();
            target.publish();
        }
    }

    private static byte[] bytes(NDArray array) {
        ByteBuffer buffer = array.size() == 0 ? ByteBuffer.allocate(0) : array.toByteBuffer(true);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
