package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import dev.millrace.batch.MemoryLimitException;
import dev.millrace.batch.SampleChoiceContract;
import dev.millrace.batch.Split;
import dev.millrace.bench.LoaderBench;
import dev.millrace.graph.Graph;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One contract for every way to read: rows, blocks, and either of them kept in memory. */
class PcqmDatasetTest {
    private static final int COUNT = 1000;
    private static final int BATCH = 32;
    private static final PcqmFile MADE =
            PcqmFile.of(COUNT).unlabelledEach(37).withoutEdgeAttrEach(50).targets("homo_lumo_gap", "dipole");

    @TempDir
    static Path folder;

    private static Path rowFile = Path.of("");
    private static Path blockFile = Path.of("");

    enum Way {
        ROWS,
        BLOCKS,
        ROWS_IN_MEMORY,
        BLOCKS_IN_MEMORY;

        boolean inBlocks() {
            return this == BLOCKS || this == BLOCKS_IN_MEMORY;
        }

        PcqmDataset.Builder open() {
            return PcqmDataset.builder()
                    .setDatabase(inBlocks() ? blockFile : rowFile)
                    .optCacheInMemory(name().endsWith("MEMORY"));
        }
    }

    @BeforeAll
    static void write() {
        rowFile = MADE.write(folder.resolve("rows.db"));
        blockFile = MADE.blocks(16).write(folder.resolve("blocks.db"));
    }

    @ParameterizedTest
    @EnumSource
    void filterAndWeights_anyWay_chooseSamples(Way way) throws Exception {
        SampleChoiceContract.require(
                () -> way.open().optSplit(Split.TRAIN), PcqmDataset.Builder::build, "molecules", "idx");
    }

    @ParameterizedTest
    @EnumSource
    void optWeights_rowsAndBlocks_drawTheSameSamplesInAnotherOrder(Way way) throws Exception {
        String weights = "SELECT idx, num_atoms * num_atoms FROM molecules";
        try (PcqmDataset rows = Way.ROWS
                        .open()
                        .setSampling(BATCH, true)
                        .optWeights(weights)
                        .build();
                PcqmDataset found =
                        way.open().setSampling(BATCH, true).optWeights(weights).build()) {
            List<Long> expected = flat(ids(rows));
            assertThat(flat(ids(found))).hasSameSizeAs(expected).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(expected.stream().distinct().count()).isLessThan(rows.size());
        }
    }

    @Test
    void optCacheInMemory_filtered_keepsNoMoreThanItsSamples() {
        long limit = 64 * 1024;
        assertThatThrownBy(() -> PcqmDataset.builder()
                        .setDatabase(rowFile)
                        .optCacheInMemory(true, limit)
                        .setSampling(BATCH, true)
                        .build())
                .isInstanceOf(MemoryLimitException.class);
        try (PcqmDataset few = PcqmDataset.builder()
                .setDatabase(rowFile)
                .optCacheInMemory(true, limit)
                .optFilter(id -> id < 100)
                .setSampling(BATCH, true)
                .build()) {
            assertThat(few.size()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void getData_inOrder_givesTheSameBatchesAsRows(Way way) throws Exception {
        for (Split split : new Split[] {Split.TRAIN, Split.VALIDATION, Split.ALL}) {
            try (PcqmDataset expected = Way.ROWS
                            .open()
                            .optSplit(split)
                            .setSampling(BATCH, false)
                            .build();
                    PcqmDataset found =
                            way.open().optSplit(split).setSampling(BATCH, false).build()) {
                assertThat(found.size()).isEqualTo(expected.size()).isEqualTo(MADE.ids(split.id(), true).length);
                assertThat(batches(found)).as(way + " " + split).isEqualTo(batches(expected));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void get_everySample_isTheMoleculeOfItsId(Way way) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = way.open()
                        .optSplit(Split.TRAIN)
                        .setSampling(BATCH, true)
                        .build()) {
            for (long position = 0; position < dataset.size(); position += 7) {
                assertIsMolecule(dataset.get(manager, position).getData(), dataset.id(position));
                assertThat(dataset.get(manager, position).getLabels().get(0).toFloatArray())
                        .isEqualTo(MADE.targetsOf(dataset.id(position)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void getData_shuffled_visitsEverySampleOnceAndDiffersByEpochAndSeed(Way way) throws Exception {
        try (PcqmDataset dataset = shuffled(way, 1, 5);
                PcqmDataset other = shuffled(way, 1, 6)) {
            List<Long> first = flat(ids(dataset));
            List<Long> second = flat(ids(dataset));

            assertThat(first).doesNotHaveDuplicates().containsExactlyInAnyOrder(box(MADE.ids("train", true)));
            assertThat(second).isNotEqualTo(first).containsExactlyInAnyOrderElementsOf(first);
            assertThat(flat(ids(other))).isNotEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void getData_anyNumberOfThreads_givesTheSameBatches(Way way) throws Exception {
        List<List<Snapshot>> found = new ArrayList<>();
        for (int threads : new int[] {0, 1, 3}) {
            try (PcqmDataset dataset = shuffled(way, threads, 5)) {
                found.add(batches(dataset));
            }
        }
        assertThat(found.get(1)).isEqualTo(found.get(0));
        assertThat(found.get(2)).isEqualTo(found.get(0));
    }

    @ParameterizedTest
    @EnumSource
    void setNextEpoch_batchInTheMiddle_goesOnAsIfNeverStopped(Way way) throws Exception {
        try (PcqmDataset whole = shuffled(way, 1, 5);
                PcqmDataset resumed = shuffled(way, 2, 5)) {
            ids(whole);
            List<List<Long>> second = ids(whole);
            for (int batch : new int[] {0, 1, 9, second.size() - 1, second.size()}) {
                resumed.setNextEpoch(1, batch);
                assertThat(ids(resumed)).isEqualTo(second.subList(batch, second.size()));
            }
            assertThat(resumed.digest()).isEqualTo(whole.digest());
            assertThat(resumed.batchesPerEpoch()).isEqualTo(second.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void subsets_ofAnyKind_haveTheirRowsOnly(Way way) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = shuffled(way, 1, 5)) {
            RandomAccessDataset[] parts = dataset.randomSplit(7, 3);
            List<Long> first = flat(ids((dev.millrace.batch.SqliteDataset<?>) parts[0]));
            List<Long> second = flat(ids((dev.millrace.batch.SqliteDataset<?>) parts[1]));
            Set<Long> all = new HashSet<>(first);
            all.addAll(second);

            assertThat(first).hasSize((int) parts[0].size()).doesNotHaveDuplicates();
            assertThat(all).hasSize((int) dataset.size());
            RandomAccessDataset chosen = dataset.subDataset(List.of(200L, 3L, 3L, 99L));
            assertThat(flat(ids((dev.millrace.batch.SqliteDataset<?>) chosen)))
                    .containsExactlyInAnyOrder(dataset.id(200), dataset.id(3), dataset.id(3), dataset.id(99));
            assertIsMolecule(chosen.get(manager, 1).getData(), dataset.id(3));
        }
        try (PcqmDataset limited = way.open()
                .optSplit(Split.TRAIN)
                .setSampling(BATCH, true)
                .optLimit(100)
                .build()) {
            assertThat(flat(ids(limited))).containsExactlyInAnyOrder(box(Arrays.copyOf(MADE.ids("train", true), 100)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void optUnlabelled_asked_givesNaNInTheirPlace(Way way) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = way.open()
                        .optSplit(Split.TEST)
                        .optUnlabelled(true)
                        .setSampling(10, true)
                        .build()) {
            assertThat(flat(ids(dataset))).containsExactlyInAnyOrder(box(MADE.ids("test-dev", false)));
            assertThat(dataset.get(manager, 4).getLabels().get(0).toFloatArray())
                    .containsExactly(Float.NaN, Float.NaN);
            assertThat(dataset.metadata(4).get(0).gap()).isNull();
        }
        try (PcqmDataset all =
                way.open().optUnlabelled(true).setSampling(10, true).build()) {
            assertThat(flat(ids(all))).containsExactlyInAnyOrder(box(MADE.ids("all", false)));
        }
        assertThatThrownBy(() -> way.open()
                        .optSplit(Split.TEST_DEV)
                        .setSampling(10, true)
                        .build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContainingAll("test-dev", "found 50 without a gap", "optUnlabelled(true)");
    }

    @ParameterizedTest
    @EnumSource
    void optAdapter_pad_isTheSourceDocumentsRule(Way way) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = way.open()
                        .optSplit(Split.TRAIN)
                        .optAdapter(PcqmAdapter.PAD)
                        .optFeatureSpec("ogb-9-3+pad-48-6")
                        .setSampling(BATCH, false)
                        .build()) {
            for (long position = 0; position < 100; position++) {
                Graph graph = MADE.graph(dataset.id(position));
                NDList data = dataset.get(manager, position).getData();
                assertThat(data.get(0).getShape()).isEqualTo(new Shape(graph.nodeCount(), 48));
                assertThat(data.get(2).getShape()).isEqualTo(new Shape(graph.edgeCount(), 6));
                boolean hasBonds = MADE.hasEdgeAttr(dataset.id(position));
                float[] bonds = graph.edgeFeatures().toFloats();
                assertThat(data.get(0).toFloatArray())
                        .isEqualTo(padded(graph.nodeFeatures().toFloats(), 9, 48));
                assertThat(data.get(2).toFloatArray())
                        .isEqualTo(padded(hasBonds ? bonds : new float[bonds.length], 3, 6));
            }
            assertThat(dataset.featureSpec()).isEqualTo("ogb-9-3+pad-48-6");
        }
    }

    @ParameterizedTest
    @EnumSource
    void optTransform_changedRow_isWhatTheBatchHas(Way way) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = way.open()
                        .optSplit(Split.TRAIN)
                        .optTransform(row -> new PcqmRow(row.idx(), MADE.graph(1), row.target()))
                        .setSampling(BATCH, false)
                        .build()) {
            assertIsMolecule(dataset.get(manager, 17).getData(), 1);
        }
    }

    @Test
    void optTransform_targetOfAnotherLength_isRefusedNotMovedIntoOtherRows() throws Exception {
        TensorBlob single = TensorCodec.ofFloats(new float[] {1}, Compression.NONE, 1);
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = PcqmDataset.builder()
                        .setDatabase(rowFile)
                        .optTransform(row -> new PcqmRow(row.idx(), row.graph(), single))
                        .setSampling(BATCH, false)
                        .build()) {
            assertThatThrownBy(() -> dataset.get(manager, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected a target of 2 numbers");
        }
    }

    @ParameterizedTest
    @EnumSource
    void close_whileAnEpochRuns_leavesNoFileOpen(Way way) throws Exception {
        Path own = folder.resolve("own-" + way + ".db");
        Files.copy(way.inBlocks() ? blockFile : rowFile, own);
        try (NDManager manager = NDManager.newBaseManager();
                PcqmDataset dataset = PcqmDataset.builder()
                        .setDatabase(own)
                        .setSampling(8, true)
                        .optLoaderThreads(3)
                        .build()) {
            dataset.getData(manager).iterator().next().close();
            dataset.get(manager, 3);
            dataset.metadata(1, 2);
            assertThat(openFiles(own)).isPositive();
        }
        assertThat(openFiles(own)).isZero();
    }

    @Test
    void getData_ratioSplits_areInterleavedAndTheirBlocksStillFound() throws Exception {
        PcqmFile mixed = PcqmFile.of(500).ratios();
        Path rows = mixed.write(folder.resolve("mixed-rows.db"));
        Path blocks = mixed.blocks(16).write(folder.resolve("mixed-blocks.db"));
        for (Split split : new Split[] {Split.TRAIN, Split.VALIDATION, Split.TEST, Split.ALL}) {
            try (PcqmDataset expected = open(rows).optSplit(split).build();
                    PcqmDataset found = open(blocks).optSplit(split).build();
                    PcqmDataset shuffled =
                            open(blocks).optSplit(split).setSampling(7, true).build()) {
                assertThat(batches(found)).isEqualTo(batches(expected));
                assertThat(flat(ids(shuffled))).containsExactlyInAnyOrder(box(mixed.ids(split.id(), true)));
            }
        }
    }

    @Test
    void build_otherFeatures_areRefusedWithBothNames() {
        for (Way way : Way.values()) {
            assertThatThrownBy(() -> way.open()
                            .optFeatureSpec("bitspec-48-6")
                            .setSampling(8, true)
                            .build())
                    .isInstanceOfSatisfying(
                            SchemaMismatchException.class,
                            e -> assertThat(e.kind()).isEqualTo(SchemaMismatchException.Kind.OTHER_SETTINGS))
                    .hasMessageContainingAll("expected feature specification bitspec-48-6", "found ogb-9-3");
            assertThatThrownBy(() -> way.open()
                            .optFeatureSpec("ogb-9-3")
                            .optAdapter(PcqmAdapter.PAD)
                            .setSampling(8, true)
                            .build())
                    .hasMessageContaining("found ogb-9-3+pad-48-6");
        }
    }

    @Test
    void features_ofEachSpecification_reachDjlAsTheirType() throws Exception {
        for (String spec : List.of("ogb-9-3", "pyg-9-3", "bitspec-48-6")) {
            Path file = PcqmFile.of(40).spec(spec).plain().write(folder.resolve(spec + ".db"));
            try (NDManager manager = NDManager.newBaseManager();
                    PcqmDataset dataset = open(file).build()) {
                boolean dense = spec.startsWith("bitspec");
                NDArray nodes = dataset.get(manager, 2).getData().get(0);
                assertThat(nodes.getDataType()).isEqualTo(dense ? DataType.FLOAT32 : DataType.INT64);
                assertThat(nodes.getShape().get(1)).isEqualTo(dense ? 48 : 9);
                assertThat(dataset.featureSpec()).isEqualTo(spec);
            }
            try (PcqmDataset padded = open(file).optAdapter(PcqmAdapter.PAD).build()) {
                assertThat(padded.featureSpec()).isEqualTo(spec.startsWith("bitspec") ? spec : spec + "+pad-48-6");
            }
        }
        Path adapted = PcqmFile.of(40).adapter("pad").plain().write(folder.resolve("adapter.db"));
        try (PcqmDataset dataset = open(adapted).build();
                PcqmDataset plain = open(adapted).optAdapter(PcqmAdapter.NATIVE).build()) {
            assertThat(dataset.featureSpec()).isEqualTo("ogb-9-3+pad-48-6");
            assertThat(plain.featureSpec()).isEqualTo("ogb-9-3");
        }
    }

    @Test
    void metadata_positions_areInTheirOrder() throws Exception {
        try (PcqmDataset dataset = Way.BLOCKS.open().setSampling(8, true).build()) {
            List<PcqmMetadata> found = dataset.metadata(9, 2, 9);
            assertThat(found)
                    .extracting(PcqmMetadata::idx)
                    .containsExactly(dataset.id(9), dataset.id(2), dataset.id(9));
            assertThat(found.get(1).gap()).isEqualTo((double) PcqmFile.gap(dataset.id(2)));
            assertThat(found.get(1).atoms()).isEqualTo(MADE.graph(dataset.id(2)).nodeCount());
            assertThat(dataset.targets()).containsExactly("homo_lumo_gap", "dipole");
            assertThat(dataset.statistics()).isEqualTo(new PcqmStatistics(5.25, 1.5));
            assertThat(dataset.layout()).isEqualTo(PcqmLayout.BLOCKS);
            assertThatThrownBy(() -> dataset.statistics("dipole"))
                    .isInstanceOf(SchemaMismatchException.class)
                    .hasMessageContaining("expected a number for dipole_mean, found none");
        }
    }

    @Test
    void optCacheInMemory_moreThanTheLimit_isRefusedBeforeItIsRead() {
        for (Path file : List.of(rowFile, blockFile)) {
            assertThatThrownBy(() -> PcqmDataset.builder()
                            .setDatabase(file)
                            .optCacheInMemory(true, 100_000)
                            .setSampling(8, true)
                            .build())
                    .isInstanceOf(MemoryLimitException.class)
                    .hasMessageContainingAll("expected at most 0 MiB", "found about 1 MiB", "-Xmx", "turn");
        }
    }

    @Test
    void getData_labelledRowWithoutTarget_isAnErrorThatNamesIt() throws Exception {
        Path file = folder.resolve("no-target.db");
        Files.copy(rowFile, file);
        long idx = MADE.ids("train", true)[40];
        Graph graph = MADE.graph(idx);
        long crc = new RowDigest(PcqmSchema.GRAPHS)
                .of(
                        idx,
                        graph.nodeFeatures().toBytes(),
                        graph.edgeIndex().toBytes(),
                        graph.edgeFeatures().toBytes(),
                        null);
        try (Database database = Database.open(file, Access.BUILD)) {
            database.write("damage", connection -> {
                try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE graph_structures SET target = NULL, row_crc = ? WHERE idx = ?")) {
                    update.setLong(1, crc);
                    update.setLong(2, idx);
                    update.executeUpdate();
                }
            });
        }
        try (PcqmDataset dataset = open(file).optSplit(Split.TRAIN).build()) {
            assertThatThrownBy(() -> batches(dataset))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContainingAll(
                            "expected target float32 [2] in a labelled row, found NULL",
                            file.toString(),
                            "graph_structures",
                            "idx=" + idx);
        }
    }

    @Test
    void build_moleculeWithoutItsLabel_isNotLeftOutSilently() throws Exception {
        Path file = folder.resolve("lost-label.db");
        Files.copy(blockFile, file);
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute("UPDATE molecules SET homo_lumo_gap = NULL WHERE idx = 4");
        }
        assertThatThrownBy(() -> open(file).optSplit(Split.TRAIN).build())
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContainingAll("labelled molecules in split train", "verify");
    }

    @ParameterizedTest
    @EnumSource
    void loaderBench_anyWay_reportsWhatItRead(Way way) {
        Map<String, Object> figures = LoaderBench.measure(
                () -> way.open().optSplit(Split.TRAIN).setSampling(BATCH, true).build(),
                new LoaderBench.Options(BATCH, 2, 1, false, 1, false));

        assertThat(figures)
                .containsEntry("layout", way.inBlocks() ? "blocks" : "rows")
                .containsEntry("graphs", (long) MADE.ids("train", true).length)
                .containsKeys("open_ms", "first_batch_ms", "pass_seconds", "heap_mb_beyond_ids", "rss_mb");
    }

    @Test
    void verify_fileOfBlocks_isSoundAndFindsDamage() throws Exception {
        assertThat(Verification.verify(blockFile).faults()).isEmpty();
        Path file = folder.resolve("verify.db");
        Files.copy(blockFile, file);
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute("DELETE FROM graph_blocks WHERE first_idx = 0");
        }
        assertThat(Verification.verify(file).isSound()).isFalse();
        try (PcqmDataset dataset = open(file).optSplit(Split.TRAIN).build()) {
            assertThatThrownBy(() -> batches(dataset))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContainingAll("expected a block, found none", file.toString(), "first_idx=0");
        }
    }

    @Test
    void statements_ofTheDataset_searchAndNeverScanBigTables() {
        try (Database database = Database.open(blockFile, Access.READ)) {
            assertThat(plan(database, PcqmSource.SELECT_METADATA))
                    .anyMatch(step -> step.startsWith("SEARCH m USING INTEGER"));
            assertThat(plan(database, PcqmIds.SELECT_UNLABELLED))
                    .singleElement()
                    .satisfies(
                            step -> assertThat(step).isEqualTo("SEARCH m USING INDEX molecules_unlabelled (split=?)"));
        }
    }

    private static List<String> plan(Database database, String sql) {
        return database.read("plan", connection -> {
            List<String> steps = new ArrayList<>();
            try (var explain = connection.createStatement();
                    var rows = explain.executeQuery("EXPLAIN QUERY PLAN " + sql)) {
                while (rows.next()) {
                    steps.add(rows.getString("detail"));
                }
            }
            return steps;
        });
    }

    private static void assertIsMolecule(NDList data, long idx) {
        Graph graph = MADE.graph(idx);
        assertThat(data.get(0).toLongArray()).isEqualTo(graph.nodeFeatures().toLongs());
        assertThat(data.get(1).toLongArray()).isEqualTo(graph.edgeIndex().toLongs());
        assertThat(data.get(2).toLongArray())
                .isEqualTo(
                        MADE.hasEdgeAttr(idx)
                                ? graph.edgeFeatures().toLongs()
                                : new long[graph.edgeFeatures().elementCount()]);
        assertThat(data.get(4).toLongArray()).containsExactly(graph.nodeCount());
    }

    private static float[] padded(float[] values, int from, int to) {
        float[] wide = new float[values.length / from * to];
        IntStream.range(0, values.length).forEach(i -> wide[i / from * to + i % from] = values[i]);
        return wide;
    }

    private static PcqmDataset.Builder open(Path file) {
        return PcqmDataset.builder().setDatabase(file).setSampling(BATCH, false);
    }

    private static PcqmDataset shuffled(Way way, int threads, long seed) {
        return way.open()
                .optSplit(Split.TRAIN)
                .setSampling(BATCH, true)
                .optSeed(seed)
                .optLoaderThreads(threads)
                .build();
    }

    /** The arrays of a batch, as shapes and bytes. */
    record Snapshot(List<String> shapes, List<ByteBuffer> bytes) {
        static Snapshot of(Batch batch) {
            NDList all = new NDList(batch.getData());
            all.addAll(batch.getLabels());
            return new Snapshot(
                    all.stream()
                            .map(array -> array.getDataType() + " " + array.getShape())
                            .toList(),
                    all.stream()
                            .map(array -> ByteBuffer.wrap(array.toByteArray()))
                            .toList());
        }
    }

    static List<Snapshot> batches(PcqmDataset dataset) throws Exception {
        List<Snapshot> found = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                found.add(Snapshot.of(batch));
                batch.close();
            }
        }
        return found;
    }

    /** The idx of every batch, found by the gap, which is a function of the idx. */
    private static List<List<Long>> ids(dev.millrace.batch.SqliteDataset<?> dataset) throws Exception {
        java.util.Map<Float, Long> byGap = new java.util.HashMap<>();
        java.util.Map<String, Long> byNodes = new java.util.HashMap<>();
        for (long idx : MADE.ids("all", false)) {
            byGap.put(PcqmFile.gap(idx), idx);
        }
        List<List<Long>> found = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                float[] labels = batch.getLabels().get(0).toFloatArray();
                int width = labels.length / batch.getSize();
                long[] nodes = batch.getData().get(0).toLongArray();
                long[] counts = batch.getData().get(4).toLongArray();
                List<Long> ids = new ArrayList<>();
                int at = 0;
                for (int i = 0; i < batch.getSize(); i++) {
                    int end = at + (int) counts[i] * 9;
                    if (Float.isNaN(labels[i * width])) {
                        if (byNodes.isEmpty()) {
                            for (long idx : MADE.ids("all", false)) {
                                byNodes.put(
                                        Arrays.toString(
                                                MADE.graph(idx).nodeFeatures().toLongs()),
                                        idx);
                            }
                        }
                        ids.add(java.util.Objects.requireNonNull(
                                byNodes.get(Arrays.toString(Arrays.copyOfRange(nodes, at, end)))));
                    } else {
                        ids.add(java.util.Objects.requireNonNull(byGap.get(labels[i * width])));
                    }
                    at = end;
                }
                found.add(ids);
                batch.close();
            }
        }
        return found;
    }

    private static List<Long> flat(List<List<Long>> batches) {
        return batches.stream().flatMap(List::stream).toList();
    }

    private static Long[] box(long[] ids) {
        return LongStream.of(ids).boxed().toArray(Long[]::new);
    }

    private static long openFiles(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
