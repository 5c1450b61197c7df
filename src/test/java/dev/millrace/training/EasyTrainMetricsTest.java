package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.evaluator.BinaryAccuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.metrics.EpochMetric;
import dev.millrace.metrics.EpochPoint;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.StageSpan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EasyTrainMetricsTest {
    private static final int EPOCHS = 2;

    @TempDir
    Path folder;

    /** One training by DJL's loop, and what to watch it with. */
    private static final class Fit {
        private int batch = 16;
        private int validationBatch = 8;
        private float learningRate = 0.05f;
        private long pauseMillis;
        private TrainingListener[] before = TrainingListener.Defaults.basic();
        private UnaryOperator<MetricsListener> options = listener -> listener;
        private boolean storedMetrics;
        private boolean ownOptimizer;

        /** Trains and returns the file; the run is its first. */
        Path into(Path file) throws Exception {
            try (MetricsStore store = MetricsStore.open(file);
                    Model model = TinyModel.linear();
                    AdamW own = ownOptimizer ? AdamW.of(model, OptimizerSettings.adamW(learningRate, 0)) : null) {
                Run run = store.startRun("easy", Map.of());
                MetricsListener listener = options.apply(MetricsListener.of(store, run));
                Tracker rate = Tracker.fixed(learningRate);
                Optimizer optimizer = own != null
                        ? own
                        : Optimizer.sgd().setLearningRateTracker(rate).build();
                if (own != null) {
                    listener.readFrom(own);
                } else {
                    listener.readFrom(rate);
                }
                var config = new DefaultTrainingConfig(Loss.l2Loss())
                        .optOptimizer(optimizer)
                        .addEvaluator(Loss.l1Loss("absolute"))
                        .addEvaluator(new BinaryAccuracy("positive", 0.5f))
                        .addEvaluator(new SelfCounting())
                        .addTrainingListeners(before)
                        .addTrainingListeners(listener);
                try (Trainer trainer = model.newTrainer(config)) {
                    if (storedMetrics) {
                        trainer.setMetrics(new StoredMetrics(run));
                    }
                    new EngineSeed(3).forInitialisation();
                    trainer.initialize(new Shape(1, LinearData.FEATURES));
                    EasyTrain.fit(
                            trainer,
                            EPOCHS,
                            new LinearData(60, batch, 3).pauseMillis(pauseMillis),
                            new LinearData(20, validationBatch, 4));
                    endsTwice(trainer);
                }
                assertThat(listener.failures()).isZero();
                run.finish(RunStatus.FINISHED);
                assertThat(store.flush(Duration.ofSeconds(20))).isTrue();
            }
            return file;
        }
    }

    /** An evaluator that nobody knows, which keeps its own account. */
    private static final class SelfCounting extends BinaryAccuracy {
        SelfCounting() {
            super("self counting", 0.4f);
        }
    }

    /** DJL tells of the end again when somebody else closes a trainer too. */
    private static void endsTwice(Trainer trainer) {
        trainer.close();
    }

    private static List<Double> boxed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static double[] epochs(MetricsReader reader, String name, String phase) {
        return reader.epochMetrics(1).stream()
                .map(EpochPoint::metric)
                .filter(metric -> metric.name().equals(name) && metric.phase().equals(phase))
                .mapToDouble(EpochMetric::value)
                .toArray();
    }

    @Test
    void epochValues_withAShortLastBatch_areThoseOfOneLargeBatch() throws Exception {
        // Nothing is learnt, so that the size of the batches makes no difference but in the averaging.
        Fit small = new Fit();
        small.learningRate = 0;
        Fit large = new Fit();
        large.learningRate = 0;
        large.batch = 60;
        large.validationBatch = 20;
        Fit undisturbed = new Fit();
        undisturbed.learningRate = 0;
        undisturbed.before = new TrainingListener[0];
        try (MetricsReader one = MetricsReader.open(small.into(folder.resolve("small.db")));
                MetricsReader two = MetricsReader.open(large.into(folder.resolve("large.db")));
                MetricsReader three = MetricsReader.open(undisturbed.into(folder.resolve("undisturbed.db")))) {
            for (String name : List.of("loss", "absolute", "positive", "self counting")) {
                for (String phase : List.of("train", "val")) {
                    double[] expected = epochs(two, name, phase);
                    assertThat(expected).as("%s %s", phase, name).hasSize(EPOCHS);
                    assertThat(epochs(one, name, phase)).containsExactly(expected, within(1e-5));
                    assertThat(epochs(three, name, phase)).containsExactly(expected, within(1e-5));
                }
            }
            double[] steps = one.series(1, "loss").values();
            assertThat(steps).hasSize(4 * EPOCHS);
            double plain = Arrays.stream(steps).limit(4).average().orElseThrow();
            assertThat(plain).as("the plain mean differs").isNotCloseTo(epochs(one, "loss", "train")[0], within(1e-4));
        }
    }

    @Test
    void values_readFromTheDeviceNowAndThen_areTheSame() throws Exception {
        Fit each = new Fit();
        each.options = listener -> listener.withGradientNorm();
        Fit rarely = new Fit();
        rarely.options = listener -> listener.withGradientNorm().readEvery(3);
        try (MetricsReader one = MetricsReader.open(each.into(folder.resolve("each.db")));
                MetricsReader other = MetricsReader.open(rarely.into(folder.resolve("rarely.db")))) {
            for (String name : List.of("loss", "gradient_norm", "learning_rate")) {
                assertThat(other.series(1, name).steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
                assertThat(other.series(1, name).values())
                        .containsExactly(one.series(1, name).values(), within(1e-6));
            }
            assertThat(epochs(other, "loss", "train")).containsExactly(epochs(one, "loss", "train"), within(1e-6));
            assertThat(one.series(1, "samples_per_second").values()).hasSize(8);
        }
        try (MetricsStore store = MetricsStore.open(folder.resolve("refused.db"))) {
            MetricsListener listener = MetricsListener.of(store, store.startRun("refused", Map.of()));
            assertThatThrownBy(() -> listener.readEvery(0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void gradientNorm_ofAnOptimizerOfDjl_isThatWhichOursMeasures() throws Exception {
        Fit own = new Fit();
        own.ownOptimizer = true;
        own.options = listener -> listener.withGradientNorm();
        Fit djl = new Fit();
        djl.options = listener -> listener.withGradientNorm();
        try (MetricsReader one = MetricsReader.open(own.into(folder.resolve("own.db")));
                MetricsReader other = MetricsReader.open(djl.into(folder.resolve("djl.db")))) {
            // The first step starts from the same parameters; after it the optimizers go different ways.
            assertThat(other.series(1, "gradient_norm").values()[0])
                    .isCloseTo(one.series(1, "gradient_norm").values()[0], within(1e-4));
        }
    }

    @Test
    void stagesAndEnd_areRecordedOnce() throws Exception {
        try (MetricsReader reader = MetricsReader.open(new Fit().into(folder.resolve("stages.db")))) {
            assertThat(reader.stages(1))
                    .extracting(StageSpan::name)
                    .containsExactly("train", "validate", "train", "validate");
            assertThat(reader.stages(1)).allMatch(span -> span.durationSeconds() != null);
            assertThat(reader.events(1))
                    .filteredOn(event -> event.text().contains("trainer closed"))
                    .hasSize(1);
        }
    }

    @Test
    void storedMetrics_underEasyTrain_streamEverythingWithUnits() throws Exception {
        Fit fit = new Fit();
        fit.storedMetrics = true;
        fit.pauseMillis = 20;
        fit.before = TrainingListener.Defaults.logging();
        try (MetricsReader reader = MetricsReader.open(fit.into(folder.resolve("stored.db")))) {
            for (String name : List.of("forward", "backward", "training_metrics", "step")) {
                assertThat(boxed(reader.series(1, "djl/" + name + "_seconds").values()))
                        .as(name)
                        .hasSizeGreaterThanOrEqualTo(8)
                        .allMatch(seconds -> seconds >= 0 && seconds < 60);
            }
            assertThat(reader.series(1, "djl/step_seconds").steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(reader.series(1, "djl/train_all_absolute").steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(epochs(reader, "absolute", "djl_train")).hasSize(EPOCHS);
            assertThat(epochs(reader, "absolute", "djl_val")).hasSize(EPOCHS);
            assertThat(boxed(epochs(reader, "epoch_seconds", "djl_train")))
                    .hasSize(EPOCHS)
                    .allMatch(seconds -> seconds > 0.08);
            double[] waits = reader.series(1, "data_wait_share").values();
            assertThat(boxed(waits)).hasSize(8).allMatch(share -> share >= 0 && share <= 1);
            assertThat(Arrays.stream(waits).max().orElseThrow()).isGreaterThan(0.3);
            assertThat(epochs(reader, "data_wait_share", "train")).hasSize(EPOCHS);
        }
    }

    @Test
    void storedMetrics_ofALongTraining_keepAWindowThatDjlCanRead() {
        Path file = folder.resolve("window.db");
        StoredMetrics late;
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("window", Map.of());
            StoredMetrics metrics = new StoredMetrics(run);
            for (int i = 1; i <= 12_345; i++) {
                metrics.addMetric("mine", i);
            }
            assertThat(metrics.getMetric("mine")).hasSizeBetween(1_000, 2_000);
            assertThat(metrics.latestMetric("mine").getValue()).isEqualTo(12_345);
            assertThat(metrics.mean("mine")).isBetween(11_000.0, 12_345.0);
            assertThat(metrics.percentile("mine", 50).getValue()).isBetween(11_000.0, 12_345.0);
            assertThat(metrics.hasMetric("mine")).isTrue();
            assertThat(metrics.hasMetric("other")).isFalse();
            metrics.setLimit(10);
            metrics.addMetric("few", 1);
            assertThat(metrics.failures()).isZero();
            assertThat(store.flush(Duration.ofSeconds(20))).isTrue();
            late = metrics;
        }
        late.addMetric("late", 1);
        assertThat(late.failures()).isEqualTo(1);
        assertThat(late.latestMetric("late").getValue()).isEqualTo(1);
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.series(1, "djl/mine").values()).hasSize(12_345);
            assertThat(reader.series(1, "djl/mine").steps()[12_344]).isEqualTo(12_345);
        }
    }
}
