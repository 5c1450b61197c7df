package dev.millrace.training;

import ai.djl.Model;
import ai.djl.training.loss.Loss;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.Consumer;

/** A run in a process of its own, made to be killed: resumes if it can, and writes down every batch it takes. */
final class KilledRun {
    static final int EPOCHS = 6;
    static final int BATCHES = 9;

    private KilledRun() {}

    static LinearData data() {
        return new LinearData(16 * (BATCHES - 1) + 5, 16, 21);
    }

    static TrainingRun.Builder run(Model model, LinearData data) {
        return TrainingRun.builder()
                .setModel(model)
                .setPlan(TrainingPlan.builder()
                        .setEpochs(EPOCHS)
                        .optAccumulation(2)
                        .optOptimizer(OptimizerSettings.adamW(0.01, 0.01))
                        .optSchedule(new Schedule.WarmupCosine(5, 0.01))
                        .optClipNorm(1)
                        .optCheckpointSteps(2)
                        .optSeed(11)
                        .build())
                .setLoss(Loss.l2Loss())
                .setTraining(data)
                .optValidation(new LinearData(20, 8, 99));
    }

    /** Arguments: the run's folder and the file for the batches. */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        Path log = Path.of(args[1]);
        try (Model model = TinyModel.create();
                MetricsStore store = MetricsStore.open(folder.resolve("metrics.db"))) {
            boolean resume = Checkpoint.exists(folder);
            Run metrics = resume ? store.resumeRun("killed", Map.of()) : store.startRun("killed", Map.of());
            run(model, data().pauseMillis(4).logTo(appendTo(log)))
                    .optFolder(folder)
                    .optResume(resume ? folder : null)
                    .optListener(MetricsListener.of(store, metrics))
                    .build()
                    .run();
        }
    }

    private static Consumer<String> appendTo(Path log) {
        return line -> {
            try {
                Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
