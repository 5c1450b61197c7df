package dev.millrace.cli;

import dev.millrace.batch.CategoryCodes;
import dev.millrace.batch.CategoryValues;
import dev.millrace.batch.PictureTransform;
import dev.millrace.batch.QuerySlot;
import dev.millrace.kv.KvStore;
import dev.millrace.model.PropertyModelConfig.Target;
import dev.millrace.model.TableInput;
import dev.millrace.model.TableModelConfig;
import dev.millrace.model.TableScale;
import dev.millrace.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a {@link TableQuery} once before training: for means and deviations of numbers, for categories and classes, and so
 * that a row that does not fit is named before the first step. Used once, by one thread.
 */
final class TableSurvey {
    private static final int BATCH = 256;

    /** All elements of a longer array have one mean and deviation, but for pictures. */
    private static final int MOST_SCALED_APART = 4096;

    private static final double WHITE = 255;

    private final TableSection settings;
    private final TableModelSection model;
    private final TableQuery query;
    private final SampleSection samples;
    private final @Nullable KvStore cache;
    private final boolean classifies;
    private final List<String> warnings = new ArrayList<>();
    private long[] trainingIds = {};

    /**
     * @param samples which of the rows
     * @param cache of computed slots
     */
    TableSurvey(
            TableSection settings,
            TableModelSection model,
            TableQuery query,
            SampleSection samples,
            @Nullable KvStore cache) {
        this.settings = settings;
        this.model = model;
        this.query = query;
        this.samples = samples;
        this.cache = cache;
        this.classifies = settings.task() == TableSection.Kind.CLASSIFICATION;
    }

    /** A slot while it is read, and where its categories are collected if that is to be done. */
    private record Read(QuerySlot slot, @Nullable CategoryValues found) {
        static Read of(QueryFile.Slot slot, @Nullable KvStore cache) {
            return slot.isCategory() && slot.categories() == null
                    ? collecting(slot)
                    : new Read(slot.toQuerySlot(cache), null);
        }

        static Read collecting(QueryFile.Slot slot) {
            CategoryValues values = new CategoryValues(slot.columns().size());
            return new Read(values.slot(slot.name(), slot.columns()), values);
        }

        /** The slot with the categories that were found. */
        QuerySlot known() {
            return found == null ? slot : CategoryCodes.input(slot.name(), slot.columns(), found.sorted());
        }
    }

    /** A part while it is read. */
    private record ReadPart(List<Read> data, List<Read> labels, List<TableScale> scales) {}

    /**
     * Reads them.
     *
     * @throws UsageException if there are none, or one has a number that is not finite
     * @throws dev.millrace.batch.QueryDefinitionException naming slots, or a row, that do not fit
     */
    TableLayout read() {
        int image = image();
        ReadPart training = read(TableRows.Part.TRAINING, image);
        ReadPart validation = read(TableRows.Part.VALIDATION, image);
        List<QuerySlot> data = training.data.stream().map(Read::known).toList();
        List<TableInput> inputs = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            inputs.add(input(data.get(i), training.scales.get(i), i == image));
        }
        List<QuerySlot> labels;
        TableModelConfig.Output output;
        if (classifies) {
            QuerySlot label = training.labels.get(0).slot;
            List<String> classes = classes(training.labels.get(0), validation.labels.get(0));
            labels = List.of(CategoryCodes.label(label.name(), label.columns().get(0), classes));
            output = new TableModelConfig.Classes(classes);
        } else {
            labels = training.labels.stream().map(Read::slot).toList();
            output = new TableModelConfig.Values(
                    targets(labels, training.scales.subList(data.size(), training.scales.size())));
        }
        TableModelConfig config = Inputs.checked(() -> model.toConfig(inputs, output));
        return new TableLayout(config, data, labels, List.copyOf(warnings));
    }

    private ReadPart read(TableRows.Part part, int image) {
        List<Read> data =
                query.data().stream().map(slot -> Read.of(slot, cache)).toList();
        List<Read> labels = query.labels().stream().map(this::label).toList();
        TableRows.Reading reading = new TableRows.Reading(
                data.stream().map(Read::slot).toList(),
                labels.stream().map(Read::slot).toList(),
                Math.min(BATCH, settings.loop().batchSize()),
                false,
                settings.loop().loaderThreads(),
                samples);
        try (TableRows rows = TableRows.open(query, part, reading)) {
            compare(part, rows);
            return new ReadPart(
                    data,
                    labels,
                    TableScale.read(
                            rows.rows(), slot -> slot >= data.size() || isScaled(data.get(slot).slot, slot == image)));
        } catch (TableScale.NotFiniteException e) {
            throw new UsageException("Cannot use the rows of " + query.database() + ": " + e.getMessage()
                    + ". Exclude the row from ids, or mend the number in the rows query.");
        }
    }

    private Read label(QueryFile.Slot slot) {
        if (!classifies) {
            return Read.of(slot, cache);
        }
        List<String> given = givenClasses();
        return given == null
                ? Read.collecting(slot)
                : new Read(CategoryCodes.label(slot.name(), slot.columns().get(0), given), null);
    }

    private @Nullable List<String> givenClasses() {
        Integer count = settings.numClasses();
        return count == null
                ? settings.classes()
                : IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /** What lists of ids say before their rows are read. */
    private void compare(TableRows.Part part, TableRows rows) {
        long[] ids = rows.sortedIds();
        String key = part == TableRows.Part.TRAINING || query.validationIds() == null ? "ids" : "validation_ids";
        long repeated = ids.length - Arrays.stream(ids).distinct().count();
        if (repeated > 0) {
            warnings.add("table." + key + " lists ids that it has listed before, " + repeated
                    + " times: such a row counts as often");
        }
        if (part == TableRows.Part.TRAINING) {
            trainingIds = ids;
            if (ids.length == 0) {
                if (rows.owner().unfilteredSize() > 0) {
                    throw TrainingTask.nothingKept(rows.owner());
                }
                throw new UsageException(
                        "table.ids: expected rows to train on, found none (" + query.database() + ").");
            }
            return;
        }
        if (ids.length == 0 && query.validationIds() != null) {
            throw new UsageException("table.validation_ids: expected rows to measure on, found none ("
                    + query.database() + "). 'val_split: 0' instead trains without.");
        }
        long both = Arrays.stream(ids)
                .distinct()
                .filter(id -> Arrays.binarySearch(trainingIds, id) >= 0)
                .count();
        if (both > 0) {
            warnings.add("table.validation_ids lists " + both + " of the ids of table.ids, of " + ids.length
                    + ": what is measured on rows that were trained on says little of others");
        }
    }

    /** Classes that were given, or those of all rows. */
    private List<String> classes(Read training, Read validation) {
        List<String> given = givenClasses();
        if (given != null) {
            return given;
        }
        List<String> trained = found(training);
        List<String> measured = new ArrayList<>(found(validation));
        measured.removeAll(trained);
        if (!measured.isEmpty()) {
            warnings.add("no training row has the classes " + measured + ", which validation rows have");
        }
        Set<String> all = new LinkedHashSet<>(trained);
        all.addAll(measured);
        if (all.size() < 2) {
            throw new UsageException("table.labels: expected two classes or more in column "
                    + training.slot.columns().get(0) + ", found " + all + ".");
        }
        return List.copyOf(all);
    }

    private static List<String> found(Read label) {
        return label.found == null ? List.of() : label.found.sorted().get(0);
    }

    private static List<Target> targets(List<QuerySlot> labels, List<TableScale> scales) {
        List<String> names = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            QuerySlot slot = labels.get(i);
            double[] mean = scales.get(i).means();
            for (int element = 0; element < mean.length; element++) {
                boolean named = slot.encoding() == QuerySlot.Encoding.NUMBER;
                names.add(
                        named
                                ? slot.columns().get(element)
                                : mean.length == 1 ? slot.name() : slot.name() + "_" + element);
                means.add(mean[element]);
                deviations.add(scales.get(i).deviations()[element]);
            }
        }
        boolean clear = new HashSet<>(names).size() == names.size();
        return IntStream.range(0, names.size())
                .mapToObj(
                        i -> Target.of(clear ? names.get(i) : names.get(i) + "_" + i, means.get(i), deviations.get(i)))
                .toList();
    }

    /** Whether bytes of a picture, which have a scale of their own. */
    private static boolean isBytes(QuerySlot slot) {
        return slot.type() == DType.UINT8 && slot.shape().size() > 1;
    }

    private static boolean isScaled(QuerySlot slot, boolean image) {
        return !(isBytes(slot) || (image && slot.type() == DType.UINT8));
    }

    /** What a slot becomes in the model. */
    private TableInput input(QuerySlot slot, TableScale scale, boolean image) {
        if (slot.transform() instanceof CategoryCodes codes) {
            return new TableInput.Categories(slot.name(), codes.categories());
        }
        if (image) {
            return picture(slot, scale);
        }
        int size = slot.shape().stream().reduce(1, Math::multiplyExact);
        TableScale used = isBytes(slot)
                ? new TableScale(new double[] {0}, new double[] {WHITE})
                : size > MOST_SCALED_APART ? scale.grouped(1, element -> 0) : scale;
        return new TableInput.Numbers(slot.name(), size, list(used.means()), list(used.deviations()));
    }

    private TableInput.Image picture(QuerySlot slot, TableScale scale) {
        List<Integer> shape = slot.shape();
        boolean last = shape.size() == 3 && channelsLast(shape);
        int channels = shape.size() == 2 ? 1 : shape.get(last ? 2 : 0);
        int height = shape.get(shape.size() == 2 || last ? 0 : 1);
        int width = shape.get(shape.size() == 2 || last ? 1 : 2);
        int plane = height * width;
        TableScale used = slot.type() == DType.UINT8
                ? new TableScale(new double[channels], filled(channels, WHITE))
                : scale.grouped(channels, element -> last ? element % channels : element / plane);
        return new TableInput.Image(
                slot.name(), channels, height, width, last, list(used.means()), list(used.deviations()));
    }

    private boolean channelsLast(List<Integer> shape) {
        TableModelSection.Layout layout = model.layout();
        return layout == null ? PictureTransform.channelsLast(shape) : layout == TableModelSection.Layout.HWC;
    }

    /** Place of the slot that is a picture, -1 without. */
    private int image() {
        if (model.kind() == TableModelSection.Kind.MLP) {
            return -1;
        }
        List<String> names = query.data().stream()
                .filter(TableSurvey::isPicture)
                .map(QueryFile.Slot::name)
                .toList();
        String wanted = model.image();
        if (wanted == null ? names.size() != 1 : !names.contains(wanted)) {
            throw new UsageException("table_model.image: expected "
                    + (wanted == null ? "one slot" : "a slot '" + wanted + "'")
                    + " of shape [H, W], [C, H, W] or [H, W, C], found "
                    + (names.isEmpty() ? "none" : String.join(", ", names))
                    + (names.size() > 1 && wanted == null ? "; say which it is." : "."));
        }
        String name = wanted == null ? names.get(0) : wanted;
        return query.data().stream().map(QueryFile.Slot::name).toList().indexOf(name);
    }

    private static boolean isPicture(QueryFile.Slot slot) {
        List<Integer> shape = slot.shape();
        return shape != null && (shape.size() == 2 || shape.size() == 3) && !slot.isCategory();
    }

    private static double[] filled(int count, double value) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
