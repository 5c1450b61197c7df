package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.Split;
import dev.millrace.model.GraphEncoderConfig.Normalization;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.model.SpectrumModel;
import dev.millrace.model.SpectrumModelConfig;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.spectra.SpectrumDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that begins on the CPU, goes on elsewhere, and comes back, through its checkpoints; and the same run that stays. A
 * GPU adds in another order, so that it is compared within a tolerance; on the CPU nothing may differ.
 */
class DeviceRoundTripTest {
    private static final int FIRST = 3;
    private static final int AWAY = 9;
    private static final int LAST = 12;

    @TempDir
    Path folder;

    private Path database;

    @BeforeEach
    void build() throws Exception {
        SpectraSample.write(folder, 96, 5, state -> {});
        database = folder.resolve("spectra.db");
        new SpectraBuilder()
                .setMsp(folder.resolve("spectra.msp"))
                .setMolFolder(folder.resolve("mol"))
                .setDatabase(database)
                .build();
    }

    @Test
    void run_thereAndBackOnTheCpu_isTheRunThatStayed() throws Exception {
        thereAndBack("cpu", 0);
    }

    @Test
    @Tag("gpu")
    void run_thereAndBackOnAGpu_isCloseToTheRunThatStayed() throws Exception {
        assumeGpus(1);
        thereAndBack("gpu", 2e-3);
    }

    @Test
    @Tag("gpu")
    void split_overTwoGpus_predictsWhatTheCpuPredicts() throws Exception {
        assumeGpus(2);
        try (Model whole = model(Device.cpu());
                SpectrumDataset data = data(Split.TRAIN)) {
            Batch batch = data.getData(whole.getNDManager()).iterator().next();
            float[] expected = predict(whole, batch);
            Device[] devices = {Device.gpu(0), Device.gpu(1)};
            Batch[] parts = batch.split(devices, false);
            List<Float> found = new ArrayList<>();
            for (int i = 0; i < devices.length; i++) {
                assertThat(parts[i].getData().head().getDevice()).isEqualTo(devices[i]);
                try (Model copy = model(devices[i])) {
                    copyParameters(whole, copy);
                    for (float value : predict(copy, parts[i])) {
                        found.add(value);
                    }
                }
                parts[i].close();
            }
            batch.close();
            assertThat(found).hasSize(expected.length);
            for (int i = 0; i < expected.length; i++) {
                assertThat(found.get(i)).isCloseTo(expected[i], within(1e-3f * Math.max(1, Math.abs(expected[i]))));
            }
        }
    }

    private static void assumeGpus(int count) {
        int found = Engine.getInstance().getGpuCount();
        assumeTrue(
                found >= count,
                () -> "needs " + count + " GPUs that the engine can use, found " + found + " with "
                        + Engine.getInstance().getEngineName() + " "
                        + Engine.getInstance().getVersion()
                        + (Engine.getInstance().hasCapability("CUDA") ? " with CUDA" : " for the CPU only"));
    }

    private void thereAndBack(String device, double tolerance) throws Exception {
        Path stays = folder.resolve("stays");
        List<StepReport> expected = run(stays, "cpu", LAST, false);

        Path travels = folder.resolve("travels");
        List<StepReport> found = new ArrayList<>(run(travels, "cpu", FIRST, false));
        found.addAll(run(travels, device, AWAY, true));
        found.addAll(run(travels, "cpu", LAST, true));

        assertThat(found)
                .extracting(StepReport::step)
                .containsExactlyElementsOf(
                        expected.stream().map(StepReport::step).toList());
        for (int i = 0; i < LAST; i++) {
            StepReport wanted = expected.get(i);
            assertThat(found.get(i).loss())
                    .as("loss of step %d", wanted.step())
                    .isCloseTo(wanted.loss(), within(tolerance * wanted.loss()));
            assertThat(found.get(i).gradientNorm())
                    .as("gradient norm of step %d", wanted.step())
                    .isCloseTo(wanted.gradientNorm(), within(10 * tolerance * wanted.gradientNorm()));
        }
        assertThat(expected.get(LAST - 1).loss()).isLessThan(expected.get(0).loss());
        Map<String, Double> validation = Checkpoint.last(stays).validation();
        assertThat(Checkpoint.last(travels).validation()).hasSameSizeAs(validation);
        if (tolerance == 0) {
            assertThat(Checkpoint.last(travels).folder().resolve("optimizer.state"))
                    .hasSameBinaryContentAs(Checkpoint.last(stays).folder().resolve("optimizer.state"));
        }
    }

    private List<StepReport> run(Path runFolder, String device, int maxSteps, boolean resume) throws Exception {
        List<StepReport> steps = new ArrayList<>();
        TrainingPlan plan = TrainingPlan.builder()
                .setEpochs(6)
                .optMaxSteps(maxSteps)
                .optOptimizer(OptimizerSettings.adamW(3e-3, 1e-2))
                .optClipNorm(1)
                .optSeed(7)
                .optDevice(device)
                .build();
        try (SpectrumDataset training = data(Split.TRAIN);
                SpectrumDataset validation = data(Split.VALIDATION);
                Model model = Model.newInstance("spectrum", TrainingRun.device(device))) {
            model.setBlock(block());
            TrainingRun.builder()
                    .setModel(model)
                    .setPlan(plan)
                    .setLoss(SpectrumLoss.cosine())
                    .setTraining(training)
                    .optValidation(validation)
                    .optFolder(runFolder)
                    .optResume(resume ? runFolder : null)
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            steps.add(step);
                        }
                    })
                    .build()
                    .run();
            assertThat(model.getNDManager().getDevice()).isEqualTo(TrainingRun.device(device));
        }
        return steps;
    }

    private SpectrumDataset data(Split split) throws Exception {
        return SpectrumDataset.builder()
                .setDatabase(database)
                .optSplit(split)
                .setSampling(16, split == Split.TRAIN)
                .optSeed(7)
                .build();
    }

    /** GINE without batch statistics and dropout: what is random differs between devices. */
    private static SpectrumModel block() {
        SpectrumModelConfig config = SpectrumModelConfig.of("bitspec-48-6", SpectrumAxis.unitMass());
        return new SpectrumModel(config.withEncoder(config.encoder()
                        .withHiddenDim(32)
                        .withNumLayers(2)
                        .withNormalization(Normalization.LAYER)
                        .withDropout(0))
                .withHead(List.of(32), 0));
    }

    private static Model model(Device device) {
        Model model = Model.newInstance("spectrum", device);
        SpectrumModel block = block();
        block.initialize(
                model.getNDManager(),
                model.getDataType(),
                new Shape(1, 48),
                new Shape(2, 1),
                new Shape(1, 6),
                new Shape(1),
                new Shape(1));
        model.setBlock(block);
        return model;
    }

    private static void copyParameters(Model from, Model to) {
        var targets = to.getBlock().getParameters();
        for (var entry : from.getBlock().getParameters()) {
            var target = targets.get(entry.getKey());
            target.freeze(true);
            entry.getValue().getArray().copyTo(target.getArray());
        }
    }

    private static float[] predict(Model model, Batch batch) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList input = batch.getData().toDevice(manager.getDevice(), true);
            input.attach(manager);
            try (NDArray spectra = model.getBlock()
                    .forward(new ParameterStore(manager, false), input, false)
                    .head()) {
                return spectra.toFloatArray();
            }
        }
    }
}
