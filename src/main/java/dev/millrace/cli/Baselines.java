package dev.millrace.cli;

import ai.djl.translate.TranslateException;
import dev.millrace.batch.Split;
import dev.millrace.model.ChiBaselines;
import dev.millrace.model.MarkovBaselines;
import dev.millrace.model.PropertyBaselines;
import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.model.TableBaselines;
import dev.millrace.model.TableEvaluator;
import dev.millrace.model.TableModelConfig;
import dev.millrace.model.TokenLoss;
import dev.millrace.spectra.SpectrumBaselines;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.training.EpochReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a model has to beat. Immutable.
 *
 * @param line for people
 * @param values name and value, in the unit of the task's measure
 */
record Baselines(String line, Map<String, Double> values) {
    /** Validation spectra that are compared; more would not change the mean much. */
    private static final int MOST_SAMPLES = 1000;

    /** Beyond this, fingerprints of all training molecules take minutes. */
    private static final int MOST_TRAINING_SAMPLES = 50_000;

    /** Molecules that a linear fit of a few elements looks at. */
    private static final int MOST_FITTED = 100_000;

    /** Training samples whose mean is taken. */
    private static final int MOST_SAMPLES_OF_CHI = 100_000;

    /** Training windows that Markov models count; their few hundred numbers need no more. */
    private static final int MOST_WINDOWS = 10_000;

    /** Training rows of a user's own tables that a linear fit or class means look at. */
    private static final int MOST_TABLE_ROWS = 100_000;

    /** The model at its best epoch beside the baselines: name and value, row by row. */
    static Map<String, String> findings(TrainConfig config, List<EpochReport> epochs, Optional<Baselines> baselines) {
        String metric = switch (config.task()) {
            case FINETUNING -> SpectrumMetric.COSINE.key();
            case PRETRAINING -> PropertyEvaluator.MEAN_ABSOLUTE_ERROR;
            case GENOME -> TokenLoss.BITS_PER_BASE;
            case EXAFS -> ExafsTask.measure(config.requireExafs());
            case TABLE ->
                config.requireTable().task() == TableSection.Kind.CLASSIFICATION
                        ? TableEvaluator.ACCURACY
                        : firstError(epochs);
        };
        Map<String, Double> values = new LinkedHashMap<>();
        epochs.stream()
                .filter(EpochReport::improved)
                .reduce((earlier, later) -> later)
                .map(epoch -> epoch.validation().get(metric))
                .ifPresent(best -> values.put("the trained model", best));
        baselines.ifPresent(found -> values.putAll(found.values));
        Map<String, String> findings = new LinkedHashMap<>();
        String measure = switch (config.task()) {
            case FINETUNING -> "validation cosine by ";
            case PRETRAINING -> "validation MAE in eV by ";
            case GENOME -> "validation bits per base by ";
            case EXAFS -> "validation " + ExafsTask.measureInWords(config.requireExafs()) + " by ";
            case TABLE ->
                config.requireTable().task() == TableSection.Kind.CLASSIFICATION
                        ? "validation accuracy by "
                        : "validation MAE by ";
        };
        values.forEach((name, value) -> findings.put(
                measure + name,
                config.exafs() == null && config.table() == null
                        ? EpochTable.number(value)
                        : EpochTable.significant(value)));
        return findings;
    }

    /** Name of the mean absolute error of the first target. */
    private static String firstError(List<EpochReport> epochs) {
        return epochs.stream()
                .flatMap(epoch -> epoch.validation().keySet().stream())
                .filter(name -> name.startsWith(TableEvaluator.MEAN_ABSOLUTE_ERROR))
                .findFirst()
                .orElse(TableEvaluator.MEAN_ABSOLUTE_ERROR);
    }

    /** Computes the baselines of a fine-tuning, or says why there are none. */
    static Optional<Baselines> ofSpectra(Console console, TrainConfig config) {
        Path database = config.data().sqliteDbPath();
        if (!config.data().useSqlite() || database == null) {
            console.note("No baselines: they are computed from a database.");
            return Optional.empty();
        }
        if (config.data().samples().filter() != null) {
            console.note("No baselines: they are of whole splits, and data.filter leaves samples out.");
            return Optional.empty();
        }
        long training = trainingSamples(database);
        if (training > MOST_TRAINING_SAMPLES) {
            console.note("No baselines: expected at most " + MOST_TRAINING_SAMPLES + " training samples, found "
                    + training + ".");
            return Optional.empty();
        }
        SpectrumBaselines found = SpectrumBaselines.of(database, Split.VALIDATION, MOST_SAMPLES);
        if (found.evaluated() == 0) {
            console.note("No baselines: there are no validation spectra.");
            return Optional.empty();
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("the mean training spectrum", found.meanSpectrumCosine());
        values.put("the nearest training molecule", found.nearestMoleculeCosine());
        String line = String.format(
                Locale.ROOT,
                "baselines on %d validation spectra: cosine %.4f by the mean training spectrum, %.4f by the nearest"
                        + " training molecule",
                found.evaluated(),
                found.meanSpectrumCosine(),
                found.nearestMoleculeCosine());
        return Optional.of(new Baselines(line, values));
    }

    /** Computes the baselines of a pretraining, or says why there are none. */
    static Optional<Baselines> ofProperties(Console console, PropertyTask task) {
        if (task.validation().size() == 0) {
            console.note("No baselines: there are no validation molecules.");
            return Optional.empty();
        }
        PropertyBaselines found;
        try {
            found = PropertyBaselines.of(
                    task.training(), task.validation(), task.modelFile().featureSpec(), MOST_FITTED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("the mean of the training split", found.meanError());
        values.put("a linear function of the composition", found.compositionError());
        String line = String.format(
                Locale.ROOT,
                "baselines on %,d validation molecules: MAE %.4f eV by the mean of the training split, %.4f eV by a"
                        + " linear function of the composition",
                found.evaluated(),
                found.meanError(),
                found.compositionError());
        return Optional.of(new Baselines(line, values));
    }

    /** Computes the baselines of a training on genome windows, or says why there are none. */
    static Optional<Baselines> ofTokens(Console console, GenomeTask task) {
        if (task.validation().size() == 0) {
            console.note("No baselines: there are no validation windows.");
            return Optional.empty();
        }
        MarkovBaselines found;
        try {
            found = MarkovBaselines.of(task.training(), task.validation(), MOST_WINDOWS, task.padding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("a Markov model of order 0", found.orderZeroBits());
        values.put("a Markov model of order 3", found.orderThreeBits());
        String line = String.format(
                Locale.ROOT,
                "baselines on %,d validation tokens: %.4f bits per base by a Markov model of order 0, %.4f by one of"
                        + " order 3, counted in %,d of %,d training windows (%.1f %% padding)",
                found.evaluated(),
                found.orderZeroBits(),
                found.orderThreeBits(),
                found.windows(),
                task.training().size(),
                100 * found.paddingShare());
        return Optional.of(new Baselines(line, values));
    }

    /** Computes the baselines of a training on χ(k), or says why there are none. */
    static Optional<Baselines> ofChi(Console console, ExafsTask task, int kWeight) {
        if (task.validation().size() == 0) {
            console.note("No baselines: there are no validation samples.");
            return Optional.empty();
        }
        ChiBaselines found;
        try {
            found = task.predictsDistance()
                    ? ChiBaselines.ofDistances(task.training(), task.validation(), MOST_SAMPLES_OF_CHI)
                    : ChiBaselines.ofChi(
                            task.training(), task.validation(), task.grid(), task.weights(), MOST_SAMPLES_OF_CHI);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "baselines on %,d validation samples:", found.evaluated()));
        if (task.predictsDistance()) {
            values.put("the mean of the training split", found.mean().get(0));
            line.append(String.format(
                    Locale.ROOT,
                    " MAE %.4g Å by the mean of the training split",
                    found.mean().get(0)));
            return Optional.of(new Baselines(line.toString(), values));
        }
        for (int i = 0; i < task.weights().size(); i++) {
            line.append(String.format(
                    Locale.ROOT,
                    "%s %s %.4g by the mean χ of the training split, %.4g by that of the same elements",
                    i == 0 ? "" : ";",
                    ExafsTask.rmse(task.weights().get(i)),
                    found.mean().get(i),
                    found.meanOfKind().get(i)));
        }
        int own = task.weights().indexOf(kWeight);
        values.put("the mean χ of the training split", found.mean().get(own));
        values.put("the mean χ of the same elements", found.meanOfKind().get(own));
        return Optional.of(new Baselines(line.toString(), values));
    }

    /** Computes the baselines of a training on a user's own tables, or says why there are none. */
    static Optional<Baselines> ofTable(Console console, TableTask task) {
        if (task.validation().size() == 0) {
            console.note("No baselines: there are no validation rows.");
            return Optional.empty();
        }
        TableBaselines found = TableBaselines.of(task.config(), task.training(), task.validation(), MOST_TABLE_ROWS);
        boolean several = task.config().output() instanceof TableModelConfig.Values values
                && values.targets().size() > 1;
        String what = several
                ? task.measure().replaceFirst("mae_", "MAE of ")
                : task.measure().equals(TableEvaluator.ACCURACY) ? "accuracy" : "MAE";
        List<String> parts = new ArrayList<>();
        Map<String, Double> values = new LinkedHashMap<>();
        found.values().forEach((name, value) -> {
            parts.add(EpochTable.significant(value) + " by " + name);
            values.put(several ? name + ", of the first target" : name, value);
        });
        String line = String.format(
                Locale.ROOT,
                "baselines on %,d validation rows: %s %s",
                found.evaluated(),
                what,
                String.join(", ", parts));
        return Optional.of(new Baselines(line, values));
    }

    private static long trainingSamples(Path database) {
        try (Database file = Database.open(database, Access.READ)) {
            return Manifest.ids(file, Split.TRAIN.id()).length;
        }
    }
}
