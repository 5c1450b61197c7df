package dev.millrace.cli;

import dev.millrace.batch.CategoryCodes;
import dev.millrace.batch.PictureTransform;
import dev.millrace.batch.QueryDefinition;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.SlotTransform;
import dev.millrace.kv.CachingTransform;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.pcqm.FingerprintTransform;
import dev.millrace.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link QueryDefinition}, a dataset over a user's own tables, from YAML.
 *
 * <pre>
 *   database: housing.db
 *   ids: SELECT id FROM house ORDER BY id
 *   rows: SELECT position, rooms, area, price FROM batch_ids JOIN house USING (id)
 *   data:
 *     - {name: features, columns: [rooms, area], type: float32}
 *   labels:
 *     - {name: price, columns: price, type: float32}
 * </pre>
 *
 * A slot without {@code shape} has one element per column; {@code encoding} is {@code number} unless given, and the {@code type} of
 * numbers float32. Relative paths are resolved against the working directory.
 *
 * <p>{@code encoding: category} makes codes of TEXT or INTEGER columns by a list of {@code categories}, see {@link CategoryCodes};
 * {@code train} finds the list itself. {@code encoding: picture} decodes a PNG or JPEG, see {@link PictureTransform}.
 *
 * <p>A slot with a {@code transform} is computed: {@code ecfp4} makes a fingerprint of 1024 elements of a column with SMILES.
 * With {@code cache}, the file of a {@link KvStore} that is made if need be, it is computed once.
 *
 * <p>One thread at a time. To be closed after the datasets of the definition: that closes the cache.
 */
public final class QueryFile implements AutoCloseable {
    private static final String NAMESPACE = "features";

    private final QueryDefinition definition;
    private final @Nullable KvStore cache;

    private QueryFile(QueryDefinition definition, @Nullable KvStore cache) {
        this.definition = definition;
        this.cache = cache;
    }

    enum Transform {
        ECFP4(FingerprintTransform.BITS) {
            @Override
            SlotTransform make() {
                return new FingerprintTransform();
            }
        };

        private final int elements;

        Transform(int elements) {
            this.elements = elements;
        }

        abstract SlotTransform make();
    }

    /** How a value lies in its column. */
    enum Encoding {
        NUMBER,
        RAW_LE,
        TENSOR,
        JSON,
        CATEGORY,
        PICTURE
    }

    record Definition(
            Path database,
            @Nullable Path cache,
            String ids,
            String rows,
            List<Slot> data,
            @Nullable List<Slot> labels) {}

    record Slot(
            String name,
            List<String> columns,
            @Nullable DType type,
            @Nullable List<Integer> shape,
            @Nullable Encoding encoding,
            @Nullable Transform transform,
            @Nullable Double fill,
            @Nullable List<String> categories) {

        boolean isCategory() {
            return encoding == Encoding.CATEGORY;
        }

        /** Whether the columns are numbers, each an element. */
        boolean isNumber() {
            return transform == null && (encoding == null || encoding == Encoding.NUMBER);
        }

        /**
         * Notes what keys say against each other.
         *
         * @param path of this slot in the file
         */
        void check(ConfigBinder binder, String path) {
            if (transform != null && encoding != null) {
                binder.fault(path + ".transform", "and encoding cannot both be given");
            }
            if (type == null && (transform != null || encoding == Encoding.RAW_LE || encoding == Encoding.TENSOR)) {
                binder.fault(path + ".type", "is missing");
            }
            if (encoding == Encoding.PICTURE) {
                String wrong = PictureTransform.fault(shape == null ? List.of() : shape);
                if (wrong != null) {
                    binder.fault(path + ".shape", wrong);
                }
                if (columns.size() != 1) {
                    binder.fault(path + ".columns", "must be one for a picture, found " + columns.size());
                }
            }
            if (!isCategory()) {
                if (categories != null) {
                    binder.fault(path + ".categories", "needs encoding: category");
                }
                return;
            }
            if (type != null && type != DType.INT64) {
                binder.fault(path + ".type", "must be int64 for categories, found " + ConfigBinder.nameOf(type));
            }
            if (shape != null) {
                binder.fault(path + ".shape", "has no place beside encoding: category; each column is an element");
            }
            if (fill != null) {
                binder.fault(path + ".fill", "has no place beside encoding: category; NULL has a code of its own");
            }
            if (categories != null && columns.size() != 1) {
                binder.fault(
                        path + ".categories", "needs one column, found " + columns.size() + "; make a slot of each");
            }
            if (categories != null && categories.stream().distinct().count() != categories.size()) {
                binder.fault(path + ".categories", "must not repeat itself, found " + categories);
            }
        }

        /** The slot as the library has it, of a category with the categories that it names. */
        QuerySlot toQuerySlot(@Nullable KvStore cache) {
            if (isCategory()) {
                return CategoryCodes.input(
                        name, columns, List.of(Objects.requireNonNull(categories, "checked when it was read")));
            }
            if (encoding == Encoding.PICTURE) {
                QuerySlot picture = PictureTransform.slot(
                        name,
                        columns.get(0),
                        type == null ? DType.UINT8 : type,
                        Objects.requireNonNull(shape, "checked when it was read"));
                return fill == null ? picture : picture.filledWith(fill);
            }
            DType elements = type == null ? DType.FLOAT32 : type;
            if (transform != null) {
                SlotTransform made = transform.make();
                return new QuerySlot(
                        name,
                        columns,
                        elements,
                        shape != null ? shape : List.of(transform.elements),
                        QuerySlot.Encoding.COMPUTED,
                        fill,
                        cache == null ? made : new CachingTransform(made, cache.namespace(NAMESPACE)));
            }
            boolean single = columns.size() == 1;
            return new QuerySlot(
                    name,
                    columns,
                    elements,
                    shape != null ? shape : single ? List.of() : List.of(columns.size()),
                    encoding == null ? QuerySlot.Encoding.NUMBER : QuerySlot.Encoding.valueOf(encoding.name()),
                    fill);
        }
    }

    /** Reads a file without a cache. Every fault in it is named at once, with its line, in the message of what is thrown. */
    public static QueryDefinition read(Path file) {
        Definition found = parse(file);
        if (found.cache != null) {
            throw new IllegalArgumentException(
                    "Expected no cache, which has to be closed, found " + found.cache + " in " + file + ". Use open.");
        }
        return definition(found, null);
    }

    /** Reads a file as {@link #read} does, and opens the cache that it names. */
    public static QueryFile open(Path file) {
        Definition found = parse(file);
        KvStore cache = cache(found.cache);
        return new QueryFile(definition(found, cache), cache);
    }

    /** The store of a cache that is named, to be closed; null if there is none. */
    static @Nullable KvStore cache(@Nullable Path file) {
        return file == null
                ? null
                : KvStore.builder()
                        .setFile(file)
                        .optPersistMode(PersistMode.LAZY)
                        .build();
    }

    /** What the file says. */
    public QueryDefinition definition() {
        return definition;
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
    }

    private static Definition parse(Path file) {
        ConfigBinder binder = new ConfigBinder(file.toString(), Map.of());
        Definition found = parse(file, binder);
        if (found != null) {
            eachSlot(found.data, found.labels, (slot, path) -> {
                if (slot.isCategory() && slot.categories == null) {
                    binder.fault(path + ".categories", "is missing; only 'train' finds them itself");
                }
            });
        }
        return checked(file, binder, found);
    }

    /** Reads a file whose categories may be left to be found. */
    static Definition parseOpen(Path file) {
        ConfigBinder binder = new ConfigBinder(file.toString(), Map.of());
        return checked(file, binder, parse(file, binder));
    }

    private static @Nullable Definition parse(Path file, ConfigBinder binder) {
        ConfigNode tree = ConfigTree.read(file, List.of());
        Map<String, ConfigNode> members = tree.members();
        if (members != null && members.containsKey("table")) {
            throw new UsageException("Expected a query file, with database, ids, rows and data at its top, found a"
                    + " configuration of train (" + file
                    + "). Write its section table, as far as these, into a file of its own,"
                    + " which 'table.definition' can name.");
        }
        Definition found = binder.bind(Definition.class, tree);
        if (found != null) {
            eachSlot(found.data, found.labels, (slot, path) -> slot.check(binder, path));
        }
        return found;
    }

    private static Definition checked(Path file, ConfigBinder binder, @Nullable Definition found) {
        binder.check();
        if (found == null) {
            throw new IllegalStateException("A definition without faults was not bound: " + file);
        }
        return found;
    }

    /** Gives each slot and its key, such as {@code data[0]}. */
    static void eachSlot(@Nullable List<Slot> data, @Nullable List<Slot> labels, BiConsumer<Slot, String> action) {
        for (int i = 0; data != null && i < data.size(); i++) {
            action.accept(data.get(i), "data[" + i + "]");
        }
        for (int i = 0; labels != null && i < labels.size(); i++) {
            action.accept(labels.get(i), "labels[" + i + "]");
        }
    }

    private static QueryDefinition definition(Definition found, @Nullable KvStore cache) {
        return new QueryDefinition(
                found.database, found.ids, found.rows, slots(found.data, cache), slots(found.labels, cache));
    }

    private static List<QuerySlot> slots(@Nullable List<Slot> slots, @Nullable KvStore cache) {
        List<QuerySlot> all = new ArrayList<>();
        if (slots != null) {
            slots.forEach(slot -> all.add(slot.toQuerySlot(cache)));
        }
        return all;
    }
}
