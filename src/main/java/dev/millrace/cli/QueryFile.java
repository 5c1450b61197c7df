package dev.millrace.cli;

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
 * A slot without {@code shape} has one element per column; {@code encoding} is {@code number} unless given. Relative paths
 * are resolved against the working directory.
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
            DType type,
            @Nullable List<Integer> shape,
            QuerySlot.@Nullable Encoding encoding,
            @Nullable Transform transform,
            @Nullable Double fill) {
        QuerySlot toQuerySlot(@Nullable KvStore cache) {
            if (transform != null) {
                SlotTransform made = transform.make();
                return new QuerySlot(
                        name,
                        columns,
                        type,
                        shape != null ? shape : List.of(transform.elements),
                        encoding != null ? encoding : QuerySlot.Encoding.COMPUTED,
                        fill,
                        cache == null ? made : new CachingTransform(made, cache.namespace(NAMESPACE)));
            }
            boolean single = columns.size() == 1;
            return new QuerySlot(
                    name,
                    columns,
                    type,
                    shape != null ? shape : single ? List.of() : List.of(columns.size()),
                    encoding != null ? encoding : QuerySlot.Encoding.NUMBER,
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
        KvStore cache = found.cache == null
                ? null
                : KvStore.builder()
                        .setFile(found.cache)
                        .optPersistMode(PersistMode.LAZY)
                        .build();
        return new QueryFile(definition(found, cache), cache);
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
        Definition found = binder.bind(Definition.class, ConfigTree.read(file, List.of()));
        binder.check();
        if (found == null) {
            throw new IllegalStateException("A definition without faults was not bound: " + file);
        }
        return found;
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
