package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.exafs.ExafsAtomDataset;
import dev.millrace.exafs.ExafsDataset;
import dev.millrace.exafs.ExafsStatistics;
import dev.millrace.exafs.KGrid;
import dev.millrace.model.ChiEvaluator;
import dev.millrace.model.ChiLoss;
import dev.millrace.model.PropertyEvaluator;
import dev.millrace.model.PropertyLoss;
import dev.millrace.model.PropertyModelConfig;
import dev.millrace.training.Monitor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** χ(k) from geometry, or a distance from χ(k). */
final class ExafsTask implements TrainingTask {
    /** Name of the property of {@link ExafsSection.Target#DISTANCE}. */
    private static final String DISTANCE = "first_shell_distance";

    private final TrainConfig config;
    private final ExafsSection settings;
    private final Opened all;
    private final SqliteDataset<?> training;
    private final SqliteDataset<?> validation;
    private final ExafsStatistics statistics;

    /** A dataset of either kind, with what its class tells of the file; maxLegs is 2 where there are no paths. */
    private record Opened(
            SqliteDataset<?> data,
            KGrid grid,
            int maxLegs,
            String splitBy,
            java.util.function.Supplier<ExafsStatistics> statistics) {
        static Opened of(ExafsDataset data) {
            return new Opened(data, data.grid(), data.maxLegs(), data.splitBy(), data::statistics);
        }

        static Opened of(ExafsAtomDataset data) {
            return new Opened(data, data.grid(), 2, data.splitBy(), data::statistics);
        }
    }

    private ExafsTask(TrainConfig config, Opened all, SqliteDataset<?> validation) {
        this.config = config;
        this.settings = config.requireExafs();
        this.all = all;
        this.validation = validation;
        ExafsSection.SplitBy wanted = settings.split();
        if (wanted != null && !ConfigBinder.nameOf(wanted).equals(all.splitBy)) {
            throw new UsageException("exafs.split: expected a database divided by " + ConfigBinder.nameOf(wanted)
                    + ", found one by " + (all.splitBy.isEmpty() ? "nothing it tells" : all.splitBy) + " ("
                    + database(settings) + "). Build it again, or leave split out.");
        }
        if (all.data.unfilteredSize() == 0) {
            throw new UsageException("exafs.database: expected samples to train on, found none of target "
                    + ConfigBinder.nameOf(settings.target()) + " in split train of " + database(settings) + ".");
        }
        this.statistics = all.statistics.get();
        Integer most = settings.maxSamples();
        this.training = most == null
                ? all.data
                : TrainingTask.subset(all.data, most, config.data().randomSeed());
    }

    static ExafsTask open(TrainConfig config) {
        Opened training = dataset(config, Split.TRAIN);
        try {
            SqliteDataset<?> validation = dataset(config, Split.VALIDATION).data;
            try {
                return new ExafsTask(config, training, validation);
            } catch (RuntimeException e) {
                validation.close();
                throw e;
            }
        } catch (RuntimeException e) {
            training.data.close();
            throw e;
        }
    }

    private static Opened dataset(TrainConfig config, Split split) {
        ExafsSection settings = config.requireExafs();
        Path file = Inputs.file(database(settings));
        boolean shuffled = split == Split.TRAIN;
        int batch = settings.loop().batchSize();
        long seed = config.data().randomSeed();
        int threads = settings.loop().loaderThreads();
        if (settings.target() == ExafsSection.Target.PATH_CHI) {
            ExafsDataset.Builder paths = ExafsDataset.builder()
                    .setDatabase(file)
                    .optSplit(split)
                    .setSampling(batch, shuffled)
                    .optSeed(seed)
                    .optLoaderThreads(threads);
            return Opened.of(config.data().samples().choose(paths, shuffled).build());
        }
        boolean graph = settings.target() == ExafsSection.Target.ATOM_CHI;
        ExafsAtomDataset.Builder atoms = ExafsAtomDataset.builder()
                .setDatabase(file)
                .optView(graph ? ExafsAtomDataset.View.GRAPH : ExafsAtomDataset.View.FIRST_SHELL)
                .optCutoff(settings.cutoff())
                .optSplit(split)
                .setSampling(batch, shuffled)
                .optSeed(seed)
                .optLoaderThreads(threads);
        return Opened.of(config.data().samples().choose(atoms, shuffled).build());
    }

    private static Path database(ExafsSection settings) {
        return Objects.requireNonNull(settings.database());
    }

    @Override
    public SqliteDataset<?> training() {
        return training;
    }

    @Override
    public SqliteDataset<?> trainingSplit() {
        return all.data;
    }

    @Override
    public SqliteDataset<?> validation() {
        return validation;
    }

    /** Where χ is given. */
    KGrid grid() {
        return all.grid;
    }

    int kWeight() {
        return settings.kWeight();
    }

    boolean predictsDistance() {
        return settings.target() == ExafsSection.Target.DISTANCE;
    }

    /** The n of each kⁿ χ whose error is told: without a weight, with k², and with that of the loss. */
    List<Integer> weights() {
        return List.copyOf(new TreeSet<>(List.of(0, 2, settings.kWeight())));
    }

    @Override
    public ExafsModelFile modelFile() {
        return new ExafsModelFile(
                settings.target(),
                Objects.requireNonNull(config.exafsModel()),
                ExafsModelFile.Input.of(all.grid, all.maxLegs, settings.kWeight(), statistics),
                new ModelFile.TrainedOn(
                        String.valueOf(database(settings).getFileName()), training.digest(), training.size()));
    }

    @Override
    public String modelName() {
        return predictsDistance() ? "distance" : "chi";
    }

    @Override
    public Loss loss() {
        return predictsDistance()
                ? PropertyLoss.of(PropertyLoss.Kind.SMOOTH_L1, distance())
                : ChiLoss.of(all.grid, settings.kWeight(), statistics);
    }

    private List<PropertyModelConfig.Target> distance() {
        return List.of(
                new PropertyModelConfig.Target(DISTANCE, statistics.meanDistance(), statistics.distanceDeviation(), 1));
    }

    @Override
    public List<? extends Evaluator> evaluators() {
        return predictsDistance()
                ? PropertyEvaluator.of(distance())
                : weights().stream()
                        .map(weight -> new ChiEvaluator(all.grid, weight))
                        .toList();
    }

    @Override
    public Monitor monitor() {
        return new Monitor(measure(settings), false);
    }

    /** Name of the evaluator that tells the best epoch. */
    static String measure(ExafsSection settings) {
        return settings.target() == ExafsSection.Target.DISTANCE
                ? PropertyEvaluator.MEAN_ABSOLUTE_ERROR
                : ChiEvaluator.name(settings.kWeight());
    }

    /** That evaluator in words, with its unit. */
    static String measureInWords(ExafsSection settings) {
        return settings.target() == ExafsSection.Target.DISTANCE ? "MAE in Å" : rmse(settings.kWeight());
    }

    /** Root mean square error of kⁿ χ in words. */
    static String rmse(int weight) {
        return switch (weight) {
            case 0 -> "RMSE of χ";
            case 1 -> "RMSE of kχ in Å⁻¹";
            case 2 -> "RMSE of k²χ in Å⁻²";
            default -> "RMSE of k³χ in Å⁻³";
        };
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> record = new LinkedHashMap<>();
        record.put("target", ConfigBinder.nameOf(settings.target()));
        record.put("seed", Long.toString(config.data().randomSeed()));
        record.put("data", training.digest());
        return record;
    }

    @Override
    public List<String> facts() {
        return List.of(
                String.format(
                        Locale.ROOT,
                        "Data from EXAFS database %s, divided by %s, %s",
                        database(settings),
                        all.splitBy.isEmpty() ? "what it does not tell" : all.splitBy,
                        all.grid),
                scaleInWords());
    }

    private String scaleInWords() {
        return predictsDistance()
                ? String.format(
                        Locale.ROOT,
                        "First shells of the training split: %.4f ± %.4f Å",
                        statistics.meanDistance(),
                        statistics.distanceDeviation())
                : String.format(
                        Locale.ROOT,
                        "Training split: distances %.4f ± %.4f Å, root mean square of k^%d χ %.4g",
                        statistics.meanDistance(),
                        statistics.distanceDeviation(),
                        settings.kWeight(),
                        statistics.rootMeanSquare(settings.kWeight()));
    }

    @Override
    public void close() {
        all.data.close();
        validation.close();
    }
}
