package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import dev.millrace.metrics.EpochMetric;
import dev.millrace.metrics.EpochPoint;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsListenerTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("metrics.db");
    }

    private static TrainingRun.Builder run(Model model, LinearData data) {
        return TrainingRun.builder()
                .setModel(model)
                .setPlan(TrainingPlan.builder().setEpochs(2).build())
                .setLoss(Loss.l2Loss())
                .setTraining(data)
                .optValidation(new LinearData(20, 8, 99))
                .optEvaluators(List.of(Loss.l1Loss("absolute")));
    }

    private List<EpochMetric> epochMetrics(MetricsReader reader, long runId, String name, String phase) {
        return reader.epochMetrics(runId).stream()
                .map(EpochPoint::metric)
                .filter(metric -> metric.name().equals(name) && metric.phase().equals(phase))
                .toList();
    }

    @Test
    void trainingRun_recordsStepsEpochsAndTheEnd() {
        List<EpochReport> epochs = new ArrayList<>();
        long runId;
        try (MetricsStore store = MetricsStore.open(file);
                Model model = TinyModel.create()) {
            Run run = store.startRun("test", Map.of());
            runId = run.id();
            MetricsListener metrics = MetricsListener.of(store, run).withGradientNorm();
            run(model, new LinearData(60, 16, 3))
                    .optListener(metrics)
                    .optListener(new RunListener() {
                        @Override
                        public void onEpoch(EpochReport epoch) {
                            epochs.add(epoch);
                        }
                    })
                    .build()
                    .run();
            assertThat(metrics.failures()).isZero();
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.stepNames(runId))
                    .containsExactlyInAnyOrder(
                            "loss", "learning_rate", "samples_per_second", "data_wait_share", "gradient_norm");
            assertThat(reader.series(runId, "loss").values()).hasSize(8);
            assertThat(reader.run(runId).status()).isEqualTo(RunStatus.FINISHED);
            for (int epoch = 0; epoch < 2; epoch++) {
                EpochReport report = epochs.get(epoch);
                assertThat(epochMetrics(reader, runId, "loss", "train")
                                .get(epoch)
                                .value())
                        .isEqualTo(report.trainingLoss());
                assertThat(epochMetrics(reader, runId, "loss", "val").get(epoch).value())
                        .isEqualTo(report.validation().get("loss"));
                assertThat(epochMetrics(reader, runId, "absolute", "val")
                                .get(epoch)
                                .value())
                        .isEqualTo(report.validation().get("absolute"));
            }
            assertThat(epochMetrics(reader, runId, "epoch_seconds", "train")).hasSize(2);
        }
    }

    @Test
    void trainingRun_diverges_isRecordedAsFailed() {
        long runId;
        try (MetricsStore store = MetricsStore.open(file);
                Model model = TinyModel.create()) {
            Run run = store.startRun("test", Map.of());
            runId = run.id();
            TrainingRun training = run(model, new LinearData(60, 16, 3).spoil(1, labels -> labels[0] = Float.NaN))
                    .optListener(MetricsListener.of(store, run))
                    .build();
            assertThatThrownBy(training::run).isInstanceOf(DivergedException.class);
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.run(runId).status()).isEqualTo(RunStatus.FAILED);
            assertThat(reader.events(runId))
                    .anyMatch(event ->
                            event.level().equals("error") && event.text().contains("diverged"));
        }
    }

    @Test
    void trainingRun_resumedBehindItsLastRow_showsEveryStepOnce() {
        LinearData broken = new LinearData(60, 16, 3).spoil(3, labels -> labels[0] = Float.NaN);
        TrainingPlan plan =
                TrainingPlan.builder().setEpochs(2).optCheckpointSteps(2).build();
        Path out = folder.resolve("run");
        for (LinearData data : List.of(broken, new LinearData(60, 16, 3))) {
            boolean resume = Checkpoint.exists(out);
            try (MetricsStore store = MetricsStore.open(file);
                    Model model = TinyModel.create()) {
                Run metrics = resume ? store.resumeRun("test", Map.of()) : store.startRun("test", Map.of());
                TrainingRun run = run(model, data)
                        .setPlan(plan)
                        .optFolder(out)
                        .optResume(resume ? out : null)
                        .optListener(MetricsListener.of(store, metrics))
                        .build();
                if (resume) {
                    run.run();
                } else {
                    // Steps 1 to 3 are recorded, the checkpoint is of step 2.
                    assertThatThrownBy(run::run).isInstanceOf(DivergedException.class);
                }
            }
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.runs()).hasSize(1);
            assertThat(reader.series(reader.runs().get(0).id(), "loss").steps())
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    @Test
    void trainingRun_storeClosedMeanwhile_goesOn() {
        try (Model model = TinyModel.create()) {
            MetricsStore store = MetricsStore.open(file);
            MetricsListener metrics = MetricsListener.of(store, store.startRun("test", Map.of()));
            store.close();
            RunResult result = run(model, new LinearData(60, 16, 3))
                    .optFolder(folder.resolve("run"))
                    .optListener(metrics)
                    .build()
                    .run();
            assertThat(result.steps()).isEqualTo(8);
            assertThat(metrics.failures()).isGreaterThan(8);
        }
    }

    @Test
    void easyTrain_withDefaultListeners_recordsTheSameKinds() throws Exception {
        long runId;
        try (MetricsStore store = MetricsStore.open(file);
                Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, OptimizerSettings.adamW(0.01, 0))) {
            Run run = store.startRun("easy", Map.of());
            runId = run.id();
            MetricsListener metrics =
                    MetricsListener.of(store, run).readFrom(optimizer).withGradientNorm();
            var config = new DefaultTrainingConfig(Loss.l2Loss())
                    .optOptimizer(optimizer)
                    .addEvaluator(Loss.l1Loss("absolute"))
                    .addTrainingListeners(TrainingListener.Defaults.basic())
                    .addTrainingListeners(metrics);
            try (Trainer trainer = model.newTrainer(config)) {
                new EngineSeed(3).forInitialisation();
                trainer.initialize(new Shape(1, LinearData.FEATURES));
                EasyTrain.fit(trainer, 2, new LinearData(60, 16, 3), new LinearData(16, 8, 4));
                // Equal batches: DJL's mean of batch means is the mean over samples.
                assertThat(metrics.failures()).isZero();
                run.finish(RunStatus.FINISHED);
                store.flush(java.time.Duration.ofSeconds(10));
                try (MetricsReader reader = MetricsReader.open(file)) {
                    List<EpochMetric> losses = epochMetrics(reader, runId, "loss", "val");
                    assertThat(losses).hasSize(2);
                    assertThat(losses.get(1).value())
                            .isCloseTo(trainer.getTrainingResult().getValidateLoss(), within(1e-5));
                }
            }
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.series(runId, "loss").values()).hasSize(8);
            assertThat(reader.series(runId, "gradient_norm").values()).hasSize(7);
            assertThat(epochMetrics(reader, runId, "absolute", "val")).hasSize(2);
            assertThat(epochMetrics(reader, runId, "learning_rate", "train")).hasSize(2);
            assertThat(reader.run(runId).status()).isEqualTo(RunStatus.FINISHED);
        }
    }
}
