package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import dev.millrace.central.CentralSettings;
import dev.millrace.central.CentralSink;
import dev.millrace.metrics.MetricsReport;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.Stage;
import dev.millrace.model.EncoderModel;
import dev.millrace.model.GraphEncoder;
import dev.millrace.model.TrainableModel;
import dev.millrace.monitor.ResourceMonitor;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One training as a configuration describes it: opens the data, makes the model, runs. Used once. */
final class TrainingJob {
    private static final String ENCODER = "encoder";
    private static final String RUN_NAME = "train";

    private final TrainConfig config;
    private final TrainConfig.Loop loop;
    private final Path folder;
    private long metricsRunId;
    private final List<RunListener> listeners = new ArrayList<>();
    private Consumer<TrainingTask> opened = task -> {};
    private @Nullable Path resumeFrom;
    private long maxSteps;

    /** @param folder of the run; made when the data are open */
    TrainingJob(TrainConfig config, Path folder) {
        this.config = config;
        this.loop = config.section().loop();
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

    /** What to do when the data are open and the run can begin. */
    TrainingJob whenOpened(Consumer<TrainingTask> action) {
        opened = action;
        return this;
    }

    RunResult run() throws IOException {
        try (TrainingTask task = TrainingTask.open(config)) {
            ModelDescription modelFile = task.modelFile();
            TrainingPlan plan = plan(task);
            // Not before what can be refused: a run that cannot start leaves nothing behind.
            Backbone backbone = null;
            if (resumeFrom != null) {
                Checkpoint.last(resumeFrom);
            } else {
                backbone = modelFile instanceof ModelFile molecules ? Backbone.of(config, molecules) : null;
            }
            opened.accept(task);
            Files.createDirectories(folder);
            // The pre-trained model must stay open until the run has copied it.
            try (Model source = backbone == null ? null : backbone.load();
                    Model model = Model.newInstance(task.modelName(), TrainingRun.device(plan.device()))) {
                TrainableModel block = modelFile.newBlock();
                model.setBlock(block);
                TrainingRun.Builder run = builder(task, modelFile, plan, model);
                if (block instanceof EncoderModel molecules) {
                    addEncoder(run, (ModelFile) modelFile, molecules.encoder());
                    if (source != null) {
                        run.optPretrained(((EncoderModel) source.getBlock()).encoder(), molecules.encoder());
                    }
                }
                if (!config.metrics().enabled()) {
                    return run.build().run();
                }
                return config.metrics().central() == null ? runRecorded(task, run) : runCollected(task, run);
            }
        }
    }

    /** The copy is closed after the store, so that the end of the run is copied too. */
    private RunResult runCollected(TrainingTask task, TrainingRun.Builder run) {
        CentralSettings settings = Objects.requireNonNull(config.metrics().central());
        CentralSink sink = CentralSink.start(folder.resolve(RunFolder.METRICS), settings);
        try (sink) {
            return runRecorded(task, run);
        }
    }

    private RunResult runRecorded(TrainingTask task, TrainingRun.Builder run) {
        MetricsSection settings = config.metrics();
        Path file = folder.resolve(RunFolder.METRICS);
        boolean known = Files.exists(file);
        try (MetricsStore store = MetricsStore.open(file, settings.queue())) {
            Run recorded = metricsRun(task, store, known);
            metricsRunId = recorded.id();
            if (settings.tags() != null) {
                settings.tags().forEach(recorded::tag);
            }
            ResourceMonitor monitor = ResourceMonitor.of(recorded::resource, settings.monitorOf(folder));
            Stage build = recorded.stage("build");
            // Before the listener that ends the run: what is measured belongs to it.
            run.optListener(around(build, monitor));
            run.optListener(task.prepared(MetricsListener.of(store, recorded)));
            if (settings.monitor()) {
                monitor.start();
            }
            try {
                return run.build().run();
            } finally {
                monitor.close();
            }
        }
    }

    /** Ends the stage of preparation when steps begin, and the monitor when they end. */
    private static RunListener around(Stage build, ResourceMonitor monitor) {
        return new RunListener() {
            @Override
            public void onEpochStart(long epoch) {
                build.close();
            }

            @Override
            public void onFinish(RunResult result) {
                build.close();
                monitor.close();
            }

            @Override
            public void onFailure(Throwable failure) {
                build.fail();
                monitor.close();
            }
        };
    }

    private TrainingRun.Builder builder(TrainingTask task, ModelDescription modelFile, TrainingPlan plan, Model model) {
        TrainingRun.Builder run = TrainingRun.builder()
                .setModel(model)
                .setPlan(plan)
                .setLoss(task.loss())
                .setTraining(task.training())
                .optFolder(folder)
                .optResume(resumeFrom)
                .optAttachment(ModelFile.NAME, modelFile.toBytes());
        if (task.validation().size() > 0) {
            run.optValidation(task.validation()).optEvaluators(task.evaluators());
        }
        run.optListener(writeConfig());
        listeners.forEach(run::optListener);
        return run;
    }

    /** What only models with an encoder of molecules have: parts that stay as they are, or that another run begins with. */
    private void addEncoder(TrainingRun.Builder run, ModelFile modelFile, GraphEncoder encoder) {
        if (frozenLayers() > 0) {
            // The embedding below them stays too.
            encoder.freezeLayers(frozenLayers(), true);
            run.optIdentity("frozen_layers", Integer.toString(frozenLayers()));
        }
        if (config.pretraining() != null) {
            run.optPart(
                    Backbone.FOLDER,
                    encoder,
                    Map.of(ModelFile.NAME, modelFile.ofEncoder().toBytes()));
        }
    }

    /** Rounds of the encoder that stay as they are. */
    private int frozenLayers() {
        TrainConfig.Finetuning settings = config.finetuning();
        if (settings == null) {
            return 0;
        }
        return settings.transfer().freezeBackbone()
                ? config.requireModel().numLayers()
                : settings.transfer().freezeLayers();
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

    /** Writes what {@link #run} recorded as a page, with findings above its curves; nothing if it recorded nothing. */
    void writeReport(Map<String, String> findings, Path file) {
        if (!config.metrics().enabled()) {
            return;
        }
        MetricsReport.writeHtml(folder.resolve(RunFolder.METRICS), metricsRunId, findings, file);
    }

    /** The run to record in: the one that is resumed if this store has it. */
    private Run metricsRun(TrainingTask task, MetricsStore store, boolean known) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("config", config.toYaml());
        settings.put("task", config.task().key());
        settings.putAll(task.settings());
        settings.put("head_lr", Double.toString(headRate()));
        settings.put("backbone_lr", Double.toString(backboneRate()));
        settings.put("frozen_layers", Integer.toString(frozenLayers()));
        String visible = System.getenv("CUDA_VISIBLE_DEVICES");
        if (visible != null) {
            // GPUs are counted by the driver in the metrics, whatever the engine was shown.
            settings.put("CUDA_VISIBLE_DEVICES", visible);
        }
        boolean here = known && resumeFrom != null && Files.isDirectory(folder.resolve(Checkpoint.LAST));
        return here ? store.resumeRun(RUN_NAME, settings) : store.startRun(RUN_NAME, settings);
    }

    /** Peak learning rate of what is not the encoder. */
    private double headRate() {
        TrainConfig.Finetuning settings = config.finetuning();
        Double rate = settings == null ? null : settings.transfer().headLr();
        return rate == null ? loop.learningRate() : rate;
    }

    /** Peak learning rate of the encoder; 0 when all of it stays as it is. */
    private double backboneRate() {
        TrainConfig.Finetuning settings = config.finetuning();
        if (settings != null && settings.transfer().freezeBackbone()) {
            return 0;
        }
        Double rate = settings == null ? null : settings.transfer().backboneLr();
        return rate == null ? loop.learningRate() : rate;
    }

    private TrainingPlan plan(TrainingTask task) {
        OptimizerSettings optimizer = OptimizerSettings.adamW(headRate(), loop.weightDecay());
        if (backboneRate() > 0 && backboneRate() != headRate()) {
            optimizer = optimizer.withGroups(List.of(new ParameterGroup(ENCODER, backboneRate())));
        }
        long steps = -Math.floorDiv(-task.training().batchesPerEpoch(), loop.gradientAccumulationSteps());
        boolean early = loop.earlyStoppingPatience() > 0;
        return TrainingPlan.builder()
                .setEpochs(loop.numEpochs())
                .optMaxSteps(maxSteps)
                .optAccumulation(loop.gradientAccumulationSteps())
                .optOptimizer(optimizer)
                .optSchedule(schedule(steps))
                .optClipNorm(loop.maxGradNorm())
                .optEarlyStopping(early ? new EarlyStopping(loop.earlyStoppingPatience(), 0) : null)
                .optMonitor(task.validation().size() > 0 ? task.monitor() : Monitor.loss())
                .optCheckpointSteps(loop.checkpointSteps())
                .optSeed(config.data().randomSeed())
                .optDevice(device())
                .build();
    }

    private Schedule schedule(long stepsPerEpoch) {
        long total = stepsPerEpoch * loop.numEpochs();
        return switch (loop.scheduler()) {
            case CONSTANT -> new Schedule.Constant();
            case COSINE_WARMUP -> new Schedule.WarmupCosine(Math.round(loop.warmupFraction() * total), 0.01);
            case ONECYCLE -> Schedule.OneCycle.standard();
            case PLATEAU -> new Schedule.Plateau(0.5, 5, 1e-4, 1e-3);
            case COSINE_RESTARTS ->
                new Schedule.CosineRestarts(
                        Math.max(1, stepsPerEpoch * loop.schedulerT0()), loop.schedulerTmult(), 0.01);
        };
    }

    /** What {@code auto} is on this machine; a GPU that is not there is refused before anything is written. */
    private String device() {
        Device device = config.device().resolve();
        return device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
    }
}
