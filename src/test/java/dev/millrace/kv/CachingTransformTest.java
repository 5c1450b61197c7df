package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.SlotTransform;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachingTransformTest {
    private static final int SAMPLES = 60;
    private static final int BATCH = 8;
    private static final int BATCHES = 8;
    private static final int WIDTH = 4;

    /** One row is read when a dataset is opened. */
    private static final int OPENING = 1;

    @TempDir
    Path folder;

    private Path file;
    private KvStore store;

    /** Sample i has id 10 i, name "name {i}", y = i. */
    @BeforeEach
    void writeTableAndOpenStore() {
        file = folder.resolve("own.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "CREATE TABLE sample (id INTEGER PRIMARY KEY, name TEXT, y REAL)",
                    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " + (SAMPLES - 1) + ")"
                            + " INSERT INTO sample (id, name, y) SELECT 10 * i, 'name ' || i, i FROM n");
        }
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private KvStore open() {
        return KvStore.builder()
                .setFile(folder.resolve("features.db"))
                .optPersistMode(PersistMode.LAZY)
                .build();
    }

    /** Whole numbers, so that every type can hold them. */
    private static SlotTransform features(String fingerprint) {
        return SlotTransform.perRow(
                fingerprint,
                (row, out) -> out.put(row.text(0).hashCode() % 1000)
                        .put(row.text(0).length())
                        .put(2 * row.real(1))
                        .put(fingerprint.length()));
    }

    private CachingTransform caching(String fingerprint) {
        return new CachingTransform(features(fingerprint), store.namespace("features"));
    }

    private QueryDataset.Builder builder(SlotTransform transform) {
        return QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM sample ORDER BY id")
                .setRows("SELECT position, name, y FROM batch_ids JOIN sample USING (id)")
                .addData(QuerySlot.computed("features", DType.FLOAT32, List.of(WIDTH), transform, "name", "y"))
                .addLabel(QuerySlot.numbers("y", DType.FLOAT32, "y"))
                .setSampling(BATCH, true);
    }

    private List<String> epoch(SlotTransform transform) throws Exception {
        try (QueryDataset dataset = builder(transform).build()) {
            return epoch(dataset);
        }
    }

    /** The arrays of the first epoch's batches, as bits. */
    private static List<String> epoch(QueryDataset dataset) throws Exception {
        List<String> arrays = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                arrays.add(Arrays.toString(batch.getData().get(0).toByteArray()));
                arrays.add(Arrays.toString(batch.getLabels().get(0).toByteArray()));
                batch.close();
            }
        }
        return arrays;
    }

    @Test
    void getData_cached_givesTheSameBatchesFillingHotAndReopened() throws Exception {
        List<String> plain = epoch(features("f"));
        CachingTransform caching = caching("f");
        assertThat(epoch(caching)).isEqualTo(plain);
        assertThat(caching.counts()).isEqualTo(new CachingTransform.Counts(BATCHES + OPENING, OPENING, SAMPLES, 0));

        assertThat(epoch(caching)).isEqualTo(plain);
        assertThat(caching.counts().computed()).isEqualTo(SAMPLES);

        store.close();
        store = open();
        CachingTransform reopened = caching("f");
        assertThat(epoch(reopened)).isEqualTo(plain);
        assertThat(reopened.counts())
                .isEqualTo(new CachingTransform.Counts(BATCHES + OPENING, SAMPLES + OPENING, 0, 0));
        assertThat(store.namespace("features").size()).isEqualTo(SAMPLES);
    }

    @Test
    void getData_batch_isOneLookup() throws Exception {
        CachingTransform caching = caching("f");
        try (QueryDataset dataset = builder(caching).build()) {
            long before = caching.counts().lookups();
            epoch(dataset);
            assertThat(caching.counts().lookups() - before)
                    .isEqualTo(dataset.reads())
                    .isEqualTo(BATCHES);
        }
    }

    @Test
    void getData_changedRow_isComputedAnewAndNoOther() throws Exception {
        epoch(caching("f"));
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "UPDATE sample SET name = 'renamed' WHERE id = 70", "UPDATE sample SET y = 0.5 WHERE id = 80");
        }
        CachingTransform caching = caching("f");
        assertThat(epoch(caching)).isEqualTo(epoch(features("f")));
        assertThat(caching.counts().computed()).isEqualTo(2);
    }

    @Test
    void getData_addedRowsAndOtherSplits_useWhatIsThere() throws Exception {
        epoch(caching("f"));
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("INSERT INTO sample (id, name, y) VALUES (9001, 'new', 1)");
        }
        CachingTransform caching = caching("f");
        epoch(caching);
        assertThat(caching.counts().computed()).isEqualTo(1);
        try (QueryDataset half = builder(caching)
                .setIds("SELECT id FROM sample WHERE id % 20 = 0")
                .build()) {
            epoch(half);
        }
        assertThat(caching.counts().computed()).isEqualTo(1);
    }

    @Test
    void getData_changedFingerprintTypeShapeOrColumns_isComputedAnew() throws Exception {
        epoch(caching("f"));
        CachingTransform other = caching("longer");
        assertThat(epoch(other)).isEqualTo(epoch(features("longer")));
        assertThat(other.counts().computed()).isEqualTo(SAMPLES);

        computesAll(DType.FLOAT64, List.of(WIDTH), "name", "y");
        computesAll(DType.INT32, List.of(WIDTH), "name", "y");
        computesAll(DType.FLOAT32, List.of(2, 2), "name", "y");
        computesAll(DType.FLOAT32, List.of(WIDTH), "name", "id");
    }

    private void computesAll(DType type, List<Integer> shape, String... columns) throws Exception {
        CachingTransform caching = caching("f");
        try (QueryDataset dataset = QueryDataset.builder()
                        .setDatabase(file)
                        .setIds("SELECT id FROM sample ORDER BY id")
                        .setRows("SELECT position, id, name, y FROM batch_ids JOIN sample USING (id)")
                        .addData(QuerySlot.computed("features", type, shape, caching, columns))
                        .setSampling(BATCH, false)
                        .build();
                NDManager manager = NDManager.newBaseManager()) {
            dataset.getData(manager).forEach(Batch::close);
        }
        assertThat(caching.counts().computed())
                .as(type + " " + shape + " " + List.of(columns))
                .isEqualTo(SAMPLES);
    }

    @Test
    void getData_rowsWithOneContent_areComputedOnce() throws Exception {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE sample SET name = 'same', y = 3");
        }
        CachingTransform caching = caching("f");
        assertThat(epoch(caching)).isEqualTo(epoch(features("f")));
        assertThat(caching.counts())
                .isEqualTo(new CachingTransform.Counts(BATCHES + OPENING, SAMPLES + OPENING - 1, 1, 0));
    }

    @Test
    void getData_valuesOfAnotherLengthOrFormat_areComputedAnewAndCounted() throws Exception {
        List<String> plain = epoch(caching("f"));
        KvNamespace<byte[]> features = store.namespace("features");
        List<String> keys = features.keys().toList();
        features.put(keys.get(0), new byte[0]);
        features.put(keys.get(1), Arrays.copyOf(features.get(keys.get(1)), 4 * WIDTH - 1));
        features.put(keys.get(2), Arrays.copyOf(features.get(keys.get(2)), 4 * WIDTH + 4));
        store.namespace("features", new OtherFormat()).put(keys.get(3), new byte[4 * WIDTH]);
        assertRepaired(plain, 4);
    }

    @Test
    void getData_damagedRows_areComputedAnewAndCounted() throws Exception {
        List<String> plain = epoch(caching("f"));
        store.close();
        try (Database database = Database.open(folder.resolve("features.db"), Access.LIVE)) {
            database.execute(
                    "UPDATE entries SET value = zeroblob(16) WHERE id = 5",
                    "UPDATE entries SET value = (SELECT value FROM entries WHERE id = 8) WHERE id = 7");
        }
        store = open();
        assertRepaired(plain, 2);
    }

    private void assertRepaired(List<String> plain, int damaged) throws Exception {
        CachingTransform caching = caching("f");
        assertThat(epoch(caching)).isEqualTo(plain);
        assertThat(caching.counts().computed()).isEqualTo(damaged);
        assertThat(caching.counts().unusable()).isEqualTo(damaged);

        CachingTransform repaired = caching("f");
        assertThat(epoch(repaired)).isEqualTo(plain);
        assertThat(repaired.counts().computed()).isZero();
    }

    @Test
    void getData_severalThreadsAndDatasets_shareOneCache() throws Exception {
        List<String> plain = epoch(features("f"));
        CachingTransform caching = caching("f");
        List<String> other = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        try (QueryDataset first = builder(caching).optLoaderThreads(4).build();
                QueryDataset second = builder(caching).optLoaderThreads(4).build()) {
            Thread thread = new Thread(() -> {
                try {
                    other.addAll(epoch(second));
                } catch (Exception | AssertionError e) {
                    failures.add(e);
                }
            });
            thread.start();
            List<String> own = epoch(first);
            thread.join();
            assertThat(failures).isEmpty();
            assertThat(own).isEqualTo(plain);
            assertThat(other).isEqualTo(plain);
        }
        // Two threads may find the same row missing at the same time; both compute it then.
        assertThat(caching.counts().computed()).isBetween((long) SAMPLES, 2L * SAMPLES);
        assertThat(store.namespace("features").size()).isEqualTo(SAMPLES);
    }

    @Test
    void getData_failingRow_isNamedAndWhatWasComputedIsKept() {
        SlotTransform failing = SlotTransform.perRow("f", (row, out) -> {
            if (row.real(1) == 30) {
                throw new IllegalStateException("not today");
            }
            out.put(new float[WIDTH]);
        });
        CachingTransform caching = new CachingTransform(failing, store.namespace("features"));
        assertThatThrownBy(() -> epoch(caching)).hasMessageContainingAll("not today", "id 300", "transform f");
        assertThat(store.namespace("features").size())
                .isEqualTo(caching.counts().computed())
                .isPositive();
    }

    @Test
    void keys_areShortAndOfOneKindPerTransform() throws Exception {
        epoch(caching("f"));
        epoch(caching("g"));
        List<String> keys = store.namespace("features").keys().toList();
        assertThat(keys).hasSize(2 * SAMPLES).allMatch(key -> key.matches("[A-Za-z0-9_-]{12}[.][A-Za-z0-9_-]{24}"));
        Set<String> kinds =
                keys.stream().map(key -> key.substring(0, 12)).collect(Collectors.toCollection(TreeSet::new));
        assertThat(kinds).hasSize(2);
        // Sample 0. A cache that is on the disk already is of use only as long as this does not change.
        assertThat(keys).contains("9n1xQcnpHGfk.2bRG0F2Yc4besW_sce3B45j3");
    }

    @Test
    void fingerprint_isThatOfTheTransform_soThatTheDatasetIsTheSameWithAndWithoutACache() {
        try (QueryDataset with = builder(caching("f")).build();
                QueryDataset without = builder(features("f")).build()) {
            assertThat(with.digest()).isEqualTo(without.digest());
        }
    }

    @Test
    void fit_cachedSlot_trainsAndComputesOnce() throws Exception {
        CachingTransform caching = new CachingTransform(
                SlotTransform.perRow("small-1", (row, out) -> {
                    for (int power = 0; power < WIDTH; power++) {
                        out.put(Math.pow(row.real(1) / SAMPLES, power));
                    }
                }),
                store.namespace("features"));
        try (Model model = Model.newInstance("line");
                QueryDataset train = builder(caching).optLoaderThreads(2).build()) {
            model.setBlock(Linear.builder().setUnits(1).build());
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.l2Loss()).addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, WIDTH));
                EasyTrain.fit(trainer, 3, train, null);
                assertThat(trainer.getTrainingResult().getTrainLoss())
                        .isFinite()
                        .isPositive();
            }
        }
        assertThat(caching.counts().computed()).isEqualTo(SAMPLES);
        assertThat(caching.counts().reused()).isEqualTo(2 * SAMPLES + OPENING);
    }

    /** Bytes that say they are text. */
    private static final class OtherFormat implements Codec<byte[]> {
        @Override
        public Codecs.Format format() {
            return Codecs.Format.TEXT;
        }

        @Override
        public byte[] encode(byte[] value) {
            return value.clone();
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes.clone();
        }
    }
}
