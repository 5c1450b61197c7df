package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.PropertyLoss;
import dev.millrace.model.PropertyModelConfig.Target;
import dev.millrace.pcqm.PcqmAdapter;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.pcqm.PcqmStatistics;
import dev.millrace.training.Monitor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Properties of molecules, the HOMO-LUMO gap first. */
final class PropertyTask implements TrainingTask {
    private final TrainConfig config;
    private final PretrainingSection settings;
    private final PcqmDataset all;
    private final SqliteDataset<?> training;
    private final PcqmDataset validation;
    private final List<Target> targets;

    private PropertyTask(TrainConfig config, PcqmDataset all, PcqmDataset validation) {
        this.config = config;
        this.settings = config.requirePretraining();
        this.all = all;
        this.validation = validation;
        this.targets = targets(settings, all);
        Integer most = settings.maxSamples();
        this.training = most == null
                ? all
                : TrainingTask.subset(all, most, config.data().randomSeed());
    }

    static PropertyTask open(TrainConfig config) {
        PcqmDataset training = dataset(config, Split.TRAIN, true);
        try {
            PcqmDataset validation = dataset(config, Split.VALIDATION, false);
            try {
                return new PropertyTask(config, training, validation);
            } catch (RuntimeException e) {
                validation.close();
                throw e;
            }
        } catch (RuntimeException e) {
            training.close();
            throw e;
        }
    }

    /** The labelled molecules of a split, in order or shuffled by the seed. */
    static PcqmDataset dataset(TrainConfig config, Split split, boolean shuffled) {
        PretrainingSection settings = config.requirePretraining();
        TrainConfig.Loop loop = settings.loop();
        PcqmDataset.Builder builder = PcqmDataset.builder()
                .setDatabase(Inputs.file(database(settings)))
                .optSplit(split)
                .setSampling(loop.batchSize(), shuffled)
                .optSeed(config.data().randomSeed())
                .optLoaderThreads(loop.loaderThreads())
                .optCacheInMemory(settings.sqliteCacheInMemory());
        config.data().samples().choose(builder, shuffled);
        PcqmAdapter adapter = settings.adapter();
        if (adapter != null) {
            builder.optAdapter(adapter);
        }
        String expected = config.data().featureSpec();
        if (expected != null) {
            builder.optFeatureSpec(expected);
        }
        return builder.build();
    }

    private static Path database(PretrainingSection settings) {
        return Objects.requireNonNull(settings.sqliteDbPath());
    }

    private static List<Target> targets(PretrainingSection settings, PcqmDataset data) {
        List<String> names = settings.task() == PretrainingSection.Targets.HOMO_LUMO_GAP
                ? data.targets().subList(0, 1)
                : data.targets();
        List<Double> weights = settings.targetWeights();
        if (weights != null && weights.size() != names.size()) {
            throw new UsageException("pretraining.target_weights: expected one for each of " + names + ", found "
                    + weights + " (" + database(settings) + ").");
        }
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            PcqmStatistics statistics = data.statistics(names.get(i));
            targets.add(new Target(
                    names.get(i),
                    statistics.mean(),
                    statistics.standardDeviation(),
                    weights == null ? 1 : weights.get(i)));
        }
        return targets;
    }

    @Override
    public SqliteDataset<?> training() {
        return training;
    }

    @Override
    public SqliteDataset<?> trainingSplit() {
        return all;
    }

    @Override
    public SqliteDataset<?> validation() {
        return validation;
    }

    @Override
    public ModelFile modelFile() {
        return new ModelFile(
                all.featureSpec(),
                config.requireModel(),
                null,
                new ModelFile.Properties(targets),
                new ModelFile.TrainedOn(
                        String.valueOf(database(settings).getFileName()), training.digest(), training.size()));
    }

    @Override
    public String modelName() {
        return "property";
    }

    @Override
    public Loss loss() {
        return PropertyLoss.of(settings.lossType(), targets);
    }

    @Override
    public List<? extends Evaluator> evaluators() {
        return PropertyEvaluator.of(targets);
    }

    /** What the task is judged by; of several targets the weighted loss. */
    @Override
    public Monitor monitor() {
        return targets.size() == 1 ? new Monitor(PropertyEvaluator.MEAN_ABSOLUTE_ERROR, false) : Monitor.loss();
    }

    @Override
    public List<String> facts() {
        List<String> facts = new ArrayList<>();
        facts.add(String.format(
                Locale.ROOT,
                "Data from SQLite database %s, layout %s, features %s%s",
                database(settings),
                all.layout().id(),
                all.featureSpec(),
                training == all
                        ? ""
                        : String.format(Locale.ROOT, "; %,d of %,d training molecules", training.size(), all.size())));
        for (Target target : targets) {
            facts.add(String.format(
                    Locale.ROOT,
                    "%s of the training split: %.4f ± %.4f eV",
                    target.name(),
                    target.mean(),
                    target.standardDeviation()));
        }
        return facts;
    }

    @Override
    public void close() {
        all.close();
        validation.close();
    }
}
