package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import dev.millrace.training.RunResult.StopReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    @TempDir
    Path folder;

    private static TrainingPlan.Builder plan(int epochs) {
        return TrainingPlan.builder()
                .setEpochs(epochs)
                .optOptimizer(OptimizerSettings.adamW(0.01, 0.01))
                .optSeed(7);
    }

    private static TrainingRun.Builder run(Model model, TrainingPlan plan, LinearData data) {
        return TrainingRun.builder()
                .setModel(model)
                .setPlan(plan)
                .setLoss(Loss.l2Loss())
                .setTraining(data)
                .optValidation(new LinearData(30, 8, 99));
    }

    @Test
    void run_linearTask_lowersTheLossAndReports() {
        List<EpochReport> epochs = new ArrayList<>();
        List<StepReport> steps = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onStep(StepReport step) {
                steps.add(step);
            }

            @Override
            public void onEpoch(EpochReport epoch) {
                epochs.add(epoch);
            }
        };
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan(20).build(), new LinearData(100, 16, 3))
                    .optListener(listener)
                    .optEvaluators(List.of(Loss.l1Loss("absolute")))
                    .build()
                    .run();

            assertThat(result.reason()).isEqualTo(StopReason.EPOCHS_DONE);
            assertThat(result.steps()).isEqualTo(20 * 7);
            assertThat(result.samples()).isEqualTo(2000);
            assertThat(epochs).hasSize(20);
            assertThat(epochs.get(19).validation().get("loss"))
                    .isLessThan(epochs.get(0).validation().get("loss") / 2);
            assertThat(epochs.get(19).validation()).containsKey("absolute");
            assertThat(result.best()).isNotNull();
            assertThat(steps).hasSize(140);
            assertThat(steps.get(6).samples()).isEqualTo(4);
            assertThat(steps.get(0).batchesPerEpoch()).isEqualTo(7);
            assertThat(steps).allMatch(step -> step.gradientNorm() > 0 && step.learningRate() == 0.01);
        }
    }

    @Test
    void run_resumedAtEveryKindOfMoment_equalsUninterruptedBitForBit() {
        TrainingPlan whole = plan(4).optAccumulation(2)
                .optClipNorm(1.5)
                .optSchedule(Schedule.OneCycle.standard())
                .build();
        List<String> expectedBatches = new ArrayList<>();
        Map<String, byte[]> expected;
        try (Model model = TinyModel.create()) {
            // 100 samples in batches of 16 are 7 batches, 4 steps, the last of one short batch.
            RunResult result = run(model, whole, new LinearData(100, 16, 3).logTo(expectedBatches::add))
                    .build()
                    .run();
            assertThat(result.steps()).isEqualTo(16);
            expected = TinyModel.bits(model);
        }

        for (long cut : new long[] {1, 3, 4, 6, 8, 15}) {
            Path runFolder = folder.resolve("cut" + cut);
            List<String> batches = new ArrayList<>();
            LinearData data = new LinearData(100, 16, 3).logTo(batches::add);
            try (Model model = TinyModel.create()) {
                TrainingPlan cutPlan = plan(4).optAccumulation(2)
                        .optClipNorm(1.5)
                        .optSchedule(Schedule.OneCycle.standard())
                        .optMaxSteps(cut)
                        .build();
                RunResult result =
                        run(model, cutPlan, data).optFolder(runFolder).build().run();
                assertThat(result.reason()).isEqualTo(StopReason.MAX_STEPS);
                assertThat(result.steps()).isEqualTo(cut);
            }
            try (Model model = TinyModel.create()) {
                RunResult result = run(model, whole, data)
                        .optFolder(runFolder)
                        .optResume(runFolder)
                        .build()
                        .run();
                assertThat(result.steps()).isEqualTo(16);
                assertBitEqual(TinyModel.bits(model), expected, "cut at step " + cut);
            }
            assertThat(batches).as("cut at step %s", cut).isEqualTo(expectedBatches);
        }
    }

    @Test
    void run_resumedOnDjlOwnShuffledDataset_equalsUninterruptedBitForBit() throws Exception {
        Map<String, byte[]> expected;
        try (Model model = TinyModel.create()) {
            arrayRun(model, 0, null);
            expected = TinyModel.bits(model);
        }
        try (Model model = TinyModel.create()) {
            arrayRun(model, 5, null);
        }
        try (Model model = TinyModel.create()) {
            arrayRun(model, 0, folder);
            assertBitEqual(TinyModel.bits(model), expected, "resumed");
        }
    }

    private void arrayRun(Model model, long maxSteps, Path resume) throws Exception {
        try (var manager = model.getNDManager().newSubManager()) {
            var random = new java.util.Random(5);
            float[] x = new float[64 * 6];
            float[] y = new float[64];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
                y[i / 6] += x[i];
            }
            var data = new ai.djl.training.dataset.ArrayDataset.Builder()
                    .setData(manager.create(x, new Shape(64, 6)))
                    .optLabels(manager.create(y, new Shape(64, 1)))
                    .setSampling(16, true)
                    .build();
            TrainingRun.builder()
                    .setModel(model)
                    .setPlan(plan(3).optMaxSteps(maxSteps).build())
                    .setLoss(Loss.l2Loss())
                    .setTraining(data)
                    .optFolder(folder)
                    .optResume(resume)
                    .build()
                    .run();
        }
    }

    @Test
    void run_nanInTheData_stopsBeforeTheParametersChange() {
        try (Model model = TinyModel.linear()) {
            LinearData data = new LinearData(64, 16, 3).spoil(2, labels -> labels[3] = Float.NaN);
            List<Map<String, byte[]>> seen = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            TrainingRun run = run(model, plan(2).build(), data)
                    .optFolder(folder)
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            seen.add(TinyModel.bits(model));
                        }

                        @Override
                        public void onFailure(Throwable failure) {
                            failures.add(failure);
                        }
                    })
                    .build();
            assertThatThrownBy(run::run)
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("step 3")
                    .hasMessageContaining("NaN");
            assertThat(seen).hasSize(2);
            assertBitEqual(TinyModel.bits(model), seen.get(1), "after NaN");
            assertThat(failures).hasSize(1);
        }
    }

    @Test
    void run_gradientOverflows_stopsBeforeTheParametersChange() {
        try (Model model = TinyModel.linear()) {
            // The loss is finite, the square of its gradient is not.
            LinearData data = new LinearData(64, 16, 3);
            TrainingRun run = run(model, plan(2).build(), data)
                    .setLoss(new ScaledLoss(0x1p67f))
                    .build();
            assertThatThrownBy(run::run).isInstanceOf(DivergedException.class).hasMessageContaining("gradient norm");
            for (byte[] bytes : TinyModel.bits(model).values()) {
                for (int i = 0; i < bytes.length; i += 4) {
                    float value = java.nio.ByteBuffer.wrap(bytes)
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .getFloat(i);
                    assertThat(value).isFinite();
                }
            }
        }
    }

    @Test
    void run_lossAboveTheLimit_stops() {
        try (Model model = TinyModel.linear()) {
            LinearData data = new LinearData(64, 16, 3).spoil(1, labels -> Arrays.fill(labels, 1000f));
            TrainingRun run =
                    run(model, plan(2).optDivergenceLimit(100).build(), data).build();
            assertThatThrownBy(run::run).isInstanceOf(DivergedException.class).hasMessageContaining("≤ 100.0");
        }
    }

    @Test
    void run_accumulationWithShortRest_stepsAsOneLargeBatch() {
        // 24 samples as one batch, and as 10 + 10 + 4 accumulated: the same mean gradient.
        double[] norms = new double[2];
        int[] batchSizes = {24, 10};
        for (int i = 0; i < 2; i++) {
            int at = i;
            try (Model model = TinyModel.linear()) {
                RunResult result = run(
                                model,
                                plan(1).optAccumulation(i == 0 ? 1 : 5).build(),
                                new LinearData(24, batchSizes[i], 3))
                        .optListener(new RunListener() {
                            @Override
                            public void onStep(StepReport step) {
                                norms[at] = step.gradientNorm();
                            }
                        })
                        .optInputShapes(new Shape(1, LinearData.FEATURES))
                        .build()
                        .run();
                assertThat(result.steps()).isEqualTo(1);
            }
        }
        assertThat(norms[1]).isCloseTo(norms[0], within(norms[0] * 1e-5));
    }

    @Test
    void run_validationWithShortBatch_weighsBySample() {
        double[] losses = new double[2];
        int[] sizes = {30, 7};
        for (int i = 0; i < 2; i++) {
            try (Model model = TinyModel.create()) {
                losses[i] = run(model, plan(1).build(), new LinearData(64, 16, 3))
                        .optValidation(new LinearData(30, sizes[i], 99))
                        .build()
                        .run()
                        .validation()
                        .get("loss");
            }
        }
        assertThat(losses[1]).isCloseTo(losses[0], within(losses[0] * 1e-5));
    }

    @Test
    void run_noImprovement_stopsEarlyAndKeepsTheBest() {
        try (Model model = TinyModel.linear()) {
            TrainingPlan plan = plan(50).optOptimizer(OptimizerSettings.adamW(1e-12, 0))
                    .optEarlyStopping(new EarlyStopping(3, 1e-3))
                    .build();
            RunResult result = run(model, plan, new LinearData(32, 16, 3))
                    .optFolder(folder)
                    .build()
                    .run();
            assertThat(result.reason()).isEqualTo(StopReason.EARLY_STOPPED);
            assertThat(result.epochs()).isEqualTo(4);
            assertThat(Checkpoint.last(folder).epoch()).isEqualTo(4);
        }
    }

    @Test
    void run_plateau_lowersTheLearningRateAndRemembersItOnResume() {
        List<Double> rates = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onEpoch(EpochReport epoch) {
                rates.add(epoch.learningRate());
            }
        };
        TrainingPlan.Builder plan = plan(6).optOptimizer(OptimizerSettings.adamW(1e-12, 0))
                .optSchedule(new Schedule.Plateau(0.5, 1, 0.01, 0.1));
        try (Model model = TinyModel.linear()) {
            run(model, plan.optMaxSteps(6).build(), new LinearData(32, 16, 3))
                    .optFolder(folder)
                    .optListener(listener)
                    .build()
                    .run();
        }
        try (Model model = TinyModel.linear()) {
            run(model, plan.optMaxSteps(0).build(), new LinearData(32, 16, 3))
                    .optFolder(folder)
                    .optResume(folder)
                    .optListener(listener)
                    .build()
                    .run();
        }
        assertThat(rates).containsExactly(1e-12, 1e-12, 1e-12, 5e-13, 5e-13, 2.5e-13);
    }

    @Test
    void run_cutByMaxSteps_validatesAndKeepsTheBestButLeavesTheResumePointClean() {
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan(2).optMaxSteps(3).build(), new LinearData(100, 16, 3))
                    .optFolder(folder)
                    .build()
                    .run();
            assertThat(result.reason()).isEqualTo(StopReason.MAX_STEPS);
            assertThat(result.validation()).containsKey("loss");
            assertThat(result.best()).isEqualTo(result.validation().get("loss"));
            assertThat(result.bestStep()).isEqualTo(3);
        }
        assertThat(Checkpoint.open(folder.resolve("best")).step()).isEqualTo(3);
        assertThat(Checkpoint.last(folder).bestValue()).isNull();
        assertThat(Checkpoint.last(folder).validation()).isEmpty();
    }

    @Test
    void run_frozenPrefix_leavesThoseParametersAndNeedsAMatch() {
        try (Model model = TinyModel.create()) {
            List<byte[]> first = new ArrayList<>();
            List<byte[]> last = new ArrayList<>();
            run(model, plan(1).optFrozen(List.of("01Linear")).build(), new LinearData(64, 16, 3))
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            first.add(TinyModel.parameter(model, "01Linear_weight")
                                    .toByteArray());
                            last.add(TinyModel.parameter(model, "05Linear_weight")
                                    .toByteArray());
                        }
                    })
                    .build()
                    .run();
            assertThat(first.get(3)).isEqualTo(first.get(0));
            assertThat(last.get(3)).isNotEqualTo(last.get(0));
        }
        try (Model model = TinyModel.create()) {
            TrainingRun run = run(model, plan(1).optFrozen(List.of("encoder")).build(), new LinearData(64, 16, 3))
                    .build();
            assertThatThrownBy(run::run)
                    .isInstanceOf(InvalidPlanException.class)
                    .hasMessageContaining("'encoder'");
        }
    }

    @Test
    void run_interruptedWhileACheckpointIsWritten_writesItAndStops() {
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan(5).build(), new LinearData(64, 16, 3))
                    .optFolder(folder)
                    .optListener(new RunListener() {
                        @Override
                        public void onEpoch(EpochReport report) {
                            // The next thing that happens is the writing of a checkpoint.
                            Thread.currentThread().interrupt();
                        }
                    })
                    .build()
                    .run();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.reason()).isEqualTo(StopReason.INTERRUPTED);
            assertThat(Checkpoint.last(folder).step()).isEqualTo(result.steps());
        }
    }

    @Test
    void run_interrupted_savesAndStops() {
        try (Model model = TinyModel.create()) {
            RunResult result = run(model, plan(5).build(), new LinearData(64, 16, 3))
                    .optFolder(folder)
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            if (step.step() == 6) {
                                Thread.currentThread().interrupt();
                            }
                        }
                    })
                    .build()
                    .run();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.reason()).isEqualTo(StopReason.INTERRUPTED);
            assertThat(Checkpoint.last(folder).step()).isEqualTo(6);
        }
    }

    @Test
    void run_threeHundredSteps_keepsTheNumberOfArraysFlat() {
        List<Integer> counts = new ArrayList<>();
        try (Model model = TinyModel.create()) {
            run(model, plan(10).optClipNorm(1).optAccumulation(2).build(), new LinearData(960, 16, 3))
                    .optFolder(folder)
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            counts.add(TinyModel.arrays(model.getNDManager()));
                        }
                    })
                    .build()
                    .run();
            assertThat(counts).hasSize(300);
            assertThat(counts.get(299)).isEqualTo(counts.get(10));
            // Eight parameters are left: the moments went with the run.
            assertThat(TinyModel.arrays(model.getNDManager())).isEqualTo(8);
        }
    }

    @Test
    void run_withoutAccumulation_equalsEasyTrainBitForBit() throws Exception {
        OptimizerSettings settings = OptimizerSettings.adamW(0.01, 0.01);
        Map<String, byte[]> expected;
        try (Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, settings, new Schedule.Constant(), 1, 0);
                var trainer = model.newTrainer(
                        new ai.djl.training.DefaultTrainingConfig(Loss.l2Loss()).optOptimizer(optimizer))) {
            new EngineSeed(7).forInitialisation();
            trainer.initialize(new Shape(1, LinearData.FEATURES));
            ai.djl.training.EasyTrain.fit(trainer, 3, new LinearData(50, 16, 3), null);
            expected = TinyModel.bits(model);
        }
        try (Model model = TinyModel.linear()) {
            run(model, plan(3).optClipNorm(1).build(), new LinearData(50, 16, 3))
                    .build()
                    .run();
            assertBitEqual(TinyModel.bits(model), expected, "EasyTrain");
        }
    }

    @Test
    void run_onAnotherThreadThanTheEngines_givesTheSameBits() throws Exception {
        List<Map<String, byte[]>> results = new ArrayList<>();
        Runnable training = () -> {
            try (Model model = TinyModel.create()) {
                run(model, plan(2).build(), new LinearData(50, 16, 3)).build().run();
                results.add(TinyModel.bits(model));
            }
        };
        training.run();
        Thread other = new Thread(training);
        other.start();
        other.join();
        assertThat(results).hasSize(2);
        assertBitEqual(results.get(1), results.get(0), "other thread");
    }

    @Test
    void run_slowData_isSeenAsWaiting() {
        try (Model model = TinyModel.linear()) {
            RunResult result = run(model, plan(1).build(), new LinearData(64, 16, 3).pauseMillis(20))
                    .build()
                    .run();
            assertThat(result.dataWaitShare()).isBetween(0.5, 1.0);
            assertThat(result.seconds()).isGreaterThan(0.08);
        }
    }

    @Test
    void run_checkpointSteps_writesInsideTheEpoch() {
        List<Long> saved = new ArrayList<>();
        try (Model model = TinyModel.linear()) {
            run(model, plan(1).optCheckpointSteps(3).build(), new LinearData(128, 16, 3))
                    .optFolder(folder)
                    .optAttachment("model.json", new byte[] {1, 2})
                    .optListener(new RunListener() {
                        @Override
                        public void onCheckpoint(Path written, long step) {
                            assertThat(Files.isDirectory(written)).isTrue();
                            saved.add(step);
                        }
                    })
                    .build()
                    .run();
        }
        assertThat(saved).containsExactly(3L, 6L, 8L, 8L);
        assertThat(Checkpoint.best(folder).attachment("model.json")).containsExactly(1, 2);
    }

    @Test
    void build_monitorWithoutItsEvaluator_isRefused() {
        try (Model model = TinyModel.linear()) {
            TrainingPlan plan = plan(1).optMonitor(new Monitor("cosine", true)).build();
            assertThatThrownBy(() -> run(model, plan, new LinearData(10, 5, 1)).build())
                    .isInstanceOf(InvalidPlanException.class)
                    .hasMessageContaining("'cosine'");
        }
    }

    @Test
    void run_insideAnother_isRefused() {
        try (Model model = TinyModel.linear();
                Model second = TinyModel.linear()) {
            TrainingRun inner =
                    run(second, plan(1).build(), new LinearData(10, 5, 1)).build();
            TrainingRun outer = run(model, plan(1).build(), new LinearData(10, 5, 1))
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            inner.run();
                        }
                    })
                    .build();
            assertThatThrownBy(outer::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("under way");
        }
    }

    static void assertBitEqual(Map<String, byte[]> found, Map<String, byte[]> expected, String what) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, bytes) ->
                assertThat(found.get(name)).as("%s: %s", what, name).isEqualTo(bytes));
    }

    /** A loss whose gradient is huge. */
    private static final class ScaledLoss extends Loss {
        private final float scale;

        ScaledLoss(float scale) {
            super("scaled");
            this.scale = scale;
        }

        @Override
        public ai.djl.ndarray.NDArray evaluate(ai.djl.ndarray.NDList labels, ai.djl.ndarray.NDList predictions) {
            return predictions
                    .singletonOrThrow()
                    .sub(labels.singletonOrThrow())
                    .abs()
                    .mul(scale)
                    .mean();
        }
    }
}
