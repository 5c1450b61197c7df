package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One array of a batch of {@link QueryDataset}, and the columns that it comes from. Immutable.
 *
 * @param name what errors call it
 * @param columns result columns of the rows query; several only with {@link Encoding#NUMBER} and {@link Encoding#COMPUTED}
 * @param type element type of the array: float32, float64, int64, int32, uint8, int8 or boolean
 * @param shape of one sample, without the batch axis; empty for one number per sample
 * @param encoding how the columns hold the values
 * @param fill stands in for each element when a column is NULL; without it NULL is an error, or what the transform makes of it
 * @param transform computes the array from the columns; with {@link Encoding#COMPUTED} only
 */
public record QuerySlot(
        String name,
        List<String> columns,
        DType type,
        List<Integer> shape,
        Encoding encoding,
        @Nullable Double fill,
        @Nullable SlotTransform transform) {
    /** How a value lies in its column. */
    public enum Encoding {
        /** Each column is an INTEGER or REAL; as many columns as the shape has elements. */
        NUMBER,
        /** One BLOB: the elements in the slot's own type, little-endian, row-major. */
        RAW_LE,
        /** One BLOB in Millrace's own format; its shape must be the slot's, integers are widened. */
        TENSOR,
        /** One TEXT: a JSON array of numbers, nested as deep as you like, row-major. */
        JSON,
        /** Columns of any type; the slot's {@link SlotTransform} makes the array of them. Not for files: it takes Java. */
        COMPUTED;

        /**
         * Reads {@code number}, {@code raw-le}, {@code tensor} or {@code json}.
         *
         * @throws IllegalArgumentException naming them
         */
        public static Encoding parse(String text) {
            for (Encoding encoding : values()) {
                if (encoding != COMPUTED
                        && encoding.name().replace('_', '-').equals(text.strip().toUpperCase(Locale.ROOT))) {
                    return encoding;
                }
            }
            throw new IllegalArgumentException(
                    "Unknown encoding: expected number, raw-le, tensor or json, found '" + text + "'.");
        }
    }

    public QuerySlot {
        columns = List.copyOf(columns);
        shape = List.copyOf(shape);
    }

    /** A slot that is stored, not computed. */
    public QuerySlot(
            String name,
            List<String> columns,
            DType type,
            List<Integer> shape,
            Encoding encoding,
            @Nullable Double fill) {
        this(name, columns, type, shape, encoding, fill, null);
    }

    /** A slot of numeric columns, shape [columns]; one column gives one number per sample. */
    public static QuerySlot numbers(String name, DType type, String... columns) {
        return new QuerySlot(
                name,
                List.of(columns),
                type,
                columns.length == 1 ? List.of() : List.of(columns.length),
                Encoding.NUMBER,
                null);
    }

    /** A slot of one column that holds a whole array. */
    public static QuerySlot array(String name, String column, Encoding encoding, DType type, Integer... shape) {
        return new QuerySlot(name, List.of(column), type, List.of(shape), encoding, null);
    }

    /** A slot that user code computes from columns of any type, which it gets in this order. */
    public static QuerySlot computed(
            String name, DType type, List<Integer> shape, SlotTransform transform, String... columns) {
        return new QuerySlot(name, List.of(columns), type, shape, Encoding.COMPUTED, null, transform);
    }

    /** The same slot with a value for NULL; a transform is not asked for a row in which a column is NULL. */
    public QuerySlot filledWith(double value) {
        return new QuerySlot(name, columns, type, shape, encoding, value, transform);
    }

    /* Goes into the digest of the dataset: a transform by its fingerprint, and other slots as before there were any. */
    @Override
    public String toString() {
        return "QuerySlot[name=" + name + ", columns=" + columns + ", type=" + type + ", shape=" + shape + ", encoding="
                + encoding + ", fill=" + fill + (transform == null ? "" : ", transform=" + transform.fingerprint())
                + "]";
    }

    /** No array of one sample comes near this; a mistyped shape is refused before memory is. */
    private static final long MOST_BYTES = 1 << 28;

    /** Elements per sample. */
    int elementCount() {
        return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }

    /** Bytes per sample; beyond the limit just some number beyond it. */
    private long bytes() {
        long bytes = type.sizeBytes();
        for (int dim : shape) {
            bytes = Math.min(bytes, MOST_BYTES + 1) * dim;
        }
        return bytes;
    }

    /** What is wrong with this slot itself, in words. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        String where = "slot '" + name + "'";
        if (type == DType.UINT16 || type == DType.FLOAT16) {
            faults.add(
                    where + ".type must be one of float32, float64, int64, int32, uint8, int8, boolean, found " + type);
        }
        if (shape.stream().anyMatch(dim -> dim < 1)) {
            faults.add(where + ".shape must have dimensions ≥ 1, found " + shape);
        } else if (bytes() > MOST_BYTES) {
            faults.add(where + ".shape must take at most " + MOST_BYTES + " bytes, found " + shape);
        } else if (encoding == Encoding.NUMBER && columns.size() != elementCount()) {
            faults.add(where + ".columns must be as many as the shape " + shape + " has elements, " + elementCount()
                    + ", found " + columns.size());
        }
        if (encoding == Encoding.COMPUTED) {
            if (columns.isEmpty()) {
                faults.add(where + ".columns must be at least one, found none");
            }
            if (transform == null || transform.fingerprint().isBlank()) {
                faults.add(where + ".transform must have a fingerprint, found "
                        + (transform == null ? "no transform" : "none"));
            }
        } else if (encoding != Encoding.NUMBER && columns.size() != 1) {
            faults.add(where + ".columns must be one for an array, found " + columns.size());
        }
        if (encoding != Encoding.COMPUTED && transform != null) {
            faults.add(where + ".encoding must be computed for a transform, found " + encoding);
        }
        return faults;
    }
}
