package dev.millrace.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.SlotTransform;
import dev.millrace.kv.CachingTransform;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/kv.md and docs/getting-started.md that reads tables of one's own. */
class OwnTablesExamplesTest {
    private static final int WIDTH = 256;

    @TempDir
    private Path folder;

    private Path texts;

    @BeforeEach
    void write() throws Exception {
        texts = folder.resolve("texts.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + texts);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE text (id INTEGER PRIMARY KEY, body TEXT, length REAL, words REAL, score REAL)");
            statement.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 96)"
                    + " INSERT INTO text SELECT i, 'text ' || (i % 48), i % 7, i % 5, i / 96.0 FROM n");
        }
    }

    @Test
    void cachingTransform_ofAColumn_computesEachContentOnce() throws Exception {
        Path features = folder.resolve("features.db");
        CachingTransform.Counts counts;
        try (Model model = Model.newInstance("scores")) {
            model.setBlock(Linear.builder().setUnits(1).build());
            try (Trainer trainer = model.newTrainer(settings())) {
                trainer.initialize(new Shape(1, WIDTH));
                // @start region="caching"
                SlotTransform embedding =
                        SlotTransform.perRow("my-embedding-3 layers=4", (row, out) -> out.put(embed(row.text(0))));

                try (KvStore store = KvStore.builder()
                        .setFile(features)
                        .optPersistMode(PersistMode.LAZY)
                        .build()) {
                    CachingTransform cached = new CachingTransform(embedding, store.namespace("features"));
                    try (QueryDataset train = QueryDataset.builder()
                            .setDatabase(texts)
                            .setIds("SELECT id FROM text ORDER BY id")
                            .setRows("SELECT position, body, score FROM batch_ids JOIN text USING (id)")
                            .addData(QuerySlot.computed("embedding", DType.FLOAT32, List.of(256), cached, "body"))
                            .addLabel(QuerySlot.numbers("score", DType.FLOAT32, "score"))
                            .setSampling(32, true)
                            .build()) {
                        EasyTrain.fit(trainer, 2, train, null);
                    }
                    counts = cached.counts(); // lookups, reused, computed, unusable
                }
                // @end
                assertThat(trainer.getTrainingResult().getTrainLoss()).isFinite();
            }
        }
        assertThat(counts.computed()).isEqualTo(48);
        assertThat(counts.reused()).isGreaterThan(96);
    }

    private static float[] embed(String text) {
        float[] vector = new float[WIDTH];
        text.chars().forEach(letter -> vector[letter % WIDTH]++);
        return vector;
    }

    @Test
    void queryDataset_ofAUsersTable_fitsALine() throws Exception {
        try (Model model = Model.newInstance("line")) {
            model.setBlock(Linear.builder().setUnits(1).build());
            try (Trainer trainer = model.newTrainer(settings())) {
                trainer.initialize(new Shape(1, 2));
                // @start region="own-table"
                try (QueryDataset train = QueryDataset.builder()
                        .setDatabase(texts)
                        .setIds("SELECT id FROM text ORDER BY id")
                        .setRows("SELECT position, length, words, score FROM batch_ids JOIN text USING (id)")
                        .addData(QuerySlot.numbers("features", DType.FLOAT32, "length", "words"))
                        .addLabel(QuerySlot.numbers("score", DType.FLOAT32, "score"))
                        .setSampling(32, true)
                        .optSeed(42)
                        .build()) {
                    EasyTrain.fit(trainer, 5, train, null);
                }
                // @end
                assertThat(trainer.getTrainingResult().getTrainLoss()).isFinite();
            }
        }
    }

    private static DefaultTrainingConfig settings() {
        return new DefaultTrainingConfig(Loss.l2Loss()).addTrainingListeners(TrainingListener.Defaults.basic());
    }
}
