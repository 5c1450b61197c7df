package dev.millrace.cli;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.training.evaluator.Evaluator;
import dev.millrace.batch.Split;
import dev.millrace.build.SplitRatios;
import dev.millrace.metrics.MetricsReport;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.model.SpectrumEvaluator;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.model.SpectrumModel;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.spectra.SpectrumOptions;
import dev.millrace.training.Checkpoint;
import dev.millrace.training.EarlyStopping;
import dev.millrace.training.MetricsListener;
import dev.millrace.training.Monitor;
import dev.millrace.training.OptimizerSettings;
import dev.millrace.training.ParameterGroup;
import dev.millrace.training.RunListener;
import dev.millrace.training.RunResult;
import dev.millrace.training.RunStart;
import dev.millrace.training.Schedule;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One training as a configuration describes it: opens the datasets, makes the model, runs. Used once. */
final class TrainingJob {
    private static final String ENCODER = "encoder";
    private static final String RUN_NAME = "train";

    private final TrainConfig config;
    private final Path folder;
    private long metricsRunId;
    private final List<RunListener> listeners = new ArrayList<>();
    private @Nullable Path resumeFrom;
    private long maxSteps;

    /** @param folder of the run; made when the data are open */
    TrainingJob(TrainConfig config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    /** Goes on from the last checkpoint of a run. */
    TrainingJob resumeFrom(@Nullable Path run) {
        resumeFrom = run;
        return this;
    }

    /** Stops after this many optimizer steps; 0 for no limit. */
    TrainingJob maxSteps(long steps) {
        maxSteps = steps;
        return this;
    }

    TrainingJob listener(RunListener listener) {
        listeners.add(listener);
        return this;
    }

    RunResult run() throws IOException {
        TrainConfig.Finetuning settings = config.finetuning();
        try (SpectrumDataset training = dataset(Split.TRAIN, settings.batchSize(), true);
                SpectrumDataset validation = dataset(Split.VALIDATION, settings.batchSize(), false)) {
            ModelFile modelFile =
                    new ModelFile(training.featureSpec(), config.model(), ModelFile.Spectrum.of(training.options()));
            TrainingPlan plan = plan(training);
            // Not before what can be refused: a run that cannot start leaves nothing behind.
            if (resumeFrom != null) {
                Checkpoint.last(resumeFrom);
            }
            Files.createDirectories(folder);
            List<Evaluator> evaluators = new ArrayList<>();
            for (SpectrumMetric metric : List.of(
                    SpectrumMetric.COSINE,
                    SpectrumMetric.WEIGHTED_COSINE_NIST,
                    SpectrumMetric.MEAN_ABSOLUTE_ERROR,
                    SpectrumMetric.TOP_10_RECALL,
                    SpectrumMetric.SPECTRAL_ANGLE)) {
                evaluators.add(new SpectrumEvaluator(metric, modelFile.axis()));
            }
            try (Model model = Model.newInstance("spectrum", TrainingRun.device(plan.device()))) {
                SpectrumModel block = modelFile.newBlock();
                if (settings.freezeLayers() > 0) {
                    block.encoder().freezeLayers(settings.freezeLayers(), true);
                }
                model.setBlock(block);
                if (settings.pretrainedCheckpoint() != null && resumeFrom == null) {
                    Checkpoint.best(settings.pretrainedCheckpoint()).loadParameters(model);
                }
                TrainingRun.Builder run = TrainingRun.builder()
                        .setModel(model)
                        .setPlan(plan)
                        .setLoss(SpectrumLoss.of(settings.lossType()))
                        .setTraining(training)
                        .optFolder(folder)
                        .optResume(resumeFrom)
                        .optAttachment(ModelFile.NAME, modelFile.toBytes());
                if (validation.size() > 0) {
                    run.optValidation(validation).optEvaluators(evaluators);
                }
                run.optListener(writeConfig());
                listeners.forEach(run::optListener);
                try (MetricsStore store = MetricsStore.open(folder.resolve(RunFolder.METRICS))) {
                    Run recorded = metricsRun(store);
                    metricsRunId = recorded.id();
                    run.optListener(MetricsListener.of(store, recorded).withGradientNorm());
                    return run.build().run();
                }
            }
        }
    }

    /** Writes the configuration once the run has begun: a resume that is refused leaves that of the run alone. */
    private RunListener writeConfig() {
        return new RunListener() {
            @Override
            public void onStart(RunStart start) {
                try {
                    RunFolder.writeConfig(folder, config);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** Writes what {@link #run} recorded as a page, with findings above its curves. */
    void writeReport(Map<String, String> findings, Path file) {
        MetricsReport.writeHtml(folder.resolve(RunFolder.METRICS), metricsRunId, findings, file);
    }

    /** The run to record in: the one that is resumed if this store has it. */
    private Run metricsRun(MetricsStore store) {
        Map<String, String> settings = Map.of("config", config.toYaml());
        boolean here = resumeFrom != null && Files.isDirectory(folder.resolve(Checkpoint.LAST));
        return here ? store.resumeRun(RUN_NAME, settings) : store.startRun(RUN_NAME, settings);
    }

    /** One line for people: which backend feeds this training. */
    String backend() {
        TrainConfig.Data data = config.data();
        return data.useSqlite()
                ? "SQLite database " + data.sqliteDbPath()
                : "files " + data.nistMspPath() + " and " + data.molFilesDir() + " (use_sqlite: false; deprecated)";
    }

    private SpectrumDataset dataset(Split split, int batchSize, boolean shuffled) throws IOException {
        TrainConfig.Data data = config.data();
        SpectrumDataset.Builder builder = SpectrumDataset.builder()
                .optSplit(split)
                .setSampling(batchSize, shuffled)
                .optSeed(data.randomSeed())
                .optCacheInMemory(data.sqliteCacheInMemory())
                .optLoaderThreads(config.loaderThreads());
        if (data.useSqlite()) {
            builder.setDatabase(Inputs.file(Objects.requireNonNull(data.sqliteDbPath())));
        } else {
            builder.setFiles(
                            Inputs.file(Objects.requireNonNull(data.nistMspPath())),
                            Inputs.folder(Objects.requireNonNull(data.molFilesDir())))
                    .optFeatureSpec(Objects.requireNonNullElse(data.featureSpec(), FeatureSpec.BITSPEC_48_6.id()))
                    .optSpectrum(spectrumOptions(data))
                    .optSplitting(
                            new SplitRatios(data.trainSplit(), data.valSplit(), data.testSplit()), data.randomSeed());
        }
        SpectrumDataset dataset = builder.build();
        try {
            requireSame("data.max_mz", data.maxMz(), dataset.options().maxMassToCharge());
            requireSame("data.mz_bin_size", data.mzBinSize(), dataset.options().binSize());
            requireSame(
                    "data.min_intensity", data.minIntensity(), dataset.options().minIntensity());
            requireSame("data.feature_spec", data.featureSpec(), dataset.featureSpec());
            return dataset;
        } catch (RuntimeException e) {
            dataset.close();
            throw e;
        }
    }

    private void requireSame(String key, @Nullable Object configured, Object found) {
        if (configured != null && !configured.equals(found)) {
            throw new UsageException(
                    "The data do not fit the configuration: expected " + key + " " + configured + ", found " + found
                            + " in " + backend() + ". Build the database with that value, or change the key.");
        }
    }

    private static SpectrumOptions spectrumOptions(TrainConfig.Data data) {
        SpectrumOptions usual = SpectrumOptions.defaults();
        Double maxMz = data.maxMz();
        Double binSize = data.mzBinSize();
        Double minIntensity = data.minIntensity();
        return Inputs.checked(() -> new SpectrumOptions(
                maxMz == null ? usual.maxMassToCharge() : maxMz,
                binSize == null ? usual.binSize() : binSize,
                usual.binning(),
                usual.origin(),
                usual.transform(),
                minIntensity == null ? usual.minIntensity() : minIntensity,
                usual.scale()));
    }

    private TrainingPlan plan(SpectrumDataset training) {
        TrainConfig.Finetuning settings = config.finetuning();
        Double headRate = settings.headLr();
        Double backboneRate = settings.backboneLr();
        OptimizerSettings optimizer =
                OptimizerSettings.adamW(headRate != null ? headRate : settings.learningRate(), settings.weightDecay());
        if (backboneRate != null) {
            optimizer = optimizer.withGroups(List.of(new ParameterGroup(ENCODER, backboneRate)));
        }
        long steps = -Math.floorDiv(-training.batchesPerEpoch(), settings.gradientAccumulationSteps());
        boolean early = settings.earlyStoppingPatience() > 0;
        return TrainingPlan.builder()
                .setEpochs(settings.numEpochs())
                .optMaxSteps(maxSteps)
                .optAccumulation(settings.gradientAccumulationSteps())
                .optOptimizer(optimizer)
                .optSchedule(schedule(settings, steps * settings.numEpochs()))
                .optClipNorm(settings.maxGradNorm())
                .optEarlyStopping(early ? new EarlyStopping(settings.earlyStoppingPatience(), 0) : null)
                .optMonitor(Monitor.loss())
                .optCheckpointSteps(settings.checkpointSteps())
                .optSeed(config.data().randomSeed())
                .optDevice(device())
                .optFrozen(settings.freezeBackbone() ? List.of(ENCODER) : List.of())
                .build();
    }

    private static Schedule schedule(TrainConfig.Finetuning settings, long totalSteps) {
        return switch (settings.scheduler()) {
            case CONSTANT -> new Schedule.Constant();
            case COSINE_WARMUP -> new Schedule.WarmupCosine(Math.round(settings.warmupFraction() * totalSteps), 0.01);
            case ONECYCLE -> Schedule.OneCycle.standard();
            case PLATEAU -> new Schedule.Plateau(0.5, 5, 1e-4, 1e-3);
        };
    }

    private String device() {
        boolean gpu = switch (config.device()) {
            case CPU -> false;
            case GPU -> {
                if (Engine.getInstance().getGpuCount() == 0) {
                    throw new UsageException(
                            "device: expected a GPU that the engine can use, found none. Set 'device: cpu' or 'device: auto'.");
                }
                yield true;
            }
            case AUTO -> Engine.getInstance().getGpuCount() > 0;
        };
        return gpu ? "gpu" : "cpu";
    }
}
