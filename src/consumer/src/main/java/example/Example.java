package example;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Random;

/** Makes a table with any program's means, and trains on it with DJL's. */
public final class Example {
    private Example() {}

    public static void main(String[] args) throws Exception {
        Path file = Files.createTempDirectory("example").resolve("houses.db");
        write(file);
        try (Model model = Model.newInstance("price");
                QueryDataset houses = QueryDataset.builder()
                        .setDatabase(file)
                        .setIds("SELECT id FROM house ORDER BY id")
                        .setRows("SELECT position, rooms, area, price FROM batch_ids JOIN house USING (id)")
                        .addData(QuerySlot.numbers("features", DType.FLOAT32, "rooms", "area"))
                        .addLabel(QuerySlot.numbers("price", DType.FLOAT32, "price"))
                        .setSampling(32, true)
                        .optSeed(42)
                        .build()) {
            model.setBlock(Linear.builder().setUnits(1).build());
            DefaultTrainingConfig config = new DefaultTrainingConfig(Loss.l2Loss())
                    .optOptimizer(Optimizer.adam()
                            .optLearningRateTracker(Tracker.fixed(0.05f))
                            .build())
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, 2));
                EasyTrain.fit(trainer, 1, houses, null);
                float first = trainer.getTrainingResult().getTrainLoss();
                EasyTrain.fit(trainer, 4, houses, null);
                float last = trainer.getTrainingResult().getTrainLoss();
                System.out.printf("loss %.4f after one epoch, %.4f after five%n", first, last);
                if (!(last < first)) {
                    System.exit(1);
                }
            }
        }
    }

    private static void write(Path file) throws Exception {
        Random random = new Random(1);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE house (id INTEGER PRIMARY KEY, rooms REAL, area REAL, price REAL)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO house (rooms, area, price) VALUES (?, ?, ?)")) {
                for (int i = 0; i < 2_000; i++) {
                    double rooms = 1 + random.nextInt(6);
                    double area = rooms * (0.15 + 0.1 * random.nextDouble());
                    insert.setDouble(1, rooms);
                    insert.setDouble(2, area);
                    insert.setDouble(3, 0.5 * rooms + 2 * area);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            connection.commit();
        }
    }
}
