package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.genome.WindowDataset;
import dev.millrace.model.TokenLoss;
import dev.millrace.training.MetricsListener;
import dev.millrace.training.Monitor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The next base of genome windows. */
final class GenomeTask implements TrainingTask {
    private final TrainConfig config;
    private final GenomeSection settings;
    private final WindowDataset training;
    private final WindowDataset validation;

    private GenomeTask(TrainConfig config, WindowDataset training, WindowDataset validation) {
        this.config = config;
        this.settings = config.requireGenome();
        this.training = training;
        this.validation = validation;
    }

    static GenomeTask open(TrainConfig config) {
        requireVocabulary(config);
        WindowDataset training = dataset(config, Split.TRAIN, true);
        try {
            return new GenomeTask(config, training, dataset(config, Split.VALIDATION, false));
        } catch (RuntimeException e) {
            training.close();
            throw e;
        }
    }

    /** A token beyond the table of the model would end the training at some later batch. */
    private static void requireVocabulary(TrainConfig config) {
        int known = Objects.requireNonNull(config.tokenModel()).vocabulary();
        int needed =
                config.requireGenome().format().toFormat(false, 0).tokenIds().size();
        if (known < needed) {
            throw new UsageException("token_model.vocabulary: expected at least the " + needed
                    + " tokens of the windows, found " + known + ".");
        }
    }

    /** The windows of a split, in order or shuffled by the seed; only training data are augmented. */
    static WindowDataset dataset(TrainConfig config, Split split, boolean training) {
        GenomeSection settings = config.requireGenome();
        TrainConfig.Loop loop = settings.loop();
        long seed = config.data().randomSeed();
        WindowDataset.Builder builder = WindowDataset.builder()
                .setSequences(sequences(settings))
                .optFormat(settings.format().toFormat(training, seed))
                .optPositionIds(false)
                .optSplit(split)
                .setSampling(loop.batchSize(), training)
                .optSeed(seed)
                .optLoaderThreads(loop.loaderThreads());
        config.data().samples().choose(builder, training);
        Path windows = training ? settings.trainWindowDb() : settings.valWindowDb();
        if (windows != null) {
            builder.optWindows(Inputs.file(windows));
        }
        Integer stride = settings.stride();
        Integer threshold = settings.windowMinLengthThreshold();
        builder.optStride(stride == null ? 0 : stride).optMinLength(threshold == null ? -1 : threshold);
        if (training && settings.worldSize() > 1) {
            builder.optRank(settings.rank(), settings.worldSize(), settings.remainder());
        }
        return builder.build();
    }

    private static Path sequences(GenomeSection settings) {
        Path path = settings.sequences();
        return settings.store() != null ? Inputs.file(path) : Inputs.folder(path);
    }

    @Override
    public SqliteDataset<?> training() {
        return training;
    }

    @Override
    public SqliteDataset<?> validation() {
        return validation;
    }

    @Override
    public ModelDescription modelFile() {
        return new TokenModelFile(
                Objects.requireNonNull(config.tokenModel()),
                settings.format(),
                new ModelFile.TrainedOn(
                        String.valueOf(settings.sequences().getFileName()), training.digest(), training.size()));
    }

    /** Number of the token that fills windows up. */
    int padding() {
        return training.format().tokenIds().pad();
    }

    @Override
    public String modelName() {
        return "tokens";
    }

    @Override
    public Loss loss() {
        return TokenLoss.crossEntropy();
    }

    @Override
    public List<? extends Evaluator> evaluators() {
        return List.of(TokenLoss.bitsPerBase(), TokenLoss.accuracy());
    }

    @Override
    public Monitor monitor() {
        return new Monitor(TokenLoss.BITS_PER_BASE, false);
    }

    @Override
    public MetricsListener prepared(MetricsListener metrics) {
        return metrics.withGradientNorm()
                .withUnit("loss_tokens", settings.format().seqLength());
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> record = new LinkedHashMap<>();
        record.put("rank", Integer.toString(settings.rank()));
        record.put("world_size", Integer.toString(settings.worldSize()));
        record.put("seed", Long.toString(config.data().randomSeed()));
        record.put("windows", training.digest());
        return record;
    }

    @Override
    public List<String> facts() {
        TokenModelSection model = Objects.requireNonNull(config.tokenModel());
        return List.of(
                String.format(
                        Locale.ROOT,
                        "Data from %s %s, windows of %,d tokens",
                        settings.store() != null ? "genome store" : "sample folder",
                        settings.sequences(),
                        settings.format().seqLength()),
                String.format(
                        Locale.ROOT,
                        "%d layers of %s, width %d",
                        model.numLayers(),
                        ConfigBinder.nameOf(model.layer()),
                        model.hiddenDim()));
    }

    @Override
    public void close() {
        training.close();
        validation.close();
    }
}
