package dev.millrace.cli;

import dev.millrace.model.SpectrumMetric;
import dev.millrace.training.EpochReport;
import dev.millrace.training.Monitor;
import dev.millrace.training.RunListener;
import dev.millrace.training.RunStart;
import dev.millrace.training.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints a line per epoch as a run goes, and a progress bar between them. One thread at a time. */
final class EpochTable implements RunListener {
    private static final String LAYOUT = "%6s %8s %11s %10s %9s %9s %10s %10s %6s";

    private final Console console;
    private final List<EpochReport> epochs = new ArrayList<>();
    private @Nullable Progress progress;

    EpochTable(Console console) {
        this.console = console;
    }

    /** The epochs so far. */
    List<EpochReport> epochs() {
        return List.copyOf(epochs);
    }

    @Override
    public void onStart(RunStart start) {
        start.notices().forEach(console::warn);
        console.note(String.format(
                Locale.ROOT,
                "%,d training and %,d validation samples on %s%s",
                start.trainingSamples(),
                start.validationSamples(),
                start.plan().device(),
                start.resumed() ? ", resumed at step " + start.step() : ""));
        console.print(String.format(
                Locale.ROOT,
                LAYOUT,
                "epoch",
                "step",
                "train loss",
                "val loss",
                "cosine",
                "top10",
                "rate",
                "samples/s",
                "wait"));
    }

    @Override
    public void onStep(StepReport step) {
        if (progress == null) {
            progress = console.progress("epoch " + (step.epoch() + 1), step.batchesPerEpoch());
        }
        progress.at(step.batchInEpoch(), step.batchesPerEpoch());
    }

    @Override
    public void onEpoch(EpochReport epoch) {
        endProgress();
        epochs.add(epoch);
        console.print(String.format(
                Locale.ROOT,
                LAYOUT,
                epoch.epoch() + 1 + (epoch.improved() ? "*" : ""),
                epoch.step(),
                number(epoch.trainingLoss()),
                number(epoch.validation().get(Monitor.LOSS)),
                number(epoch.validation().get(SpectrumMetric.COSINE.key())),
                number(epoch.validation().get(SpectrumMetric.TOP_10_RECALL.key())),
                String.format(Locale.ROOT, "%.2e", epoch.learningRate()),
                String.format(Locale.ROOT, "%.0f", epoch.samplesPerSecond()),
                String.format(Locale.ROOT, "%.1f%%", 100 * epoch.dataWaitShare())));
    }

    @Override
    public void onFailure(Throwable failure) {
        endProgress();
    }

    private void endProgress() {
        if (progress != null) {
            progress.end();
            progress = null;
        }
    }

    static String number(@Nullable Double value) {
        return value == null || value.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
