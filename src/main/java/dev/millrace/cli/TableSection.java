package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code table}: learning from a user's own tables. Queries and slots are those of a {@link QueryFile}, written here or in a
 * file of their own. Immutable.
 *
 * @param definition a file with {@code database}, {@code ids}, {@code rows}, {@code data} and {@code labels}, instead of these
 * @param ids rows to train on
 * @param validationIds rows to measure on
 * @param valSplit or the share of {@code ids} that is measured on, drawn by the seed; 0.2 without either, 0 for none
 * @param task what the labels are
 * @param loss what is averaged; left out, squares or cross-entropy
 * @param classes values of the label, in the order of the model's outputs; left out, those that occur
 * @param numClasses the same, of the numbers 0 … n - 1
 */
record TableSection(
        @Nullable Path definition,
        @Nullable Path database,
        @Nullable Path cache,
        @Nullable String ids,
        @Nullable String validationIds,
        @Nullable @Between(min = 0, max = 0.9) Double valSplit,
        @Nullable String rows,
        @Nullable List<QueryFile.Slot> data,
        @Nullable List<QueryFile.Slot> labels,
        Kind task,
        @Nullable Loss loss,
        @Nullable List<String> classes,
        @Nullable @Between(min = 2, max = 10_000) Integer numClasses,
        @Inline TrainConfig.Loop loop,
        @Fallback("runs/table") Path checkpointDir)
        implements TrainConfig.Section {

    private static final double USUAL_SHARE = 0.2;

    /** What the labels are. */
    enum Kind {
        /** Quantities. */
        REGRESSION,
        /** One of several classes. */
        CLASSIFICATION
    }

    /** What is averaged over the samples. */
    enum Loss {
        MSE,
        L1,
        SMOOTH_L1,
        CROSS_ENTROPY
    }

    void check(ConfigBinder binder) {
        checkQueries(binder);
        if (validationIds != null && valSplit != null) {
            binder.fault("table.val_split", "and validation_ids cannot both be given");
        }
        boolean classifies = task == Kind.CLASSIFICATION;
        if (loss != null && classifies != (loss == Loss.CROSS_ENTROPY)) {
            binder.fault(
                    "table.loss",
                    "must be " + (classifies ? "cross_entropy" : "one of mse, l1, smooth_l1") + " for "
                            + ConfigBinder.nameOf(task) + ", found " + ConfigBinder.nameOf(loss));
        }
        if (!classifies && classes != null) {
            binder.fault("table.classes", "needs task: classification");
        }
        if (!classifies && numClasses != null) {
            binder.fault("table.num_classes", "needs task: classification");
        }
        if (classes != null && numClasses != null) {
            binder.fault("table.num_classes", "and classes cannot both be given");
        }
        if (classes != null
                && (classes.size() < 2 || classes.stream().distinct().count() != classes.size())) {
            binder.fault("table.classes", "must be two or more, all different, found " + classes);
        }
    }

    private void checkQueries(ConfigBinder binder) {
        Object[] inline = {database, cache, ids, rows, data, labels};
        String[] keys = {"database", "cache", "ids", "rows", "data", "labels"};
        for (int i = 0; i < inline.length; i++) {
            if (definition != null && inline[i] != null) {
                binder.fault("table." + keys[i], "and definition cannot both be given");
            }
            if (definition == null && inline[i] == null && !keys[i].equals("cache")) {
                binder.fault("table." + keys[i], "is missing; definition, a file that has it, is too");
            }
        }
        QueryFile.eachSlot(data, labels, (slot, path) -> slot.check(binder, "table." + path));
        checkSlots(data, labels, (key, reason) -> binder.fault("table." + key, reason));
    }

    /** Takes a key and what is wrong with it. */
    private interface Faults {
        void add(String key, String reason);
    }

    /** What the task asks of slots, wherever they are written. */
    private void checkSlots(
            @Nullable List<QueryFile.Slot> inputs, @Nullable List<QueryFile.Slot> targets, Faults faults) {
        if (inputs != null && inputs.isEmpty()) {
            faults.add("data", "must have at least one slot, found none");
        }
        if (inputs != null
                && inputs.stream().map(QueryFile.Slot::name).distinct().count() != inputs.size()) {
            faults.add(
                    "data",
                    "must have slots of different names, found "
                            + inputs.stream().map(QueryFile.Slot::name).toList());
        }
        if (targets == null) {
            return;
        }
        if (task == Kind.REGRESSION) {
            if (targets.isEmpty()) {
                faults.add("labels", "must have at least one slot, found none");
            }
            for (int i = 0; i < targets.size(); i++) {
                if (targets.get(i).isCategory()) {
                    faults.add("labels[" + i + "].encoding", "must not be category for regression");
                }
            }
            return;
        }
        boolean one = targets.size() == 1
                && targets.get(0).columns().size() == 1
                && (targets.get(0).isNumber() || targets.get(0).isCategory());
        if (!one) {
            faults.add(
                    "labels",
                    "must be one slot of one column, number or category, for classification, found " + targets.size()
                            + (targets.size() == 1 ? " of another kind" : " slots"));
        } else if (targets.get(0).fill() != null) {
            faults.add("labels[0].fill", "has no place in a class; exclude rows without one from ids");
        } else if (targets.get(0).categories() != null) {
            faults.add("labels[0].categories", "are the classes of a label; name them in table.classes");
        }
    }

    /**
     * The queries, those of the other file if there is one.
     *
     * @throws ConfigException naming the faults of that file
     */
    TableQuery toQuery(long seed) {
        Double share = validationIds != null ? null : valSplit != null ? valSplit : (Double) USUAL_SHARE;
        if (definition == null) {
            return new TableQuery(
                    there(database),
                    cache,
                    there(ids),
                    validationIds,
                    share,
                    seed,
                    there(rows),
                    there(data),
                    there(labels));
        }
        QueryFile.Definition file = QueryFile.parseOpen(definition);
        List<QueryFile.Slot> targets = file.labels() == null ? List.of() : file.labels();
        ConfigBinder binder = new ConfigBinder(definition.toString(), java.util.Map.of());
        checkSlots(file.data(), targets, binder::fault);
        binder.check();
        return new TableQuery(
                file.database(),
                file.cache(),
                file.ids(),
                validationIds,
                share,
                seed,
                file.rows(),
                file.data(),
                targets);
    }

    private static <T> T there(@Nullable T value) {
        return Objects.requireNonNull(value, "checked when it was read");
    }
}
