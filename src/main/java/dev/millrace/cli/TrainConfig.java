package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.model.SpectrumLoss;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * The settings of {@code train}, with the source document's keys. Immutable. Relative paths are resolved against the
 * working directory, not against the file.
 */
record TrainConfig(@Fallback("auto") Device device, Data data, Model model, Finetuning finetuning) {

    /** Where to compute. */
    enum Device {
        AUTO,
        CPU,
        GPU
    }

    /** Where the samples come from. How spectra are binned is checked against a database if given; 1000 bins of 1 Da else. */
    record Data(
            @Fallback("true") boolean useSqlite,
            @Nullable Path sqliteDbPath,
            @Fallback("false") boolean sqliteCacheInMemory,
            @Nullable Path nistMspPath,
            @Nullable Path molFilesDir,
            @Fallback("42") long randomSeed,

            @Fallback("0.8") @Between(min = 0, max = 1, openMin = true)
            double trainSplit,

            @Fallback("0.1") @Between(min = 0, max = 1) double valSplit,
            @Fallback("0.1") @Between(min = 0, max = 1) double testSplit,

            @Fallback("1000") @Between(min = 0, max = 100_000, openMin = true)
            double maxMz,

            @Fallback("1") @Between(min = 0, max = 1000, openMin = true)
            double mzBinSize,

            @Nullable @Between(min = 0, max = 1) Double minIntensity,
            @Nullable String featureSpec) {}

    /** The message-passing encoder and the spectrum head. */
    record Model(
            @Between(min = 8, max = 4096) int hiddenDim,
            @Between(min = 1, max = 32) int numLayers,
            @Fallback("0.1") @Between(min = 0, max = 0.95) double dropout,
            @Fallback("mean") GraphEncoderConfig.Pooling pooling,
            @Nullable @Between(min = 1, max = 65_536) List<Integer> headDims,
            @Nullable @Between(min = 0, max = 0.95) Double headDropout,
            @Fallback("true") boolean fragments,
            Gcn gcn) {}

    /** The kind of convolution, as the original writes it. */
    enum Convolution {
        GINECONV,
        GCNCONV
    }

    /** What one layer of the encoder consists of. */
    record Gcn(
            @Fallback("gineconv") Convolution convType,
            @Fallback("relu") GraphEncoderConfig.ActivationKind activation,
            @Fallback("true") boolean batchNorm,
            @Fallback("false") boolean layerNorm,
            @Fallback("true") boolean residual) {}

    /** How the learning rate moves. */
    enum Scheduler {
        CONSTANT,
        COSINE_WARMUP,
        ONECYCLE,
        PLATEAU
    }

    /** The epochs and steps of a run. */
    record Finetuning(
            @Between(min = 1, max = 65_536) int batchSize,
            @Between(min = 1, max = 100_000) int numEpochs,

            @Fallback("0.001") @Between(min = 0, max = 10, openMin = true)
            double learningRate,

            @Nullable @Between(min = 0, max = 10) Double backboneLr,
            @Nullable @Between(min = 0, max = 10) Double headLr,
            @Fallback("0.0001") @Between(min = 0, max = 10) double weightDecay,
            @Fallback("1") @Between(min = 1, max = 4096) int gradientAccumulationSteps,

            @Fallback("1") @Between(min = 0, max = 1e6, openMin = true)
            double maxGradNorm,

            @Fallback("cosine_warmup") Scheduler scheduler,
            @Fallback("0.05") @Between(min = 0, max = 1) double warmupFraction,
            @Fallback("cosine") SpectrumLoss.Kind lossType,
            @Fallback("0") @Between(min = 0, max = 100_000) int earlyStoppingPatience,
            @Nullable Path pretrainedCheckpoint,
            @Fallback("false") boolean freezeBackbone,
            @Fallback("0") @Between(min = 0, max = 32) int freezeLayers,
            @Fallback("1") @Between(min = 1, max = 1024) int numWorkers,
            @Fallback("4") @Between(min = 1, max = 1024) int prefetchFactor,
            @Fallback("200") @Between(min = 1, max = 1e9) int checkpointSteps,
            @Fallback("runs/finetune") Path checkpointDir) {}

    /** A configuration and what in it has no effect. */
    record Loaded(TrainConfig config, List<String> warnings) {}

    private static final String PRECISION = "training computes in float32";
    private static final String SERVICES = "metrics go into metrics.db of the run folder";
    private static final String FIXED = "the database and the model decide it";
    private static final String OTHER_COMMAND = "'train' does not read this section";

    /** Keys of the original configuration that mean nothing here. */
    private static final Map<String, String> IGNORED = Map.ofEntries(
            Map.entry("project", "it only describes"),
            Map.entry("pretraining", OTHER_COMMAND),
            Map.entry("evaluation", OTHER_COMMAND),
            Map.entry("benchmark", OTHER_COMMAND),
            Map.entry("logging", SERVICES),
            Map.entry("gpu", "use the key 'device'"),
            Map.entry("data.output_dir", "the database path and --out say where files go"),
            Map.entry("model.type", "model.gcn.conv_type chooses the convolution"),
            Map.entry("model.node_features", FIXED),
            Map.entry("model.edge_features", FIXED),
            Map.entry("model.spectrum_dim", FIXED),
            Map.entry("finetuning.use_amp", PRECISION),
            Map.entry("finetuning.use_wandb", SERVICES),
            Map.entry("finetuning.wandb_project", SERVICES),
            Map.entry("finetuning.pin_memory", "batches are filled in memory that the engine owns"),
            Map.entry("finetuning.persistent_workers", "loader threads live as long as the dataset"),
            Map.entry("finetuning.loss_tolerance", "the cosine loss has no such term"),
            Map.entry("finetuning.scheduler_t0", "there are no warm restarts"),
            Map.entry("finetuning.scheduler_tmult", "there are no warm restarts"),
            Map.entry("finetuning.save_interval", "a checkpoint is written every epoch and every checkpoint_steps"));

    /**
     * Reads a file with overrides.
     *
     * @throws ConfigException naming every fault
     * @throws UsageException if there is no such file
     */
    static Loaded load(Path file, List<String> overrides) {
        ConfigBinder binder = new ConfigBinder(file.toString(), IGNORED);
        TrainConfig config = binder.bind(TrainConfig.class, ConfigTree.read(file, overrides));
        if (config != null) {
            config.checkTogether(binder);
        }
        binder.check();
        if (config == null) {
            throw new IllegalStateException("A configuration without faults was not bound: " + file);
        }
        List<String> warnings = new ArrayList<>(binder.warnings());
        if (config.loaderThreads() < config.finetuning.numWorkers) {
            warnings.add("finetuning.num_workers " + config.finetuning.numWorkers + ": this machine has "
                    + config.loaderThreads() + " processors; using " + config.loaderThreads() + " loader threads");
        }
        return new Loaded(config, List.copyOf(warnings));
    }

    private void checkTogether(ConfigBinder binder) {
        double sum = data.trainSplit + data.valSplit + data.testSplit;
        if (Math.abs(sum - 1) > 1e-6) {
            binder.fault("data.train_split", "with val_split and test_split must sum to 1, found " + sum);
        }
        if (data.useSqlite && data.sqliteDbPath == null) {
            binder.fault("data.sqlite_db_path", "is missing; use_sqlite is true");
        }
        if (!data.useSqlite && data.nistMspPath == null) {
            binder.fault("data.nist_msp_path", "is missing; use_sqlite is false");
        }
        if (!data.useSqlite && data.molFilesDir == null) {
            binder.fault("data.mol_files_dir", "is missing; use_sqlite is false");
        }
        if (model.gcn.batchNorm && model.gcn.layerNorm) {
            binder.fault("model.gcn.layer_norm", "and batch_norm cannot both be true");
        }
        if (finetuning.freezeLayers > model.numLayers) {
            binder.fault(
                    "finetuning.freeze_layers",
                    "must be at most model.num_layers " + model.numLayers + ", found " + finetuning.freezeLayers);
        }
    }

    /** Loader threads: no more than this machine has processors. */
    int loaderThreads() {
        return Math.min(finetuning.numWorkers, Runtime.getRuntime().availableProcessors());
    }

    /** The settings as YAML, every key written out. */
    String toYaml() {
        return YAMLMapper.builder()
                .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                .build()
                .writeValueAsString(new LinkedHashMap<>(ConfigBinder.toMap(this)));
    }
}
