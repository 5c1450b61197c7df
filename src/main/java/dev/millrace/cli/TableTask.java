package dev.millrace.cli;

import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.kv.KvStore;
import dev.millrace.model.PropertyLoss;
import dev.millrace.model.PropertyModelConfig.Target;
import dev.millrace.model.TableEvaluator;
import dev.millrace.model.TableLoss;
import dev.millrace.model.TableModelConfig;
import dev.millrace.training.Monitor;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Quantities or a class of the rows of a user's own tables. */
final class TableTask implements TrainingTask {
    private final TableSection settings;
    private final TableModelSection model;
    private final TableQuery query;
    private final TableLayout layout;
    private final TableRows training;
    private final TableRows validation;
    private final @Nullable KvStore cache;

    private TableTask(
            TableSection settings,
            TableModelSection model,
            TableQuery query,
            TableLayout layout,
            TableRows training,
            TableRows validation,
            @Nullable KvStore cache) {
        this.settings = settings;
        this.model = model;
        this.query = query;
        this.layout = layout;
        this.training = training;
        this.validation = validation;
        this.cache = cache;
    }

    static TableTask open(TrainConfig config) {
        TableSection settings = config.requireTable();
        TableModelSection model = Objects.requireNonNull(config.tableModel(), "the configuration has a table");
        TableQuery query = settings.toQuery(config.data().randomSeed());
        // Before a cache is made for a database that is not there.
        if (!Files.isRegularFile(query.database())) {
            throw new UsageException("table.database: expected an SQLite file, found none at " + query.database()
                    + ". Relative paths are resolved against the working directory.");
        }
        KvStore cache = QueryFile.cache(query.cache());
        SampleSection samples = config.data().samples();
        TableRows training = null;
        try {
            TableLayout layout = new TableSurvey(settings, model, query, samples, cache).read();
            int batch = settings.loop().batchSize();
            int threads = settings.loop().loaderThreads();
            training = TableRows.open(
                    query,
                    TableRows.Part.TRAINING,
                    new TableRows.Reading(layout.data(), layout.labels(), batch, true, threads, samples));
            TableRows validation = TableRows.open(
                    query,
                    TableRows.Part.VALIDATION,
                    new TableRows.Reading(layout.data(), layout.labels(), batch, false, threads, samples));
            return new TableTask(settings, model, query, layout, training, validation, cache);
        } catch (RuntimeException e) {
            if (training != null) {
                training.close();
            }
            if (cache != null) {
                cache.close();
            }
            throw e;
        }
    }

    @Override
    public SqliteDataset<?> training() {
        return training.rows();
    }

    @Override
    public SqliteDataset<?> trainingSplit() {
        return training.owner();
    }

    /* A share is drawn of what the filter keeps, so that is told of all rows. */
    @Override
    public String kept() {
        SqliteDataset<?> all = trainingSplit();
        if (query.valSplit() == null || all.size() == all.unfilteredSize()) {
            return query.valSplit() == null ? TrainingTask.super.kept() : "";
        }
        return String.format(Locale.ROOT, "The filter keeps %,d of %,d rows", all.size(), all.unfilteredSize());
    }

    @Override
    public SqliteDataset<?> validation() {
        return validation.rows();
    }

    /** Shape of the model. */
    TableModelConfig config() {
        return layout.config();
    }

    @Override
    public TableModelFile modelFile() {
        return new TableModelFile(
                layout.config(),
                query,
                new ModelFile.TrainedOn(
                        String.valueOf(query.database().getFileName()),
                        training().digest(),
                        training().size()));
    }

    @Override
    public String modelName() {
        return "table";
    }

    @Override
    public Loss loss() {
        if (!(layout.config().output() instanceof TableModelConfig.Values values)) {
            return TableLoss.crossEntropy();
        }
        TableSection.Loss loss = settings.loss() == null ? TableSection.Loss.MSE : settings.loss();
        return TableLoss.of(PropertyLoss.Kind.valueOf(loss.name()), values);
    }

    @Override
    public List<? extends Evaluator> evaluators() {
        return TableEvaluator.of(layout.config().output());
    }

    @Override
    public Monitor monitor() {
        if (layout.config().output() instanceof TableModelConfig.Values values) {
            return values.targets().size() == 1
                    ? new Monitor(TableEvaluator.MEAN_ABSOLUTE_ERROR, false)
                    : Monitor.loss();
        }
        return new Monitor(TableEvaluator.ACCURACY, true);
    }

    /** Name of the evaluator that is compared with what the model has to beat. */
    String measure() {
        return layout.config().output() instanceof TableModelConfig.Values values
                ? TableEvaluator.MEAN_ABSOLUTE_ERROR + TableEvaluator.suffix(values.targets(), 0)
                : TableEvaluator.ACCURACY;
    }

    @Override
    public List<String> warnings() {
        return layout.warnings();
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> record = new LinkedHashMap<>();
        record.put("predicts", ConfigBinder.nameOf(settings.task()));
        record.put("seed", Long.toString(query.seed()));
        record.put("data", training().digest());
        return record;
    }

    @Override
    public List<String> facts() {
        List<String> facts = new ArrayList<>();
        facts.add("Data from table database " + query.database() + ", "
                + (query.valSplit() == null
                        ? "validation rows by their own query"
                        : String.format(
                                Locale.ROOT,
                                "%.0f %% of the rows for validation, by the seed",
                                100 * query.valSplit())));
        facts.add("Model of " + model.describe());
        if (layout.config().output() instanceof TableModelConfig.Values values) {
            for (Target target : values.targets()) {
                facts.add(String.format(
                        Locale.ROOT,
                        "%s of the training rows: %.4g ± %.4g",
                        target.name(),
                        target.mean(),
                        target.standardDeviation()));
            }
        } else if (layout.config().output() instanceof TableModelConfig.Classes classes) {
            facts.add(classes.size() + " classes: "
                    + String.join(", ", classes.names().subList(0, Math.min(20, classes.size())))
                    + (classes.size() > 20 ? ", …" : ""));
        }
        return facts;
    }

    @Override
    public void close() {
        training.close();
        validation.close();
        if (cache != null) {
            cache.close();
        }
    }
}
