package dev.millrace.cli;

import dev.millrace.model.ChiEvaluator;
import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.model.TableEvaluator;
import dev.millrace.model.TableModelConfig;
import dev.millrace.model.TokenLoss;
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
    /** A column for a value measured on the validation data. */
    private record Column(String head, String metric, boolean small) {
        Column(String head, String metric) {
            this(head, metric, false);
        }

        String text(EpochReport epoch) {
            Double value = epoch.validation().get(metric);
            return small ? significant(value) : number(value);
        }
    }

    /** Targets that a line has room for. */
    private static final int MOST_TARGETS = 3;

    private final Console console;
    private List<Column> columns;
    private final List<EpochReport> epochs = new ArrayList<>();
    private @Nullable Progress progress;

    /** A table with what tells how good a model of this task is. */
    EpochTable(Console console, TrainConfig config) {
        this.console = console;
        columns = switch (config.task()) {
            case FINETUNING ->
                List.of(
                        new Column("cosine", SpectrumMetric.COSINE.key()),
                        new Column("top10", SpectrumMetric.TOP_10_RECALL.key()));
            case PRETRAINING ->
                config.requirePretraining().task() == PretrainingSection.Targets.HOMO_LUMO_GAP
                        ? List.of(new Column("MAE / eV", PropertyEvaluator.MEAN_ABSOLUTE_ERROR))
                        : List.of();
            case GENOME ->
                List.of(new Column("bits/base", TokenLoss.BITS_PER_BASE), new Column("accuracy", TokenLoss.ACCURACY));
            case EXAFS -> columns(config.requireExafs());
            // Its rows say what they are.
            case TABLE -> List.of();
        };
    }

    /** Chooses the columns that only the data can tell. */
    void opened(TrainingTask task) {
        if (task instanceof TableTask table) {
            columns = columns(table.config().output());
        }
    }

    private static List<Column> columns(TableModelConfig.Output output) {
        if (!(output instanceof TableModelConfig.Values values)) {
            return List.of(
                    new Column("accuracy", TableEvaluator.ACCURACY), new Column("macro F1", TableEvaluator.MACRO_F1));
        }
        if (values.targets().size() == 1) {
            return List.of(
                    new Column("MAE", TableEvaluator.MEAN_ABSOLUTE_ERROR, true),
                    new Column("RMSE", TableEvaluator.ROOT_MEAN_SQUARE_ERROR, true),
                    new Column("R²", TableEvaluator.R_SQUARED));
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_TARGETS, values.targets().size()); i++) {
            String suffix = TableEvaluator.suffix(values.targets(), i);
            columns.add(new Column("R²" + suffix, TableEvaluator.R_SQUARED + suffix));
        }
        return columns;
    }

    private static List<Column> columns(ExafsSection exafs) {
        if (exafs.target() == ExafsSection.Target.DISTANCE) {
            return List.of(new Column("MAE / Å", PropertyEvaluator.MEAN_ABSOLUTE_ERROR, true));
        }
        List<Column> columns = new ArrayList<>(List.of(new Column("χ", ChiEvaluator.name(0), true)));
        int weight = exafs.kWeight() == 0 ? 2 : exafs.kWeight();
        columns.add(new Column(weight == 1 ? "kχ" : weight == 2 ? "k²χ" : "k³χ", ChiEvaluator.name(weight), true));
        return columns;
    }

    /** Cells under each other; the columns of the task stand between the fourth and the last three. */
    private String row(List<String> start, List<String> middle, List<String> end) {
        List<Integer> widths = new ArrayList<>(List.of(6, 8, 11, 10));
        columns.forEach(column -> widths.add(Math.max(9, column.head.length())));
        widths.addAll(List.of(10, 10, 6));
        List<String> cells = new ArrayList<>(start);
        cells.addAll(middle);
        cells.addAll(end);
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            line.append(i == 0 ? "" : " ")
                    .append(" ".repeat(Math.max(0, widths.get(i) - cell.length())))
                    .append(cell);
        }
        return line.toString();
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
        console.print(row(
                List.of("epoch", "step", "train loss", "val loss"),
                columns.stream().map(Column::head).toList(),
                List.of("rate", "samples/s", "wait")));
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
        console.print(row(
                List.of(
                        epoch.epoch() + 1 + (epoch.improved() ? "*" : ""),
                        Long.toString(epoch.step()),
                        number(epoch.trainingLoss()),
                        number(epoch.validation().get(Monitor.LOSS))),
                columns.stream().map(column -> column.text(epoch)).toList(),
                List.of(
                        String.format(Locale.ROOT, "%.2e", epoch.learningRate()),
                        String.format(Locale.ROOT, "%.0f", epoch.samplesPerSecond()),
                        String.format(Locale.ROOT, "%.1f%%", 100 * epoch.dataWaitShare()))));
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

    /** Four digits that count, for what is small. */
    static String significant(@Nullable Double value) {
        return value == null || value.isNaN() ? "-" : String.format(Locale.ROOT, "%.4g", value);
    }

    static String number(@Nullable Double value) {
        return value == null || value.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
