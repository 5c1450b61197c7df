package dev.millrace.cli;

import dev.millrace.spectra.SpectrumBaselines;
import dev.millrace.training.RunResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace train}: fine-tunes a model as a configuration says. */
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
            description = "The run folder (default: finetuning.checkpoint_dir, with a number if that is taken).")
    private @Nullable Path out;

    @Option(names = "--no-baselines", description = "Do not compute what the model has to beat.")
    private boolean withoutBaselines;

    @Override
    public Integer call() throws IOException {
        TrainConfig.Loaded loaded = TrainConfig.load(file, overrides);
        loaded.warnings().forEach(console::warn);
        TrainConfig config = loaded.config();
        if (maxSteps != null) {
            Inputs.range("--max-steps", maxSteps, 1, Long.MAX_VALUE);
        }
        Path folder = folder(config);
        TrainingJob job =
                new TrainingJob(config, folder).resumeFrom(resumeFrom).maxSteps(maxSteps == null ? 0 : maxSteps);
        console.note("Data from " + job.backend());
        EpochTable table = new EpochTable(console);
        RunResult result;
        Interruption interruption = Interruption.watch();
        try {
            result = job.listener(table).run();
        } finally {
            interruption.end();
        }
        Optional<SpectrumBaselines> baselines = withoutBaselines ? Optional.empty() : Baselines.of(console, config);
        baselines.ifPresent(found -> console.print(Baselines.line(found)));
        job.writeReport(Baselines.findings(table.epochs(), baselines), folder.resolve(RunFolder.REPORT));
        printEnd(result, folder);
        return result.reason() == RunResult.StopReason.INTERRUPTED ? ExitCode.INTERRUPTED.code() : ExitCode.DONE.code();
    }

    private Path folder(TrainConfig config) throws IOException {
        if (resumeFrom != null) {
            Inputs.folder(resumeFrom);
            return out == null || out.toAbsolutePath().equals(resumeFrom.toAbsolutePath())
                    ? resumeFrom
                    : RunFolder.fresh(out);
        }
        return out == null ? RunFolder.next(config.finetuning().checkpointDir()) : RunFolder.fresh(out);
    }

    private void printEnd(RunResult result, Path folder) {
        String reason = switch (result.reason()) {
            case EPOCHS_DONE -> "all epochs done";
            case MAX_STEPS -> "step limit reached";
            case EARLY_STOPPED -> "stopped early, no improvement";
            case INTERRUPTED -> "interrupted; go on with --resume " + folder;
        };
        String best = result.best() == null
                ? ""
                : String.format(Locale.ROOT, ", best loss %.4f at step %d", result.best(), result.bestStep());
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
