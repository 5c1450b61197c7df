package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.CategoryCodes;
import dev.millrace.batch.QuerySlot;
import dev.millrace.build.CsvLine;
import dev.millrace.build.PublishedFile;
import dev.millrace.kv.KvStore;
import dev.millrace.model.GradientPause;
import dev.millrace.model.TableInput;
import dev.millrace.model.TableModel;
import dev.millrace.model.TableModelConfig;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What a model over a user's tables says of rows, into a file: a line per id. Used once, by one thread. */
final class TablePrediction {
    private static final int BATCH = 256;
    private static final int MOST_PER_BATCH = 1 << 24;

    private final Checkpoint checkpoint;
    private final TableModelConfig config;
    private final TableQuery query;
    private final boolean json;

    private TablePrediction(Checkpoint checkpoint, TableModelConfig config, TableQuery query, boolean json) {
        this.checkpoint = checkpoint;
        this.config = config;
        this.query = query;
        this.json = json;
    }

    /**
     * For rows of the model's own queries: those that an ids query lists, or the validation rows.
     *
     * @param database instead of the one that was trained on; null for that
     * @param ids null for the validation rows
     */
    static TablePrediction ofIds(
            Checkpoint checkpoint, TableModelFile file, @Nullable Path database, @Nullable String ids, Path out) {
        return new TablePrediction(checkpoint, file.config(), file.query().over(database, ids), isJson(out));
    }

    /**
     * For the rows of a query definition, whose data slots must be as the model's.
     *
     * @throws UsageException naming every slot that is not
     */
    static TablePrediction ofFile(Checkpoint checkpoint, TableModelFile file, Path definition, Path out) {
        QueryFile.Definition rows = QueryFile.parseOpen(Inputs.file(definition));
        requireFit(file.query().data(), rows.data(), definition);
        TableQuery query = new TableQuery(
                rows.database(), rows.cache(), rows.ids(), rows.ids(), null, 0, rows.rows(), rows.data(), List.of());
        return new TablePrediction(checkpoint, file.config(), query, isJson(out));
    }

    private static void requireFit(List<QueryFile.Slot> expected, List<QueryFile.Slot> found, Path definition) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
            String wanted = i < expected.size() ? describe(expected.get(i)) : "none";
            String given = i < found.size() ? describe(found.get(i)) : "none";
            if (!wanted.equals(given)) {
                faults.add("data[" + i + "] as the model's, " + wanted + ", found " + given);
            }
        }
        if (!faults.isEmpty()) {
            throw new UsageException("--query: expected " + String.join("; ", faults) + " (" + definition + ").");
        }
    }

    /** What must be the same; names of columns may be others. */
    private static String describe(QueryFile.Slot slot) {
        return slot.isCategory()
                ? "categories of " + slot.columns().size() + " columns"
                : slot.toQuerySlot(null).type() + " of shape "
                        + slot.toQuerySlot(null).shape();
    }

    private static boolean isJson(Path out) {
        String name = String.valueOf(out.getFileName()).toLowerCase(Locale.ROOT);
        if (!name.endsWith(".csv") && !name.endsWith(".json")) {
            throw new UsageException(
                    "--out: expected a name that ends with .csv or .json for a model of a table, found " + out + ".");
        }
        return name.endsWith(".json");
    }

    /**
     * Writes them; the file is there whole or not at all.
     *
     * @return how many
     */
    long write(Path out, Console console) throws IOException {
        Inputs.file(query.database());
        Inputs.output(out, query.database());
        KvStore cache = QueryFile.cache(query.cache());
        long[] count = {0};
        try (TableRows rows = open(cache);
                Model model = checkpoint.loadModel(new TableModel(config), Device.cpu());
                Progress progress = console.progress("predict", rows.rows().size())) {
            if (rows.rows().size() == 0) {
                throw new UsageException("Expected rows to predict for, found none in " + query.database()
                        + ". Name them with --ids or --query.");
            }
            PublishedFile.write(out, writer -> count[0] = write(rows, model, writer, progress));
        } finally {
            if (cache != null) {
                cache.close();
            }
        }
        return count[0];
    }

    private TableRows open(@Nullable KvStore cache) {
        List<QuerySlot> slots = new ArrayList<>();
        for (int i = 0; i < query.data().size(); i++) {
            QueryFile.Slot slot = query.data().get(i);
            slots.add(
                    config.inputs().get(i) instanceof TableInput.Categories known
                            ? CategoryCodes.input(slot.name(), slot.columns(), known.values())
                            : slot.toQuerySlot(cache));
        }
        int elements = config.inputs().stream().mapToInt(TableInput::size).sum();
        int batch = Math.max(1, Math.min(BATCH, MOST_PER_BATCH / elements));
        return TableRows.open(
                query,
                TableRows.Part.VALIDATION,
                new TableRows.Reading(slots, List.of(), batch, false, 1, SampleSection.all()));
    }

    private long write(TableRows rows, Model model, Writer writer, Progress progress) throws IOException {
        long count = 0;
        writer.write(json ? "[" : head() + "\n");
        try (NDManager manager = model.getNDManager().newSubManager()) {
            for (Batch batch : rows.rows().getData(manager)) {
                try (batch;
                        NDManager scope = manager.newSubManager()) {
                    NDArray output = GradientPause.during(() ->
                                    model.getBlock().forward(new ParameterStore(scope, false), batch.getData(), false))
                            .head();
                    float[] values = output.toFloatArray();
                    int width = config.output().size();
                    for (int start = 0; start < values.length; start += width) {
                        long id = rows.rows().id(count);
                        writer.write(
                                json
                                        ? (count == 0 ? "\n" : ",\n") + object(id, values, start)
                                        : line(id, values, start) + "\n");
                        count++;
                    }
                }
                progress.at(count);
            }
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the rows", e);
        }
        writer.write(json ? "\n]\n" : "");
        return count;
    }

    private String head() {
        CsvLine head = new CsvLine(false).text("id");
        if (config.output() instanceof TableModelConfig.Classes classes) {
            head.text("class").text("probability");
            classes.names().forEach(name -> head.text("p_" + name));
        } else {
            targets().forEach(head::text);
        }
        return head.toString();
    }

    private List<String> targets() {
        return config.output() instanceof TableModelConfig.Values values
                ? values.targets().stream().map(target -> target.name()).toList()
                : List.of();
    }

    private String line(long id, float[] values, int start) {
        CsvLine line = new CsvLine(false).number(id);
        if (config.output() instanceof TableModelConfig.Classes classes) {
            float[] shares = shares(values, start, classes.size());
            int best = likeliest(shares);
            line.text(classes.names().get(best)).number(shares[best]);
            for (float share : shares) {
                line.number(share);
            }
        } else {
            for (int i = 0; i < config.output().size(); i++) {
                line.number(values[start + i]);
            }
        }
        return line.toString();
    }

    private String object(long id, float[] values, int start) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", id);
        if (config.output() instanceof TableModelConfig.Classes classes) {
            float[] shares = shares(values, start, classes.size());
            int best = likeliest(shares);
            object.put("class", classes.names().get(best));
            object.put("probability", shares[best]);
            Map<String, Float> all = new LinkedHashMap<>();
            for (int i = 0; i < shares.length; i++) {
                all.put(classes.names().get(i), shares[i]);
            }
            object.put("probabilities", all);
        } else {
            List<String> names = targets();
            for (int i = 0; i < names.size(); i++) {
                object.put(names.get(i), values[start + i]);
            }
        }
        return JsonMapper.shared().writeValueAsString(object);
    }

    private static float[] shares(float[] logits, int start, int count) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            most = Math.max(most, logits[start + i]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits[start + i] - most);
        }
        float[] shares = new float[count];
        for (int i = 0; i < count; i++) {
            shares[i] = (float) (Math.exp(logits[start + i] - most) / sum);
        }
        return shares;
    }

    private static int likeliest(float[] shares) {
        int best = 0;
        for (int i = 1; i < shares.length; i++) {
            best = shares[i] > shares[best] ? i : best;
        }
        return best;
    }
}
