package dev.millrace.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.Stage;
import dev.millrace.metrics.WorkerMetrics;
import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.PropertyLoss;
import dev.millrace.model.PropertyModel;
import dev.millrace.model.PropertyModelConfig;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.model.SpectrumModel;
import dev.millrace.model.SpectrumModelConfig;
import dev.millrace.pcqm.PcqmBuildReport;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.pcqm.PcqmSample;
import dev.millrace.pcqm.PcqmSplitChoice;
import dev.millrace.pcqm.PcqmStatistics;
import dev.millrace.spectra.SpectraBuildReport;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.training.EarlyStopping;
import dev.millrace.training.MetricsListener;
import dev.millrace.training.Monitor;
import dev.millrace.training.OptimizerSettings;
import dev.millrace.training.RunResult;
import dev.millrace.training.Schedule;
import dev.millrace.training.StoredMetrics;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of README.md, docs/spectra.md, docs/pcqm.md, docs/training.md, docs/metrics.md and docs/getting-started.md. */
class TrainingExamplesTest {
    private static final Shape[] MOLECULES = {
        new Shape(1, 48), new Shape(2, 1), new Shape(1, 6), new Shape(1), new Shape(1)
    };

    @TempDir
    private static Path folder;

    private static Path spectra;
    private static Path molecules;

    @BeforeAll
    static void build() throws Exception {
        spectra = folder.resolve("spectra.db");
        molecules = folder.resolve("pcqm.db");
        SpectraSample.write(folder, 60, 5, BuildProgress.NONE);
        SpectraBuildReport spectraReport = buildSpectra(folder.resolve("spectra.msp"), folder.resolve("mol"), spectra);
        assertThat(spectraReport.withGraph()).isEqualTo(60);
        Path csv = folder.resolve("data.csv.gz");
        new PcqmSample(60, 0, 3, 0.1, false).write(csv, done -> {});
        assertThat(buildMolecules(csv, molecules).molecules()).isEqualTo(60);
    }

    private static SpectraBuildReport buildSpectra(Path msp, Path molFolder, Path database) throws Exception {
        // @start region="build-spectra"
        SpectraBuildReport report = new SpectraBuilder()
                .setMsp(msp)
                .setMolFolder(molFolder)
                .setDatabase(database)
                .optSeed(42)
                .build();
        // @end
        return report;
    }

    private static PcqmBuildReport buildMolecules(Path csv, Path database) throws Exception {
        // @start region="build-pcqm"
        PcqmBuildReport report = new PcqmBuilder()
                .setCsv(csv)
                .setDatabase(database)
                .optFeatureSpec("bitspec-48-6")
                .optSplit(PcqmSplitChoice.ratios())
                .optSeed(42)
                .build();
        // @end
        return report;
    }

    @Test
    void easyTrain_spectra_fitsFromTheDataset() throws Exception {
        try (Model model = Model.newInstance("spectrum");
                SpectrumDataset validation = SpectrumDataset.builder()
                        .setDatabase(spectra)
                        .optSplit(Split.VALIDATION)
                        .setSampling(16, false)
                        .build()) {
            model.setBlock(new SpectrumModel(SpectrumModelConfig.of("bitspec-48-6", SpectrumAxis.unitMass())));
            var settings = new DefaultTrainingConfig(SpectrumLoss.cosine())
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(settings)) {
                trainer.initialize(MOLECULES);
                int epochs = 1;
                // @start region="fit-spectra"
                try (SpectrumDataset train = SpectrumDataset.builder()
                        .setDatabase(spectra)
                        .optSplit(Split.TRAIN)
                        .setSampling(128, true)
                        .optSeed(42)
                        .build()) {
                    EasyTrain.fit(trainer, epochs, train, validation);
                }
                // @end
                assertThat(trainer.getTrainingResult().getValidateLoss()).isBetween(0f, 1f);
            }
        }
    }

    @Test
    void firstModel_inANotebook_isTrainedAndPredicts() throws Exception {
        Path work = folder.resolve("notebook");
        int count = 40;
        int epochs = 1;
        float loss;
        // @start region="notebook"
        SpectraSample.write(work, count, 7, BuildProgress.NONE);
        Path database = work.resolve("spectra.db");
        new SpectraBuilder()
                .setMsp(work.resolve("spectra.msp"))
                .setMolFolder(work.resolve("mol"))
                .setDatabase(database)
                .build();
        SpectrumDataset train = SpectrumDataset.builder()
                .setDatabase(database)
                .optSplit(Split.TRAIN)
                .setSampling(32, true)
                .optSeed(42)
                .build();
        SpectrumDataset validation = SpectrumDataset.builder()
                .setDatabase(database)
                .optSplit(Split.VALIDATION)
                .setSampling(32, false)
                .build();
        Model model = Model.newInstance("spectrum");
        model.setBlock(new SpectrumModel(SpectrumModelConfig.of(train.featureSpec(), SpectrumAxis.unitMass())));
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(SpectrumLoss.cosine())
                .addTrainingListeners(TrainingListener.Defaults.basic()));
        trainer.initialize(new Shape(1, 48), new Shape(2, 1), new Shape(1, 6), new Shape(1), new Shape(1));
        EasyTrain.fit(trainer, epochs, train, validation);
        loss = trainer.getTrainingResult().getValidateLoss(); // 1 − cosine
        // @end
        trainer.close();
        model.close();
        validation.close();
        train.close();
        assertThat(loss).isBetween(0f, 1f);
    }

    @Test
    void ownLoop_molecules_getsBatchesOfTheSplit() throws Exception {
        long seen = 0;
        try (Model model = Model.newInstance("gap");
                PcqmDataset train = molecules(Split.TRAIN)) {
            model.setBlock(new PropertyModel(PropertyModelConfig.of(
                    train.featureSpec(), List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5, 1)))));
            try (Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()))) {
                trainer.initialize(MOLECULES);
                // @start region="own-loop"
                for (Batch batch : trainer.iterateDataset(train)) {
                    try (batch) {
                        EasyTrain.trainBatch(trainer, batch);
                        seen += batch.getSize();
                    }
                    trainer.step();
                }
                // @end
            }
            assertThat(seen).isEqualTo(train.size()).isGreaterThan(40);
        }
    }

    @Test
    void trainingRun_molecules_trainsChecksAndResumes() throws Exception {
        Path runFolder = folder.resolve("run");
        Double best;
        try (PcqmDataset train = molecules(Split.TRAIN);
                PcqmDataset validation = molecules(Split.VALIDATION)) {
            // @start region="training-run"
            PcqmStatistics gap = train.statistics();
            List<PropertyModelConfig.Target> targets =
                    List.of(PropertyModelConfig.Target.of("homo_lumo_gap", gap.mean(), gap.standardDeviation()));
            TrainingPlan plan = TrainingPlan.builder()
                    .setEpochs(2)
                    .optOptimizer(OptimizerSettings.adamW(0.001, 0.0001))
                    .optSchedule(new Schedule.WarmupCosine(10, 0))
                    .optClipNorm(1)
                    .optEarlyStopping(new EarlyStopping(5, 0))
                    .optMonitor(new Monitor("mae", false))
                    .optSeed(42)
                    .build();
            try (Model model = Model.newInstance("gap", TrainingRun.device(plan.device()))) {
                model.setBlock(new PropertyModel(PropertyModelConfig.of(train.featureSpec(), targets)));
                RunResult result = TrainingRun.builder()
                        .setModel(model)
                        .setPlan(plan)
                        .setLoss(PropertyLoss.of(PropertyLoss.Kind.L1, targets))
                        .setTraining(train)
                        .optValidation(validation)
                        .optEvaluators(List.copyOf(PropertyEvaluator.of(targets)))
                        .optFolder(runFolder)
                        .build()
                        .run();
                best = result.best(); // of mae, in eV; runFolder has best/ and last/
            }
            // @end
            assertThat(best).isNotNull().isPositive();
            try (Model model = Model.newInstance("gap")) {
                model.setBlock(new PropertyModel(PropertyModelConfig.of(train.featureSpec(), targets)));
                RunResult resumed = TrainingRun.builder()
                        .setModel(model)
                        .setPlan(plan)
                        .setLoss(PropertyLoss.of(PropertyLoss.Kind.L1, targets))
                        .setTraining(train)
                        .optValidation(validation)
                        .optEvaluators(List.copyOf(PropertyEvaluator.of(targets)))
                        .optResume(runFolder)
                        .build()
                        .run();
                assertThat(resumed.reason()).isEqualTo(RunResult.StopReason.EPOCHS_DONE);
                assertThat(resumed.best()).isNotNull().isPositive();
            }
        }
    }

    private static PcqmDataset molecules(Split split) {
        // @start region="open-pcqm"
        PcqmDataset dataset = PcqmDataset.builder()
                .setDatabase(molecules)
                .optSplit(split)
                .setSampling(16, split == Split.TRAIN)
                .optSeed(42)
                .build();
        // @end
        return dataset;
    }

    @Test
    void metadata_ofPositions_isWhatTheInputSaid() throws Exception {
        try (SpectrumDataset dataset = SpectrumDataset.builder()
                        .setDatabase(spectra)
                        .setSampling(16, false)
                        .build();
                PcqmDataset gaps = molecules(Split.ALL)) {
            // @start region="metadata"
            String name = dataset.metadata(0).get(0).name();
            String smiles = gaps.metadata(0).get(0).smiles();
            // @end
            assertThat(name).isNotEmpty();
            assertThat(smiles).isNotEmpty();
        }
    }

    // A stage is there to be closed.
    @SuppressWarnings("try")
    @Test
    void metricsStore_ofAProgram_keepsWhatItIsTold() {
        Path file = folder.resolve("metrics.db");
        double loss = 0.5;
        double rate = 1e-3;
        double validationLoss = 0.6;
        int steps = 3;
        int epoch = 0;
        // @start region="metrics-store"
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("finetune", Map.of("batch_size", 128));
            run.tag("baseline");
            try (Stage loading = run.stage("data.load")) {
                load();
            }
            for (long step = 1; step <= steps; step++) {
                run.logAll(step, Map.of("loss", loss, "learning_rate", rate));
            }
            run.epochMetric("loss", validationLoss, 0, epoch, "val");
            run.generationStart("augment", 0, 3).complete(5_000);
            if (!store.flush(Duration.ofSeconds(5))) {
                System.err.println("Not on the disk yet: " + file);
            }
            run.finish(RunStatus.FINISHED);
        }
        // @end
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.run(1).status()).isEqualTo(RunStatus.FINISHED);
            assertThat(reader.series(1, "loss").values()).containsExactly(0.5, 0.5, 0.5);
        }
    }

    private static void load() {}

    @Test
    void worker_withTheEnvironmentOfARun_isRecordedInIt() throws Exception {
        Path file = folder.resolve("workers.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("finetune", Map.of());
            ProcessBuilder worker = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Worker.class.getName());
            // @start region="worker-start"
            worker.environment().putAll(store.workerEnvironment(run));
            Process process = worker.start();
            // @end
            assertThat(process.waitFor()).isZero();
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.series(1, "augment_seconds").values()).containsExactly(0.25);
        }
    }

    /** What a worker process does. */
    static final class Worker {
        private Worker() {}

        public static void main(String[] args) {
            long step = 1;
            double seconds = 0.25;
            // @start region="worker"
            try (WorkerMetrics metrics = WorkerMetrics.ofEnvironment().orElseThrow()) {
                metrics.log(step, "augment_seconds", seconds);
            }
            // @end
        }
    }

    @Test
    void easyTrain_withListener_recordsTheRun() throws Exception {
        Path file = folder.resolve("easy.db");
        int epochs = 2;
        Loss loss =
                PropertyLoss.of(PropertyLoss.Kind.L1, List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5, 1)));
        try (PcqmDataset train = molecules(Split.TRAIN);
                PcqmDataset validation = molecules(Split.VALIDATION);
                Model model = Model.newInstance("gap")) {
            model.setBlock(new PropertyModel(PropertyModelConfig.of(
                    train.featureSpec(), List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5, 1)))));
            Shape[] shapes = MOLECULES;
            // @start region="easy-train-metrics"
            Tracker rate = Tracker.fixed(0.001f);
            try (MetricsStore store = MetricsStore.open(file)) {
                Run run = store.startRun("easy", Map.of());
                var config = new DefaultTrainingConfig(loss)
                        .optOptimizer(
                                Optimizer.adam().optLearningRateTracker(rate).build())
                        .addTrainingListeners(TrainingListener.Defaults.logging())
                        .addTrainingListeners(
                                MetricsListener.of(store, run).readFrom(rate).withGradientNorm());
                try (Trainer trainer = model.newTrainer(config)) {
                    // DJL's own metrics go to the run too, not into the heap.
                    trainer.setMetrics(new StoredMetrics(run));
                    trainer.initialize(shapes);
                    EasyTrain.fit(trainer, epochs, train, validation);
                }
                run.finish(RunStatus.FINISHED);
            }
            // @end
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.run(1).status()).isEqualTo(RunStatus.FINISHED);
            assertThat(reader.series(1, "gradient_norm").values()).hasSizeGreaterThan(2);
        }
    }

    @Test
    void shapes_ofTheFirstBatch_initializeAnyModel() throws Exception {
        try (PcqmDataset train = molecules(Split.TRAIN);
                Model model = Model.newInstance("gap")) {
            model.setBlock(new PropertyModel(PropertyModelConfig.of(
                    train.featureSpec(), List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5, 1)))));
            try (Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()))) {
                // @start region="initialize"
                try (Batch first =
                        train.getData(trainer.getManager()).iterator().next()) {
                    trainer.initialize(
                            first.getData().stream().map(NDArray::getShape).toArray(Shape[]::new));
                }
                // @end
                try (Batch batch =
                        train.getData(trainer.getManager()).iterator().next()) {
                    NDList predictions = trainer.evaluate(batch.getData());
                    assertThat(predictions.head().getShape()).isEqualTo(new Shape(16, 1));
                }
            }
        }
    }
}
