package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.SequenceSampler;
import dev.millrace.graph.Graph;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which samples a dataset gives, in which order, as which arrays. */
class SqliteDatasetTest {
    private static final int COUNT = 250;
    private static final int BATCH = 16;

    @TempDir
    static Path folder;

    private static Path file = Path.of("");

    @BeforeAll
    static void write() {
        file = GraphFile.write(folder.resolve("graphs.db"), COUNT);
    }

    @Test
    void getData_anyNumberOfLoaderThreads_givesTheSeededOrder() throws Exception {
        SeededSampler sampler = new SeededSampler(7, BATCH, true, false);
        for (int threads : new int[] {0, 1, 2, 4}) {
            try (GraphFileDataset dataset = shuffled(threads)) {
                for (int epoch = 0; epoch < 3; epoch++) {
                    List<List<Long>> expected = new ArrayList<>();
                    for (long batch = 0; batch < sampler.batchCount(COUNT); batch++) {
                        expected.add(IntStream.of(sampler.batch(COUNT, epoch, batch))
                                .mapToObj(GraphFile::id)
                                .toList());
                    }
                    assertThat(Epochs.ids(dataset)).as(threads + " threads").isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void getData_oneEpoch_visitsEverySampleOnceAndTheNextInAnotherOrder() throws Exception {
        try (GraphFileDataset dataset = shuffled(2)) {
            List<Long> first = Epochs.flat(Epochs.ids(dataset));
            List<Long> second = Epochs.flat(Epochs.ids(dataset));

            assertThat(first).hasSize(COUNT).doesNotHaveDuplicates().isNotEqualTo(second);
            assertThat(new HashSet<>(first)).isEqualTo(new HashSet<>(second));
        }
    }

    @Test
    void setNextEpoch_batchInTheMiddle_goesOnAsIfNeverStopped() throws Exception {
        try (GraphFileDataset whole = shuffled(1);
                GraphFileDataset resumed = shuffled(2)) {
            Epochs.ids(whole);
            List<List<Long>> second = Epochs.ids(whole);
            List<List<Long>> third = Epochs.ids(whole);

            for (int batch : new int[] {0, 1, 7, second.size() - 1, second.size()}) {
                resumed.setNextEpoch(1, batch);
                assertThat(Epochs.ids(resumed)).isEqualTo(second.subList(batch, second.size()));
                assertThat(Epochs.ids(resumed)).isEqualTo(third);
            }
            assertThat(resumed.digest()).isEqualTo(whole.digest());
        }
    }

    @Test
    void setSampling_dropLast_leavesOutTheBatchThatIsNotFull() throws Exception {
        try (GraphFileDataset dataset =
                GraphFileDataset.builder(file).setSampling(BATCH, true, true).build()) {
            List<List<Long>> batches = Epochs.ids(dataset);

            assertThat(batches).hasSize(COUNT / BATCH).allMatch(batch -> batch.size() == BATCH);
            assertThat(dataset.batchesPerEpoch()).isEqualTo(COUNT / BATCH);
        }
        try (GraphFileDataset dataset = shuffled(1)) {
            assertThat(dataset.batchesPerEpoch()).isEqualTo(COUNT / BATCH + 1);
        }
    }

    @Test
    void setSampling_batchLargerThanTheSplit_givesOneBatch() throws Exception {
        try (GraphFileDataset dataset =
                GraphFileDataset.builder(file).setSampling(1000, false).build()) {
            List<List<Long>> batches = Epochs.ids(dataset);
            assertThat(batches).hasSize(1);
            assertThat(batches.get(0)).hasSize(COUNT).isSorted();
        }
    }

    @Test
    void optSplit_eachSplit_givesItsRowsOnly() throws Exception {
        Set<Long> seen = new HashSet<>();
        for (Split split : new Split[] {Split.TRAIN, Split.VALIDATION, Split.TEST}) {
            try (GraphFileDataset dataset = GraphFileDataset.builder(file)
                    .setSampling(BATCH, false)
                    .optSplit(split)
                    .build()) {
                List<Long> ids = Epochs.flat(Epochs.ids(dataset));
                assertThat(ids).hasSize(split == Split.TRAIN ? 200 : 25).isSorted();
                assertThat(dataset.size()).isEqualTo(ids.size());
                assertThat(dataset.id(0)).isEqualTo(ids.get(0));
                ids.forEach(id -> assertThat(seen.add(id)).isTrue());
            }
        }
        assertThat(seen).hasSize(COUNT);
    }

    @Test
    void optLimit_fewerSamples_givesThatMany() throws Exception {
        try (GraphFileDataset dataset = GraphFileDataset.builder(file)
                .setSampling(BATCH, true)
                .optLimit(50)
                .build()) {
            assertThat(Epochs.flat(Epochs.ids(dataset)))
                    .hasSize(50)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> id <= GraphFile.id(49));
        }
    }

    @Test
    void getData_samplerOfDjl_isFollowed() throws Exception {
        try (GraphFileDataset dataset = GraphFileDataset.builder(file)
                .setSampling(new BatchSampler(new SequenceSampler(), 100, false))
                .optLoaderThreads(2)
                .build()) {
            List<List<Long>> batches = Epochs.ids(dataset);
            assertThat(batches.stream().map(List::size)).containsExactly(100, 100, 50);
            assertThat(Epochs.flat(batches)).isSorted().hasSize(COUNT);
            assertThat(dataset.batchesPerEpoch()).isEqualTo(3);
        }
    }

    @Test
    void getData_oneBatch_hasTheDocumentedArrays() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset =
                        GraphFileDataset.builder(file).setSampling(BATCH, false).build()) {
            Batch batch = dataset.getData(manager).iterator().next();
            List<Graph> graphs =
                    Epochs.ids(batch).stream().map(GraphFile::graph).toList();
            long nodes = graphs.stream().mapToInt(Graph::nodeCount).sum();
            long edges = graphs.stream().mapToInt(Graph::edgeCount).sum();

            NDList data = batch.getData();
            assertThat(data.getShapes())
                    .containsExactly(
                            new Shape(nodes, GraphFile.NODE_WIDTH),
                            new Shape(2, edges),
                            new Shape(edges, GraphFile.EDGE_WIDTH),
                            new Shape(nodes),
                            new Shape(BATCH));
            assertThat(data.get(4).toLongArray())
                    .isEqualTo(graphs.stream().mapToLong(Graph::nodeCount).toArray());
            assertThat(data.get(0).toFloatArray()[5])
                    .isEqualTo(graphs.get(0).nodeFeatures().toFloats()[5]);
            assertThat(batch.getSize()).isEqualTo(BATCH);
            assertThat(batch.getProgress()).isEqualTo(BATCH);
            assertThat(batch.getProgressTotal()).isEqualTo(COUNT);
            batch.close();
        }
    }

    @Test
    void get_oneSample_equalsItsBatch() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = shuffled(1)) {
            Record record = dataset.get(manager, 17);
            assertThat(record.getLabels().get(0).toFloatArray())
                    .isEqualTo(GraphFile.target(GraphFile.id(17)).toFloats());
            assertThat(record.getData().get(1).toLongArray())
                    .isEqualTo(GraphFile.graph(GraphFile.id(17)).edgeIndex().toLongs());
        }
    }

    /* PyTorch Geometric's on-disk dataset returns rows of other samples here. */
    @Test
    void randomSplit_parts_areDisjointBatchedAndHaveTheRightRows() throws Exception {
        try (GraphFileDataset dataset = shuffled(2)) {
            RandomAccessDataset[] parts = dataset.randomSplit(8, 2);
            List<List<Long>> first = Epochs.ids(parts[0]);
            List<List<Long>> second = Epochs.ids(parts[1]);

            assertThat(Epochs.flat(first)).hasSize(200);
            assertThat(first.subList(0, first.size() - 1)).allMatch(batch -> batch.size() == BATCH);
            assertThat(Epochs.flat(second)).hasSize(50).doesNotContainAnyElementsOf(Epochs.flat(first));
            Set<Long> all = new HashSet<>(Epochs.flat(first));
            all.addAll(Epochs.flat(second));
            assertThat(all).hasSize(COUNT);
            assertThat(Epochs.ids(parts[0])).as("the next epoch").isNotEqualTo(first);
            assertRightTensors(parts[1]);
        }
    }

    @Test
    void subDataset_rangeOrList_hasThoseRows() throws Exception {
        try (GraphFileDataset dataset =
                GraphFileDataset.builder(file).setSampling(BATCH, false).build()) {
            assertThat(Epochs.flat(Epochs.ids(dataset.subDataset(30, 70))))
                    .isEqualTo(IntStream.range(30, 70).mapToObj(GraphFile::id).toList());
            RandomAccessDataset chosen = dataset.subDataset(List.of(200L, 3L, 3L, 99L));
            assertThat(Epochs.flat(Epochs.ids(chosen)))
                    .containsExactly(GraphFile.id(200), GraphFile.id(3), GraphFile.id(3), GraphFile.id(99));
            assertThat(chosen.size()).isEqualTo(4);
            RandomAccessDataset nested = chosen.subDataset(List.of(3L, 0L));
            assertThat(Epochs.flat(Epochs.ids(nested))).containsExactly(GraphFile.id(99), GraphFile.id(200));
            assertThat(((SqliteDataset<?>) chosen).digest())
                    .isNotEqualTo(((SqliteDataset<?>) nested).digest())
                    .isNotEqualTo(dataset.digest());
        }
    }

    @Test
    void randomSplit_partsIteratedSideBySide_haveConnectionsEnough() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = shuffled(4)) {
            List<Iterator<Batch>> epochs = new ArrayList<>();
            for (RandomAccessDataset part : dataset.randomSplit(4, 3, 3)) {
                epochs.add(part.getData(manager).iterator());
            }
            epochs.add(dataset.getData(manager).iterator());
            int samples = 0;
            while (epochs.stream().anyMatch(Iterator::hasNext)) {
                for (Iterator<Batch> epoch : epochs) {
                    if (epoch.hasNext()) {
                        Batch batch = epoch.next();
                        samples += batch.getSize();
                        batch.close();
                    }
                }
            }
            assertThat(samples).isEqualTo(2 * COUNT);
        }
    }

    @Test
    void digest_otherSeedSplitOrBatch_differs() {
        Set<String> digests = new HashSet<>();
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST, Split.ALL)) {
            for (long seed : new long[] {1, 2}) {
                for (int size : new int[] {8, 16}) {
                    try (GraphFileDataset dataset = GraphFileDataset.builder(file)
                            .optSeed(seed)
                            .setSampling(size, true)
                            .optSplit(split)
                            .build()) {
                        assertThat(digests.add(dataset.digest())).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void getData_severalBatchesReadTogether_haveTheRowsOfTheirOwn() throws Exception {
        try (GraphFileDataset alone = shuffled(0);
                GraphFileDataset together = shuffled(1)) {
            assertThat(Epochs.ids(together)).isEqualTo(Epochs.ids(alone));
            assertRightTensors(together);
            assertThat(alone.reads()).isEqualTo(alone.batchesPerEpoch());
            assertThat(together.reads()).isLessThan(2 * together.batchesPerEpoch());
        }
    }

    @Test
    void getData_damagedRowAmongBatchesReadTogether_isAnErrorOfItsOwnBatch() throws Exception {
        Path damaged = Files.copy(file, folder.resolve("damaged-in-a-run.db"));
        int position = 100;
        try (Database database = Database.open(damaged, Access.BUILD)) {
            database.execute("UPDATE targets SET row_crc = row_crc + 1 WHERE graph_id = " + GraphFile.id(position));
        }
        int batchSize = 8;
        try (GraphFileDataset dataset = GraphFileDataset.builder(damaged)
                        .optSplit(Split.TRAIN)
                        .setSampling(batchSize, false)
                        .build();
                NDManager manager = NDManager.newBaseManager()) {
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            for (int batch = 0; batch < position / batchSize; batch++) {
                batches.next().close();
            }

            assertThatThrownBy(batches::next)
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("graph_id=" + GraphFile.id(position));
        }
    }

    @Test
    void optSeed_beforeOrAfterSetSampling_isTheSame() {
        try (GraphFileDataset before = GraphFileDataset.builder(file)
                        .optSeed(5)
                        .setSampling(8, true)
                        .build();
                GraphFileDataset after = GraphFileDataset.builder(file)
                        .setSampling(8, true)
                        .optSeed(5)
                        .build()) {
            assertThat(before.digest()).isEqualTo(after.digest());
        }
    }

    @Test
    void builder_nonsense_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphFileDataset.builder(file).setSampling(0, true))
                .withMessageContaining("batch size ≥ 1, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphFileDataset.builder(file).optLoaderThreads(-1))
                .withMessageContaining("found -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphFileDataset.builder(file).optDevice(ai.djl.Device.cpu()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Split.parse("dev"))
                .withMessageContaining("train, val, test, test-dev, test-challenge or all, found 'dev'");
        assertThat(Split.parse(" Validation ")).isEqualTo(Split.VALIDATION);
        assertThat(Split.parse("test_dev")).isEqualTo(Split.TEST_DEV);
        assertThat(Split.parse("test-challenge")).isEqualTo(Split.TEST_CHALLENGE);
    }

    private static void assertRightTensors(RandomAccessDataset dataset) throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                int row = 0;
                for (long id : Epochs.ids(batch)) {
                    assertThat(batch.getLabels().get(0).get(row).toFloatArray())
                            .isEqualTo(GraphFile.target(id).toFloats());
                    assertThat(batch.getData().get(4).getLong(row++))
                            .isEqualTo(GraphFile.graph(id).nodeCount());
                }
                batch.close();
            }
        }
    }

    private static GraphFileDataset shuffled(int threads) {
        return GraphFileDataset.builder(file)
                .setSampling(BATCH, true)
                .optSeed(7)
                .optLoaderThreads(threads)
                .build();
    }
}
