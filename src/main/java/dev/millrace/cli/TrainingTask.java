package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.SampleQueryException;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.training.MetricsListener;
import dev.millrace.training.Monitor;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What one kind of training brings: its data, its model, and how good is measured. Who opens it closes it. */
sealed interface TrainingTask extends AutoCloseable
        permits SpectrumTask, PropertyTask, GenomeTask, ExafsTask, TableTask {
    /** Opens the data of the task that a configuration has. */
    static TrainingTask open(TrainConfig config) throws IOException {
        Inputs.engine();
        TrainingTask task;
        try {
            task = ofSection(config);
        } catch (SampleQueryException e) {
            throw new UsageException("data." + e.word() + ": " + e.reason());
        }
        SqliteDataset<?> all = task.trainingSplit();
        if (all.size() == 0 && all.unfilteredSize() > 0) {
            task.close();
            throw nothingKept(all);
        }
        return task;
    }

    /** A filter that leaves none of the samples of training. */
    static UsageException nothingKept(SqliteDataset<?> all) {
        return new UsageException("data.filter: expected it to keep some of the " + all.unfilteredSize()
                + " training samples, found none. Its query yields ids of no training sample.");
    }

    private static TrainingTask ofSection(TrainConfig config) throws IOException {
        return switch (config.task()) {
            case FINETUNING -> SpectrumTask.open(config);
            case PRETRAINING -> PropertyTask.open(config);
            case GENOME -> GenomeTask.open(config);
            case EXAFS -> ExafsTask.open(config);
            case TABLE -> TableTask.open(config);
        };
    }

    SqliteDataset<?> training();

    /** All samples of the training split that the filter keeps; {@link #training()} may be a part of them. */
    default SqliteDataset<?> trainingSplit() {
        return training();
    }

    /** What the filter keeps, for people; empty if that is everything. */
    default String kept() {
        SqliteDataset<?> all = trainingSplit();
        return all.size() == all.unfilteredSize()
                        && validation().size() == validation().unfilteredSize()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "The filter keeps %,d of %,d training samples and %,d of %,d validation samples",
                        all.size(),
                        all.unfilteredSize(),
                        validation().size(),
                        validation().unfilteredSize());
    }

    /** May be empty. */
    SqliteDataset<?> validation();

    ModelDescription modelFile();

    /** Name of the model, the start of its parameter files' names. */
    String modelName();

    Loss loss();

    List<? extends Evaluator> evaluators();

    /** What tells the best epoch where there are validation data. */
    Monitor monitor();

    /** A listener told what it needs to know of this task. */
    default MetricsListener prepared(MetricsListener metrics) {
        return metrics.withGradientNorm();
    }

    /** Settings of the data that the record of a run keeps, by name. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** Facts for people, line by line. */
    List<String> facts();

    /** What is allowed, but seldom meant. */
    default List<String> warnings() {
        return List.of();
    }

    @Override
    void close();

    /** A random part of a dataset, by a seed; a smaller part of the same seed lies within a larger one. */
    static SqliteDataset<?> subset(SqliteDataset<?> all, long count, long seed) {
        int size = Math.toIntExact(all.size());
        if (count >= size) {
            return all;
        }
        int[] order = IntStream.range(0, size).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(size - i);
            int position = order[other];
            order[other] = order[i];
            order[i] = position;
        }
        // Ascending, as a file is read best.
        return (SqliteDataset<?>) all.subDataset(
                IntStream.of(order).limit(count).sorted().asLongStream().boxed().collect(Collectors.toList()));
    }
}
