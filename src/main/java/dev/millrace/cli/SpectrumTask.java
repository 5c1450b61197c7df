package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.build.SplitRatios;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.model.SpectrumEvaluator;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.spectra.SpectrumOptions;
import dev.millrace.training.Monitor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Mass spectra from molecules. */
final class SpectrumTask implements TrainingTask {
    private final TrainConfig config;
    private final SpectrumDataset all;
    private final SqliteDataset<?> training;
    private final SpectrumDataset validation;

    private SpectrumTask(TrainConfig config, SpectrumDataset all, SpectrumDataset validation) {
        this.config = config;
        this.all = all;
        this.validation = validation;
        double fraction = config.requireFinetuning().dataFraction();
        this.training = fraction == 1
                ? all
                : TrainingTask.subset(
                        all,
                        Math.max(1, Math.round(fraction * all.size())),
                        config.data().randomSeed());
    }

    static SpectrumTask open(TrainConfig config) throws IOException {
        SpectrumDataset training = dataset(config, Split.TRAIN, true);
        try {
            return new SpectrumTask(config, training, dataset(config, Split.VALIDATION, false));
        } catch (IOException | RuntimeException e) {
            training.close();
            throw e;
        }
    }

    /** The samples of a split, in order or shuffled by the seed. */
    static SpectrumDataset dataset(TrainConfig config, Split split, boolean shuffled) throws IOException {
        TrainConfig.Data data = config.data();
        TrainConfig.Loop loop = config.section().loop();
        SpectrumDataset.Builder builder = SpectrumDataset.builder()
                .optSplit(split)
                .setSampling(loop.batchSize(), shuffled)
                .optSeed(data.randomSeed())
                .optCacheInMemory(data.sqliteCacheInMemory())
                .optLoaderThreads(loop.loaderThreads());
        data.samples().choose(builder, shuffled);
        if (data.useSqlite()) {
            builder.setDatabase(Inputs.file(Objects.requireNonNull(data.sqliteDbPath())));
        } else {
            builder.setFiles(
                            Inputs.file(Objects.requireNonNull(data.nistMspPath())),
                            Inputs.folder(Objects.requireNonNull(data.molFilesDir())))
                    .optFeatureSpec(Objects.requireNonNullElse(data.featureSpec(), FeatureSpec.BITSPEC_48_6.id()))
                    .optSpectrum(spectrumOptions(data))
                    .optSplitRatios(new SplitRatios(data.trainSplit(), data.valSplit(), data.testSplit()))
                    .optSplitSeed(data.randomSeed());
        }
        SpectrumDataset dataset = builder.build();
        try {
            requireSame(config, "data.max_mz", data.maxMz(), dataset.options().maxMassToCharge());
            requireSame(
                    config,
                    "data.mz_bin_size",
                    data.mzBinSize(),
                    dataset.options().binSize());
            requireSame(
                    config,
                    "data.min_intensity",
                    data.minIntensity(),
                    dataset.options().minIntensity());
            requireSame(config, "data.feature_spec", data.featureSpec(), dataset.featureSpec());
            return dataset;
        } catch (RuntimeException e) {
            dataset.close();
            throw e;
        }
    }

    private static void requireSame(TrainConfig config, String key, @Nullable Object configured, Object found) {
        if (configured != null && !configured.equals(found)) {
            throw new UsageException("The data do not fit the configuration: expected " + key + " " + configured
                    + ", found " + found + " in " + backend(config)
                    + ". Build the database with that value, or change the key.");
        }
    }

    private static SpectrumOptions spectrumOptions(TrainConfig.Data data) {
        SpectrumOptions usual = SpectrumOptions.defaults();
        Double minIntensity = data.minIntensity();
        return Inputs.checked(() -> new SpectrumOptions(
                data.maxMz(),
                data.mzBinSize(),
                usual.binning(),
                usual.origin(),
                usual.transform(),
                minIntensity == null ? usual.minIntensity() : minIntensity,
                usual.scale()));
    }

    /** Which backend feeds a training. */
    private static String backend(TrainConfig config) {
        TrainConfig.Data data = config.data();
        return data.useSqlite()
                ? "SQLite database " + data.sqliteDbPath()
                : "files " + data.nistMspPath() + " and " + data.molFilesDir() + " (use_sqlite: false; deprecated)";
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
        TrainConfig.Data data = config.data();
        Path source = data.useSqlite() ? data.sqliteDbPath() : data.nistMspPath();
        return new ModelFile(
                all.featureSpec(),
                config.requireModel(),
                ModelFile.Spectrum.of(all.options()),
                null,
                new ModelFile.TrainedOn(
                        String.valueOf(Objects.requireNonNull(source).getFileName()),
                        training.digest(),
                        training.size()));
    }

    @Override
    public String modelName() {
        return "spectrum";
    }

    @Override
    public Loss loss() {
        return SpectrumLoss.of(config.requireFinetuning().lossType());
    }

    @Override
    public List<? extends Evaluator> evaluators() {
        SpectrumAxis axis = ModelFile.Spectrum.of(all.options()).axis();
        return Stream.of(
                        SpectrumMetric.COSINE,
                        SpectrumMetric.WEIGHTED_COSINE_NIST,
                        SpectrumMetric.MEAN_ABSOLUTE_ERROR,
                        SpectrumMetric.TOP_10_RECALL,
                        SpectrumMetric.SPECTRAL_ANGLE)
                .map(metric -> new SpectrumEvaluator(metric, axis))
                .toList();
    }

    @Override
    public Monitor monitor() {
        return Monitor.loss();
    }

    @Override
    public List<String> facts() {
        String part = training == all
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; %,d of %,d training samples (data_fraction %s)",
                        training.size(),
                        all.size(),
                        config.requireFinetuning().dataFraction());
        return List.of("Data from " + backend(config) + part);
    }

    @Override
    public void close() {
        all.close();
        validation.close();
    }
}
