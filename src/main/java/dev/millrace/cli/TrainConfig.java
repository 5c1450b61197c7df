package dev.millrace.cli;

import dev.millrace.batch.SqliteDataset;
import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.training.DeviceChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * The settings of {@code train}, with the source document's keys. Immutable. Relative paths are resolved against the
 * working directory, not against the file.
 *
 * @param device where to compute, see {@link DeviceChoice}
 * @param model of molecules; the tasks with molecules have one
 * @param tokenModel of sequences; the task with genomes has one
 * @param exafsModel of χ(k); the task with EXAFS has one
 * @param tableModel of a user's own tables; {@link TableModelSection#usual} if the file has none
 */
record TrainConfig(
        @Fallback("auto") DeviceChoice device,
        Data data,
        @Nullable Model model,
        @Nullable TokenModelSection tokenModel,
        @Nullable PretrainingSection pretraining,
        @Nullable Finetuning finetuning,
        @Nullable GenomeSection genome,
        @Nullable ExafsModelSection exafsModel,
        @Nullable ExafsSection exafs,
        @Nullable TableModelSection tableModel,
        @Nullable TableSection table,
        MetricsSection metrics) {

    /** What a run does; the name of its section. */
    enum Task {
        FINETUNING,
        PRETRAINING,
        GENOME,
        EXAFS,
        TABLE;

        /** The section. */
        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
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
            @Nullable String featureSpec,
            @Inline SampleSection samples) {

        private void checkFinetuning(ConfigBinder binder) {
            double sum = trainSplit + valSplit + testSplit;
            if (Math.abs(sum - 1) > 1e-6) {
                binder.fault("data.train_split", "with val_split and test_split must sum to 1, found " + sum);
            }
            if (useSqlite && sqliteDbPath == null) {
                binder.fault("data.sqlite_db_path", "is missing; use_sqlite is true");
            }
            if (!useSqlite && nistMspPath == null) {
                binder.fault("data.nist_msp_path", "is missing; use_sqlite is false");
            }
            if (!useSqlite && molFilesDir == null) {
                binder.fault("data.mol_files_dir", "is missing; use_sqlite is false");
            }
            if (!useSqlite) {
                samples.checkFiles(binder);
            }
        }
    }

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
        GINCONV,
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
        PLATEAU,
        COSINE_RESTARTS
    }

    /** What all tasks are told about epochs and steps. */
    record Loop(
            @Between(min = 1, max = 65_536) int batchSize,
            @Between(min = 1, max = 100_000) int numEpochs,

            @Fallback("0.001") @Between(min = 0, max = 10, openMin = true)
            double learningRate,

            @Fallback("0.0001") @Between(min = 0, max = 10) double weightDecay,
            @Fallback("1") @Between(min = 1, max = 4096) int gradientAccumulationSteps,

            @Fallback("1") @Between(min = 0, max = 1e6, openMin = true)
            double maxGradNorm,

            @Fallback("cosine_warmup") Scheduler scheduler,
            @Fallback("0.05") @Between(min = 0, max = 1) double warmupFraction,
            @Fallback("10") @Between(min = 1, max = 100_000) int schedulerT0,
            @Fallback("2") @Between(min = 1, max = 1000) int schedulerTmult,
            @Fallback("0") @Between(min = 0, max = 100_000) int earlyStoppingPatience,
            @Fallback("1") @Between(min = 1, max = 1024) int numWorkers,
            @Fallback("4") @Between(min = 1, max = 1024) int prefetchFactor,
            @Fallback("200") @Between(min = 1, max = 1e9) int checkpointSteps) {

        /** Loader threads: no more than this machine has processors. */
        int loaderThreads() {
            return Math.min(numWorkers, Runtime.getRuntime().availableProcessors());
        }
    }

    /** What a fine-tuning takes over from a trained model, and what of it stays as it is. */
    record Transfer(
            @Nullable Path pretrainedCheckpoint,
            @Fallback("false") boolean freezeBackbone,
            @Fallback("0") @Between(min = 0, max = 32) int freezeLayers,

            @Nullable @Between(min = 0, max = 10, openMin = true)
            Double backboneLr,

            @Nullable @Between(min = 0, max = 10, openMin = true)
            Double headLr) {}

    /** What a run is told beside its data and model. */
    sealed interface Section permits PretrainingSection, Finetuning, GenomeSection, ExafsSection, TableSection {
        Loop loop();

        /** The run folder, unless one is named. */
        Path checkpointDir();
    }

    /** Learning spectra, from nothing or from a trained encoder. */
    record Finetuning(
            @Fallback("1") @Between(min = 0, max = 1, openMin = true)
            double dataFraction,

            @Fallback("cosine") SpectrumLoss.Kind lossType,
            @Inline Loop loop,
            @Inline Transfer transfer,
            @Fallback("runs/finetune") Path checkpointDir)
            implements Section {}

    /** A configuration and what in it has no effect. */
    record Loaded(TrainConfig config, List<String> warnings) {}

    /**
     * Reads a file with overrides.
     *
     * @throws ConfigException naming every fault
     * @throws UsageException if there is no such file
     */
    static Loaded load(Path file, List<String> overrides) {
        return load(file, overrides, null);
    }

    /**
     * Reads a file with overrides for one of its tasks. The configuration has the section of that task only.
     *
     * @param wanted null for the only task of the file; of several the first of {@link Task}
     */
    static Loaded load(Path file, List<String> overrides, @Nullable Task wanted) {
        ConfigBinder binder = new ConfigBinder(file.toString(), IgnoredKeys.all());
        TrainConfig all = binder.bind(TrainConfig.class, ConfigTree.read(file, overrides));
        TrainConfig config = all == null ? null : all.of(wanted, binder);
        if (config != null) {
            config.checkTogether(binder);
        }
        binder.check();
        if (config == null || all == null) {
            throw new IllegalStateException("A configuration without faults was not bound: " + file);
        }
        List<String> warnings = new ArrayList<>(binder.warnings());
        if (wanted == null) {
            List<Task> others = new ArrayList<>(all.tasks());
            others.remove(config.task());
            others.forEach(task -> warnings.add(file + ": " + task.key() + " has no effect: this run follows "
                    + config.task().key() + "; --task " + task.key() + " does the other"));
        }
        config.warn(warnings);
        return new Loaded(config, List.copyOf(warnings));
    }

    /** This for one task, or null after noting that its section is missing. */
    private @Nullable TrainConfig of(@Nullable Task wanted, ConfigBinder binder) {
        List<Task> there = tasks();
        if (there.isEmpty() && wanted == null) {
            binder.fault(
                    "finetuning",
                    "is missing, and pretraining, genome, exafs and table too: one of them says what to train");
            return null;
        }
        Task task = wanted != null ? wanted : there.get(0);
        if (!there.contains(task)) {
            binder.fault(task.key(), "is missing; --task asks for it");
            return null;
        }
        String missing = missingModel(task);
        if (missing != null) {
            binder.fault(missing, "is missing; " + task.key() + " trains one");
            return null;
        }
        return switch (task) {
            case FINETUNING -> only(model, null, null, null, finetuning, null, null, null, null);
            case PRETRAINING -> only(model, null, null, pretraining, null, null, null, null, null);
            case GENOME -> only(null, tokenModel, null, null, null, genome, null, null, null);
            case EXAFS -> only(null, null, exafsModel, null, null, null, exafs, null, null);
            case TABLE ->
                only(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        tableModel != null ? tableModel : TableModelSection.usual(),
                        table);
        };
    }

    /** The section of the model of a task, if it is not there. */
    private @Nullable String missingModel(Task task) {
        return switch (task) {
            case FINETUNING, PRETRAINING -> model == null ? "model" : null;
            case GENOME -> tokenModel == null ? "token_model" : null;
            case EXAFS -> exafsModel == null ? "exafs_model" : null;
            case TABLE -> null;
        };
    }

    /** This with these sections and no others. */
    private TrainConfig only(
            @Nullable Model molecules,
            @Nullable TokenModelSection tokens,
            @Nullable ExafsModelSection chi,
            @Nullable PretrainingSection pretrains,
            @Nullable Finetuning finetunes,
            @Nullable GenomeSection genomes,
            @Nullable ExafsSection paths,
            @Nullable TableModelSection columns,
            @Nullable TableSection tables) {
        return new TrainConfig(
                device, data, molecules, tokens, pretrains, finetunes, genomes, chi, paths, columns, tables, metrics);
    }

    /** Whose sections there are, in the order of {@link Task}. */
    private List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        if (finetuning != null) {
            tasks.add(Task.FINETUNING);
        }
        if (pretraining != null) {
            tasks.add(Task.PRETRAINING);
        }
        if (genome != null) {
            tasks.add(Task.GENOME);
        }
        if (exafs != null) {
            tasks.add(Task.EXAFS);
        }
        if (table != null) {
            tasks.add(Task.TABLE);
        }
        return tasks;
    }

    /** What this run does. */
    Task task() {
        return tasks().get(0);
    }

    /** The section of the task. */
    Section section() {
        return switch (task()) {
            case FINETUNING -> requireFinetuning();
            case PRETRAINING -> requirePretraining();
            case GENOME -> requireGenome();
            case EXAFS -> requireExafs();
            case TABLE -> requireTable();
        };
    }

    /** The model of molecules; only for a configuration of a task with molecules. */
    Model requireModel() {
        return Objects.requireNonNull(model, "the configuration has molecules");
    }

    /** This with genomes; only for a configuration of that task. */
    GenomeSection requireGenome() {
        return Objects.requireNonNull(genome, "the configuration has genomes");
    }

    /** This with EXAFS; only for a configuration of that task. */
    ExafsSection requireExafs() {
        return Objects.requireNonNull(exafs, "the configuration has EXAFS");
    }

    /** This with a user's own tables; only for a configuration of that task. */
    TableSection requireTable() {
        return Objects.requireNonNull(table, "the configuration has tables");
    }

    /** This with fine-tuning; only for a configuration of that task. */
    Finetuning requireFinetuning() {
        return Objects.requireNonNull(finetuning, "the configuration fine-tunes");
    }

    /** This with pretraining; only for a configuration of that task. */
    PretrainingSection requirePretraining() {
        return Objects.requireNonNull(pretraining, "the configuration pretrains");
    }

    private void warn(List<String> warnings) {
        String section = task().key();
        Loop loop = section().loop();
        if (loop.loaderThreads() < loop.numWorkers) {
            warnings.add(section + ".num_workers " + loop.numWorkers + ": this machine has " + loop.loaderThreads()
                    + " processors; using " + loop.loaderThreads() + " loader threads");
        }
        if (loop.prefetchFactor != SqliteDataset.BATCHES_AHEAD_PER_THREAD) {
            warnings.add(
                    section + ".prefetch_factor " + loop.prefetchFactor + " has no effect: each loader thread keeps "
                            + SqliteDataset.BATCHES_AHEAD_PER_THREAD + " batches ready");
        }
    }

    private void checkTogether(ConfigBinder binder) {
        if (model != null && model.gcn.batchNorm && model.gcn.layerNorm) {
            binder.fault("model.gcn.layer_norm", "and batch_norm cannot both be true");
        }
        metrics.check(binder);
        data.samples.check(binder);
        if (pretraining != null) {
            pretraining.check(binder);
        }
        if (tokenModel != null) {
            tokenModel.check(binder);
        }
        if (genome != null) {
            genome.check(binder);
        }
        if (exafs != null) {
            exafs.check(binder);
        }
        if (tableModel != null) {
            tableModel.check(binder);
        }
        if (table != null) {
            table.check(binder);
        }
        if (finetuning != null) {
            data.checkFinetuning(binder);
            Transfer transfer = finetuning.transfer;
            int layers = requireModel().numLayers;
            if (transfer.freezeLayers > layers) {
                binder.fault(
                        "finetuning.freeze_layers",
                        "must be at most model.num_layers " + layers + ", found " + transfer.freezeLayers);
            }
            if ((transfer.freezeBackbone || transfer.freezeLayers > 0) && transfer.pretrainedCheckpoint == null) {
                binder.fault(
                        "finetuning.pretrained_checkpoint",
                        "is missing; freeze_backbone or freeze_layers would freeze random numbers");
            }
            if (transfer.freezeBackbone && transfer.backboneLr != null) {
                binder.fault("finetuning.backbone_lr", "moves nothing; freeze_backbone is true");
            }
        }
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
