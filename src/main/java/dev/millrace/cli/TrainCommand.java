package dev.millrace.cli;

import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.TableEvaluator;
import dev.millrace.model.TokenLoss;
import dev.millrace.training.RunResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace train}: trains a model as a configuration says, of spectra, of properties, of genomes, of χ(k) or of your own tables. */
@Command(
        name = "train",
        description = "Train a model as a configuration says. Relative paths, those in the configuration too, are"
                + " resolved against the working directory.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "CONFIG.yaml", description = "The configuration.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key, for example finetuning.batch_size=64. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "Which section of the configuration to follow: finetuning, pretraining, genome, exafs or table (default: the"
                            + " first of these that it has).")
    private TrainConfig.@Nullable Task task;

    @Option(names = "--max-steps", paramLabel = "N", description = "Stop after N optimizer steps.")
    private @Nullable Long maxSteps;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on from the last checkpoint of this run, in its folder unless --out names another.")
    private @Nullable Path resumeFrom;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run folder (default: checkpoint_dir of the task, with a number if that is taken).")
    private @Nullable Path out;

    @Option(names = "--no-baselines", description = "Do not compute what the model has to beat.")
    private boolean withoutBaselines;

    private Optional<Baselines> baselines = Optional.empty();

    @Override
    public Integer call() throws IOException {
        TrainConfig.Loaded loaded = TrainConfig.load(file, overrides, task);
        loaded.warnings().forEach(console::warn);
        TrainConfig config = loaded.config();
        if (maxSteps != null) {
            Inputs.range("--max-steps", maxSteps, 1, Long.MAX_VALUE);
        }
        Path folder = folder(config);
        EpochTable table = new EpochTable(console, config);
        TrainingJob job = new TrainingJob(config, folder)
                .resumeFrom(resumeFrom)
                .maxSteps(maxSteps == null ? 0 : maxSteps)
                .whenOpened(task -> {
                    table.opened(task);
                    describe(task);
                })
                .listener(table);
        // To the very end: once it is over, an interrupted process is gone before it has said how to go on.
        Interruption interruption = Interruption.watch();
        try {
            return finish(config, job, table, folder);
        } finally {
            interruption.end();
        }
    }

    private int finish(TrainConfig config, TrainingJob job, EpochTable table, Path folder) throws IOException {
        RunResult result = job.run();
        boolean interrupted = result.reason() == RunResult.StopReason.INTERRUPTED;
        if (config.finetuning() != null && !withoutBaselines && !interrupted) {
            baselines = Baselines.ofSpectra(console, config);
            baselines.ifPresent(found -> console.print(found.line()));
        }
        job.writeReport(Baselines.findings(config, table.epochs(), baselines), folder.resolve(RunFolder.REPORT));
        printEnd(config, result, folder);
        return interrupted ? ExitCode.INTERRUPTED.code() : ExitCode.DONE.code();
    }

    /** What is trained on; of all but spectra also what to beat, which takes no time worth waiting for. */
    private void describe(TrainingTask opened) {
        opened.facts().forEach(console::note);
        if (!opened.kept().isEmpty()) {
            console.note(opened.kept());
        }
        opened.warnings().forEach(console::warn);
        if (!withoutBaselines) {
            if (opened instanceof PropertyTask molecules) {
                baselines = Baselines.ofProperties(console, molecules);
            } else if (opened instanceof GenomeTask genome) {
                baselines = Baselines.ofTokens(console, genome);
            } else if (opened instanceof ExafsTask exafs) {
                baselines = Baselines.ofChi(console, exafs, exafs.kWeight());
            } else if (opened instanceof TableTask rows) {
                baselines = Baselines.ofTable(console, rows);
            }
            baselines.ifPresent(found -> console.print(found.line()));
        }
    }

    private Path folder(TrainConfig config) throws IOException {
        if (resumeFrom != null) {
            Inputs.folder(resumeFrom);
            return out == null || out.toAbsolutePath().equals(resumeFrom.toAbsolutePath())
                    ? resumeFrom
                    : RunFolder.fresh(out);
        }
        return out == null ? RunFolder.next(config.section().checkpointDir()) : RunFolder.fresh(out);
    }

    /** What the best epoch is told by. */
    private static String measure(TrainConfig config, RunResult result) {
        Map<String, Double> measured = result.validation();
        return switch (config.task()) {
            case FINETUNING -> "loss";
            case PRETRAINING -> measured.containsKey(PropertyEvaluator.MEAN_ABSOLUTE_ERROR) ? "MAE in eV" : "loss";
            case GENOME -> measured.containsKey(TokenLoss.BITS_PER_BASE) ? "bits per base" : "loss";
            case EXAFS ->
                measured.containsKey(ExafsTask.measure(config.requireExafs()))
                        ? ExafsTask.measureInWords(config.requireExafs())
                        : "loss";
            case TABLE ->
                measured.containsKey(TableEvaluator.MEAN_ABSOLUTE_ERROR)
                        ? "MAE"
                        : measured.containsKey(TableEvaluator.ACCURACY) ? TableEvaluator.ACCURACY : "loss";
        };
    }

    private static String best(TrainConfig config, Double value) {
        return config.exafs() == null && config.table() == null
                ? String.format(Locale.ROOT, "%.4f", value)
                : EpochTable.significant(value);
    }

    private void printEnd(TrainConfig config, RunResult result, Path folder) {
        String reason = switch (result.reason()) {
            case EPOCHS_DONE -> "all epochs done";
            case MAX_STEPS -> "step limit reached";
            case EARLY_STOPPED -> "stopped early, no improvement";
            case INTERRUPTED -> "interrupted; go on with --resume " + folder;
        };
        String measure = measure(config, result);
        String best = result.best() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", best %s %s at step %d",
                        measure,
                        best(config, result.best()),
                        result.bestStep());
        baselines
                .filter(found -> config.finetuning() == null)
                .ifPresent(found -> Baselines.findings(config, List.of(), baselines)
                        .forEach((name, value) -> console.print(name + ": " + value)));
        console.print(String.format(
                Locale.ROOT,
                "%s: %s after %d epochs and %d steps%s (%.0f samples/s, waited for data %.1f%%)",
                folder,
                reason,
                result.epochs(),
                result.steps(),
                best,
                result.samplesPerSecond(),
                100 * result.dataWaitShare()));
    }
}
