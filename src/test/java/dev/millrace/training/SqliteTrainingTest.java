package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop on real SQLite data, with loader threads, shuffled. */
class SqliteTrainingTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeTable() {
        file = folder.resolve("samples.db");
        Random random = new Random(17);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE sample (id INTEGER PRIMARY KEY, a REAL, b REAL, y REAL)");
            database.write("fill", connection -> {
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO sample (a, b, y) VALUES (?, ?, ?)")) {
                    for (int i = 0; i < 230; i++) {
                        double a = random.nextGaussian();
                        double b = random.nextGaussian();
                        insert.setDouble(1, a);
                        insert.setDouble(2, b);
                        insert.setDouble(3, a * b + 0.5 * a);
                        insert.executeUpdate();
                    }
                }
            });
        }
    }

    private QueryDataset data(String where, int threads, int batchSize) {
        return QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM sample WHERE " + where + " ORDER BY id")
                .setRows("SELECT position, a, b, y FROM batch_ids JOIN sample USING (id)")
                .addData(QuerySlot.numbers("x", DType.FLOAT32, "a", "b"))
                .addLabel(QuerySlot.numbers("y", DType.FLOAT32, "y"))
                .setSampling(batchSize, true)
                .optSeed(5)
                .optLoaderThreads(threads)
                .build();
    }

    private RunResult run(
            Model model, QueryDataset training, QueryDataset validation, long maxSteps, Path out, boolean resume) {
        return TrainingRun.builder()
                .setModel(model)
                .setPlan(TrainingPlan.builder()
                        .setEpochs(3)
                        .optMaxSteps(maxSteps)
                        .optAccumulation(2)
                        .optSchedule(Schedule.OneCycle.standard())
                        .build())
                .setLoss(Loss.l2Loss())
                .setTraining(training)
                .optValidation(validation)
                .optFolder(out)
                .optResume(resume ? out : null)
                .build()
                .run();
    }

    @Test
    void run_cutInsideAnEpochAndResumedWithOtherLoaderThreads_equalsUninterrupted() {
        Map<String, byte[]> expected;
        try (Model model = TinyModel.create();
                QueryDataset training = data("id <= 200", 1, 16);
                QueryDataset validation = data("id > 200", 1, 16)) {
            RunResult result = run(model, training, validation, 0, folder.resolve("whole"), false);
            // 13 batches are 7 steps.
            assertThat(result.steps()).isEqualTo(21);
            expected = TinyModel.bits(model);
        }
        Path out = folder.resolve("cut");
        List<Long> batches = new ArrayList<>();
        for (long cut : new long[] {3, 10, 0}) {
            try (Model model = TinyModel.create();
                    QueryDataset training = data("id <= 200", (int) (cut % 3), 16);
                    QueryDataset validation = data("id > 200", 2, 16)) {
                RunResult result = run(model, training, validation, cut, out, cut != 3);
                batches.add(result.steps());
                if (cut == 0) {
                    TrainingRunTest.assertBitEqual(TinyModel.bits(model), expected, "resumed");
                }
            }
        }
        assertThat(batches).containsExactly(3L, 10L, 21L);
    }

    @Test
    void resume_otherBatchSizeOrRows_isRefused() {
        Path out = folder.resolve("run");
        try (Model model = TinyModel.create();
                QueryDataset training = data("id <= 200", 1, 16);
                QueryDataset validation = data("id > 200", 1, 16)) {
            run(model, training, validation, 3, out, false);
        }
        try (Model model = TinyModel.create();
                QueryDataset training = data("id <= 200", 1, 8);
                QueryDataset validation = data("id > 199", 1, 16)) {
            assertThatThrownBy(() -> run(model, training, validation, 3, out, true))
                    .isInstanceOf(CheckpointMismatchException.class)
                    .hasMessageContaining("data.training expected")
                    .hasMessageContaining("data.validation expected");
        }
    }
}
