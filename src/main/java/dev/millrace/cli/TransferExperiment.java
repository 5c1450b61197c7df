package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.Split;
import dev.millrace.cli.TransferCell.Outcome;
import dev.millrace.cli.TransferCell.Strategy;
import dev.millrace.model.GradientPause;
import dev.millrace.model.SpectrumEvaluator;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.training.Checkpoint;
import dev.millrace.training.RunResult;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pretrains once, then fine-tunes cell by cell. A finished cell is a file and is not run again; a cell that another process
 * has under way is left to it, so that several may share a folder. One thread at a time.
 */
final class TransferExperiment {
    private static final String RESULT = "result.json";
    private static final String ACCUMULATOR = "split";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final Path config;
    private final List<String> overrides;
    private final Console console;

    /**
     * @param folder of all cells
     * @param config with both sections
     * @param overrides that every training gets
     */
    TransferExperiment(Path folder, Path config, List<String> overrides, Console console) {
        this.folder = folder;
        this.config = config;
        this.overrides = List.copyOf(overrides);
        this.console = console;
    }

    /** The configuration of one of the trainings. */
    TrainConfig config(TrainConfig.Task task, List<String> more) {
        List<String> all = new ArrayList<>(overrides);
        all.addAll(more);
        return TrainConfig.load(config, all, task).config();
    }

    /** Pretrains, or goes on, or does nothing where that was done; returns the run's folder, null if it was interrupted. */
    @Nullable
    Path pretrain() throws IOException {
        Path run = folder.resolve("pretrain");
        Files.createDirectories(folder);
        try (FileChannel channel = open(folder.resolve("pretrain.lock"));
                FileLock held = channel.lock()) {
            if (Files.exists(run.resolve(RESULT))) {
                return run;
            }
            TrainConfig settings = config(TrainConfig.Task.PRETRAINING, List.of());
            EpochTable table = new EpochTable(console, settings);
            console.print("pretraining");
            RunResult result = new TrainingJob(settings, run)
                    .resumeFrom(Checkpoint.exists(run) ? run : null)
                    .whenOpened(task -> {
                        task.facts().forEach(console::note);
                        Baselines.ofProperties(console, (PropertyTask) task)
                                .ifPresent(found -> console.print(found.line()));
                    })
                    .listener(table)
                    .run();
            if (result.reason() == RunResult.StopReason.INTERRUPTED || !held.isValid()) {
                return null;
            }
            write(run.resolve(RESULT), result.validation());
            return run;
        }
    }

    /** Runs a cell, or reads it where that was done; null if another process has it, or it was interrupted. */
    @Nullable
    Outcome run(TransferCell cell, @Nullable Path pretrained) throws IOException {
        Path run = folder.resolve("cells").resolve(cell.name());
        Files.createDirectories(folder.resolve("cells"));
        Path result = run.resolve(RESULT);
        try (FileChannel channel = open(run.resolveSibling(cell.name() + ".lock"));
                FileLock held = channel.tryLock()) {
            if (held == null) {
                return null;
            }
            if (Files.exists(result)) {
                return JSON.readValue(result.toFile(), Outcome.class);
            }
            delete(run);
            List<String> more = new ArrayList<>(cell.overrides());
            if (cell.strategy() != Strategy.SCRATCH) {
                more.add("finetuning.pretrained_checkpoint=" + quoted(java.util.Objects.requireNonNull(pretrained)));
            }
            if (cell.strategy() != Strategy.PRETRAINED) {
                // A rate of its own is for an encoder that was trained before and goes on.
                more.add("finetuning.backbone_lr=null");
            }
            if (cell.strategy() == Strategy.FROZEN) {
                more.add("finetuning.freeze_backbone=true");
            }
            TrainConfig settings = config(TrainConfig.Task.FINETUNING, more);
            long[] samples = new long[1];
            long start = System.nanoTime();
            RunResult trained = new TrainingJob(settings, run)
                    .whenOpened(task -> samples[0] = task.training().size())
                    .run();
            if (trained.reason() == RunResult.StopReason.INTERRUPTED) {
                return null;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Checkpoint best = Checkpoint.best(run);
            Outcome outcome = new Outcome(
                    cell.strategy(),
                    cell.fraction(),
                    cell.seed(),
                    samples[0],
                    cosine(settings, best, Split.TEST),
                    cosine(settings, best, Split.VALIDATION),
                    best.step(),
                    seconds);
            // Parameters of every cell would fill the disk.
            delete(run.resolve(Checkpoint.BEST));
            delete(run.resolve(Checkpoint.LAST));
            write(result, outcome);
            return outcome;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    private static void write(Path file, Object value) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.writeString(partial, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(path)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : all) {
            Files.delete(one);
        }
    }

    /** Mean cosine over a split. */
    private static double cosine(TrainConfig settings, Checkpoint checkpoint, Split split) throws IOException {
        ModelFile file = ModelFile.of(checkpoint);
        try (SpectrumDataset data = SpectrumTask.dataset(settings, split, false);
                Model model = checkpoint.loadModel(file.newBlock(), Device.cpu())) {
            SpectrumEvaluator cosine = new SpectrumEvaluator(
                    SpectrumMetric.COSINE, ModelFile.Spectrum.of(data.options()).axis());
            cosine.addAccumulator(ACCUMULATOR);
            NDManager manager = model.getNDManager();
            ParameterStore parameters = new ParameterStore(manager, false);
            for (Batch batch : data.getData(manager)) {
                try (batch) {
                    NDList predicted =
                            GradientPause.during(() -> model.getBlock().forward(parameters, batch.getData(), false));
                    cosine.updateAccumulator(ACCUMULATOR, batch.getLabels(), predicted);
                }
            }
            return cosine.getAccumulator(ACCUMULATOR);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
    }
}
