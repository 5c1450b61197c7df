package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.Remainder;
import dev.millrace.batch.SampleChoiceContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What reaches the model. */
class WindowDatasetTest {
    private static final int SIZE = 64;
    private static final int BATCH = 8;

    @TempDir
    static Path folder;

    private static Path store = Path.of("");
    private static Path sharded = Path.of("");
    private static Path windows = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        Map<String, String> contigs = GenomeFixture.contigs(5, 3_000, 40, 17_000, 64, 900);
        WindowGeometry geometry = WindowGeometry.of(SIZE, 60, 0);
        store = GenomeFixture.store(folder.resolve("store.db"), contigs, geometry);
        sharded = GenomeFixture.sharded(folder.resolve("samples"), contigs);
        windows = GenomeFixture.windows(folder.resolve("windows.db"), contigs, geometry);
    }

    @Test
    void filterAndWeights_storeWindowDatabaseAndFolder_chooseWindows() throws Exception {
        SampleChoiceContract.require(
                () -> WindowDataset.builder()
                        .setSequences(store)
                        .optWindowSize(SIZE)
                        .optStride(60),
                WindowDataset.Builder::build,
                "window_mappings",
                "window_idx");
        for (Path sequences : List.of(store, sharded)) {
            SampleChoiceContract.require(
                    () -> WindowDataset.builder()
                            .setSequences(sequences)
                            .optWindows(windows)
                            .optWindowSize(SIZE)
                            .optStride(60),
                    WindowDataset.Builder::build,
                    "window_mappings",
                    "window_idx");
        }
    }

    @Test
    void optFilter_nameOfAContig_keepsItsWindowsWhateverTheyAreKeptIn() throws Exception {
        String long17 = "-- the longest\n/* of all */ WITH longest AS (SELECT sequence_id FROM window_mappings"
                + " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
                + " SELECT window_idx FROM window_mappings JOIN longest USING (sequence_id)"
                + " WHERE window_in_seq_idx BETWEEN 10 AND 29";
        List<List<String>> found = new ArrayList<>();
        for (boolean own : new boolean[] {true, false}) {
            for (Path sequences : own ? List.of(store) : List.of(store, sharded)) {
                WindowDataset.Builder builder = WindowDataset.builder();
                if (!own) {
                    builder.optWindows(windows);
                }
                try (WindowDataset dataset =
                        open(sequences, builder.optFilter(long17).setSampling(BATCH, false))) {
                    assertThat(dataset.size()).isEqualTo(20);
                    assertThat(dataset.unfilteredSize()).isGreaterThan(300);
                    found.add(epoch(dataset));
                }
            }
        }
        assertThat(found.get(0)).isEqualTo(found.get(1)).isEqualTo(found.get(2));
    }

    @Test
    void get_everyModeOfTheOriginal_isBitIdenticalToItsItems() throws IOException {
        JsonNode modes = ReferenceWindows.json("windows_W128_S100_items.json").get("windows");
        Path folder = GenomeReference.file("sequence_db_dir");
        Path table = GenomeReference.file("windows_W128_S100_T0.db");
        for (String mode : List.of("plain", "ctrl", "nobos_noeos", "noeos", "rc_always", "ctrl_noeos")) {
            try (NDManager manager = NDManager.newBaseManager();
                    WindowDataset dataset = WindowDataset.builder()
                            .setSequences(folder)
                            .optWindows(table)
                            .optWindowSize(128)
                            .optStride(100)
                            .optControlTags(mode.startsWith("ctrl"))
                            .optIncludeBos(!mode.startsWith("nobos"))
                            .optIncludeEos(!mode.contains("noeos"))
                            .optReverseComplement(mode.equals("rc_always") ? RcMode.ALWAYS : RcMode.NEVER)
                            .setSampling(4, false)
                            .build()) {
                assertThat(modes.get(mode)).hasSize(24);
                for (JsonNode item : modes.get(mode)) {
                    var record = dataset.get(manager, item.get("window_idx").asLong());
                    String what = mode + " " + item.get("window_idx");
                    assertThat(record.getData().get(0).toLongArray())
                            .as(what)
                            .containsExactly(ReferenceWindows.longs(item.get("tokens")));
                    assertThat(record.getLabels().get(0).toLongArray())
                            .as(what)
                            .containsExactly(ReferenceWindows.longs(item.get("labels")));
                    float[] mask = record.getLabels().get(1).toFloatArray();
                    for (int i = 0; i < mask.length; i++) {
                        assertThat(mask[i])
                                .isEqualTo(item.get("loss_mask").get(i).floatValue());
                    }
                }
            }
        }
    }

    @Test
    void getData_defaults_givesFourArraysOfTheOriginalsTypes() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                WindowDataset dataset = open(WindowDataset.builder().setSampling(BATCH, false))) {
            Batch batch = dataset.getData(manager).iterator().next();
            NDList data = batch.getData();
            NDList labels = batch.getLabels();
            Shape shape = new Shape(BATCH, SIZE);
            assertThat(Stream.concat(data.stream(), labels.stream()).map(NDArray::getShape))
                    .containsOnly(shape);
            assertThat(Stream.concat(data.stream(), labels.stream()).map(NDArray::getDataType))
                    .containsExactly(DataType.INT64, DataType.INT64, DataType.INT64, DataType.FLOAT32);
            assertThat(Stream.concat(data.stream(), labels.stream()).map(NDArray::getName))
                    .containsExactly("tokens", "position_ids", "labels", "loss_mask");
            long[] positions = data.get(1).toLongArray();
            for (int i = 0; i < positions.length; i++) {
                assertThat(positions[i]).isEqualTo(i % SIZE);
            }
            batch.close();
        }
    }

    @Test
    void getData_int32WithoutPositionsWithMask_givesWhatWasAskedFor() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                WindowDataset plain = open(WindowDataset.builder().setSampling(BATCH, false));
                WindowDataset dataset = open(WindowDataset.builder()
                        .setSampling(BATCH, false)
                        .optInt32(true)
                        .optPositionIds(false)
                        .optAttentionMask(true))) {
            Batch wide = plain.getData(manager).iterator().next();
            Batch batch = dataset.getData(manager).iterator().next();
            assertThat(batch.getData()).hasSize(2);
            NDArray tokens = batch.getData().get(0);
            assertThat(tokens.getDataType()).isEqualTo(DataType.INT32);
            assertThat(Arrays.stream(tokens.toIntArray()).asLongStream().toArray())
                    .containsExactly(wide.getData().get(0).toLongArray());
            assertThat(batch.getLabels().get(0).getDataType()).isEqualTo(DataType.INT32);
            NDArray mask = batch.getData().get(1);
            assertThat(mask.getShape()).isEqualTo(new Shape(BATCH, 1, SIZE, SIZE));
            assertThat(mask.getDataType()).isEqualTo(DataType.BOOLEAN);
            boolean[] masked = mask.toBooleanArray();
            for (int i = 0; i < masked.length; i++) {
                assertThat(masked[i]).isEqualTo(i % SIZE > i / SIZE % SIZE);
            }
            batch.close();
            wide.close();
        }
    }

    @Test
    void getData_batchesKeptAfterClose_stayWhole() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            Batch batch;
            try (WindowDataset dataset = open(WindowDataset.builder()
                    .setSampling(BATCH, true)
                    .optLoaderThreads(2)
                    .optAttentionMask(true))) {
                batch = dataset.getData(manager).iterator().next();
            }
            assertThat(batch.getData().get(2).toBooleanArray()).hasSize(BATCH * SIZE * SIZE);
            assertThat(batch.getData().get(0).toLongArray()[0]).isEqualTo(TokenIds.BYTES.bos());
            batch.close();
        }
    }

    @Test
    void getData_threadsLayoutsAndRestarts_giveTheSameBytes() throws Exception {
        List<String> expected;
        try (WindowDataset one = random(0, store, null)) {
            expected = new ArrayList<>(epoch(one));
            expected.addAll(epoch(one));
        }
        int half = expected.size() / 2;
        assertThat(new HashSet<>(expected)).hasSizeGreaterThan(half);
        try (WindowDataset threads = random(2, store, null);
                WindowDataset seed = random(2, store, windows);
                WindowDataset original = random(1, sharded, windows)) {
            for (WindowDataset dataset : List.of(threads, seed, original)) {
                List<String> found = new ArrayList<>(epoch(dataset));
                found.addAll(epoch(dataset));
                assertThat(found).isEqualTo(expected);
                // As after 3 batches, 24 samples, of the second epoch.
                dataset.setNextEpoch(1, 3);
                assertThat(epoch(dataset)).isEqualTo(expected.subList(half + 3, expected.size()));
            }
        }
    }

    @Test
    void getData_ranks_shareTheGlobalBatches() throws Exception {
        List<String> whole;
        try (WindowDataset all = random(1, store, null)) {
            whole = epoch(all);
        }
        for (int rank = 0; rank < 3; rank++) {
            try (WindowDataset own = open(WindowDataset.builder()
                    .optReverseComplement(RcMode.RANDOM)
                    .optSeed(11)
                    .setSampling(BATCH, true)
                    .optRank(rank, 3, Remainder.DROP))) {
                List<String> found = epoch(own);
                for (int batch = 0; batch < whole.size() / 3 - 1; batch++) {
                    assertThat(found.get(batch)).isEqualTo(whole.get(batch * 3 + rank));
                }
                assertThat(own.digest()).contains("rank=" + rank + "/3");
            }
        }
    }

    @Test
    void getData_packed_keepsEveryTokenOfEveryWindow() throws Exception {
        Map<String, String> contigs = GenomeFixture.contigs(6, 10, 20, 0, 5, 200, 30, 33, 12, 64, 9);
        Path own = GenomeFixture.store(folder.resolve("short.db"), contigs, WindowGeometry.of(SIZE, 60, 0));
        for (boolean int32 : new boolean[] {false, true}) {
            try (NDManager manager = NDManager.newBaseManager();
                    WindowDataset plain = open(own, WindowDataset.builder().setSampling(BATCH, true));
                    WindowDataset packed = open(
                            own,
                            WindowDataset.builder()
                                    .setSampling(BATCH, true)
                                    .optInt32(int32)
                                    .optPacking(true))) {
                Batch apart = plain.getData(manager).iterator().next();
                Batch batch = packed.getData(manager).iterator().next();
                NDArray tokens = batch.getData().get(0);
                NDArray boundaries = batch.getData().get(2);
                long rows = tokens.getShape().get(0);
                assertThat(rows)
                        .isLessThan(BATCH)
                        .isEqualTo(boundaries.getShape().get(0));
                assertThat(nonPads(tokens)).isEqualTo(nonPads(apart.getData().get(0)));
                assertThat(sum(batch.getLabels().get(1)))
                        .isEqualTo(sum(apart.getLabels().get(1)));
                int[] ends = boundaries.toIntArray();
                int width = (int) boundaries.getShape().get(1);
                long[] positions =
                        batch.getData().get(1).toType(DataType.INT64, true).toLongArray();
                for (int row = 0; row < rows; row++) {
                    assertThat(ends[row * width]).isZero();
                    for (int i = 0; i < width; i++) {
                        int begin = ends[row * width + i];
                        assertThat(begin == SIZE ? 0 : positions[row * SIZE + begin])
                                .isZero();
                    }
                }
                apart.close();
                batch.close();
            }
        }
    }

    private static long nonPads(NDArray tokens) {
        return Arrays.stream(tokens.toType(DataType.INT64, true).toLongArray())
                .filter(token -> token != TokenIds.BYTES.pad())
                .count();
    }

    private static double sum(NDArray mask) {
        return mask.sum().getFloat();
    }

    @Test
    void getData_withLog_listsTheWindowsOfAllBatches() throws Exception {
        Path logs = folder.resolve("logs");
        int windows;
        try (WindowDataset dataset = open(WindowDataset.builder()
                .setSampling(BATCH, true)
                .optLogWindows(logs)
                .optLoaderThreads(2))) {
            epoch(dataset);
            windows = (int) dataset.size();
        }
        try (Stream<Path> files = java.nio.file.Files.list(logs)) {
            Path log = files.findFirst().orElseThrow();
            assertThat(log.getFileName().toString()).matches("window_access_all_rank0_[0-9a-f]{8}\\.csv");
            assertThat(java.nio.file.Files.readAllLines(log))
                    .hasSize(windows + 1)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void datasets_threeSplits_areOpenedTogetherOrNamedWhatIsMissing() throws Exception {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowDatasets.builder()
                        .setSequences(sharded)
                        .optTrainWindows(windows)
                        .optTestWindows(folder.resolve("none.db"))
                        .build())
                .withMessageContaining("val_window_db_path")
                .withMessageContaining("test_window_db_path")
                .withMessageContaining("none.db");
        try (WindowDatasets all = WindowDatasets.builder()
                .setSequences(sharded)
                .optTrainWindows(windows)
                .optValidationWindows(windows)
                .optTestWindows(windows)
                .optEach((split, dataset) -> dataset.optWindowSize(SIZE)
                        .optStride(60)
                        .setSampling(BATCH, split == dev.millrace.batch.Split.TRAIN))
                .build()) {
            assertThat(epoch(all.validation())).isEqualTo(epoch(all.test())).isNotEqualTo(epoch(all.train()));
        }
    }

    @Test
    void fit_easyTrainWithATokenModel_givesALoss() throws Exception {
        try (ai.djl.Model model = ai.djl.Model.newInstance("tokens");
                WindowDataset train = open(WindowDataset.builder().setSampling(BATCH, true));
                WindowDataset validation = open(WindowDataset.builder().setSampling(BATCH, false))) {
            model.setBlock(new dev.millrace.model.TokenModel(
                    dev.millrace.model.TokenModelConfig.of(256).withSize(16, 2)));
            var config = new ai.djl.training.DefaultTrainingConfig(dev.millrace.model.TokenLoss.crossEntropy())
                    .addTrainingListeners(ai.djl.training.listener.TrainingListener.Defaults.basic());
            try (ai.djl.training.Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(BATCH, SIZE));
                ai.djl.training.EasyTrain.fit(trainer, 1, train, validation);
                assertThat(trainer.getTrainingResult().getValidateLoss())
                        .isFinite()
                        .isPositive();
            }
        }
    }

    @Test
    void build_contradictingOptions_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(WindowDataset.builder()
                        .setSampling(2, false)
                        .optFormat(WindowFormat.builder(SIZE).build())
                        .optIncludeBos(false)))
                .withMessageContaining("both");
        assertThatThrownBy(() -> WindowDataset.builder().setSampling(2, false).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setSequences");
    }

    private static WindowDataset random(int threads, Path sequences, @org.jspecify.annotations.Nullable Path table) {
        WindowDataset.Builder builder = WindowDataset.builder()
                .setSequences(sequences)
                .optWindowSize(SIZE)
                .optStride(60)
                .optReverseComplement(RcMode.RANDOM)
                .optSeed(11)
                .optLoaderThreads(threads)
                .setSampling(BATCH, true);
        return (table == null ? builder : builder.optWindows(table)).build();
    }

    private static WindowDataset open(WindowDataset.Builder builder) {
        return open(store, builder);
    }

    private static WindowDataset open(Path sequences, WindowDataset.Builder builder) {
        return builder.setSequences(sequences).optWindowSize(SIZE).optStride(60).build();
    }

    private static List<String> epoch(WindowDataset dataset) throws Exception {
        List<String> batches = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                batches.add(Arrays.toString(batch.getData().get(0).toLongArray())
                        + Arrays.toString(batch.getLabels().get(0).toLongArray())
                        + Arrays.toString(batch.getLabels().get(1).toFloatArray()));
                batch.close();
            }
        }
        return batches;
    }
}
