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
 * @param columns result columns of the rows query; several only with {@link Encoding#NUMBER}
 * @param type element type of the array: float32, float64, int64, int32, uint8, int8 or boolean
 * @param shape of one sample, without the batch axis; empty for one number per sample
 * @param encoding how the columns hold the values
 * @param fill stands in for each element when a column is NULL; without it NULL is an error
 */
public record QuerySlot(
        String name,
        List<String> columns,
        DType type,
        List<Integer> shape,
        Encoding encoding,
        @Nullable Double fill) {
    /** How a value lies in its column. */
    public enum Encoding {
        /** Each column is an INTEGER or REAL; as many columns as the shape has elements. */
        NUMBER,
        /** One BLOB: the elements in the slot's own type, little-endian, row-major. */
        RAW_LE,
        /** One BLOB in Millrace's own format; its shape must be the slot's, integers are widened. */
        TENSOR,
        /** One TEXT: a JSON array of numbers, nested as deep as you like, row-major. */
        JSON;

        /**
         * Reads {@code number}, {@code raw-le}, {@code tensor} or {@code json}.
         *
         * @throws IllegalArgumentException naming them
         */
        public static Encoding parse(String text) {
            for (Encoding encoding : values()) {
                if (encoding.name().replace('_', '-').equals(text.strip().toUpperCase(Locale.ROOT))) {
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

    /** The same slot with a value for NULL. */
    public QuerySlot filledWith(double value) {
        return new QuerySlot(name, columns, type, shape, encoding, value);
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
        if (encoding != Encoding.NUMBER && columns.size() != 1) {
            faults.add(where + ".columns must be one for an array, found " + columns.size());
        }
        return faults;
    }
}
