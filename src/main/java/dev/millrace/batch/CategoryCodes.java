package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Turns categories, TEXT or INTEGER, into codes: int64, one element per column of the slot.
 *
 * <p>An input has code 0 for NULL and for a category that is not listed, and the categories from 1 on, so that a model can be asked
 * about rows that it was not made for. A label has its classes from 0 on, and anything else is an error that names the row.
 *
 * <p>Immutable, thread-safe.
 */
public final class CategoryCodes implements SlotTransform {
    private final List<List<String>> categories;
    private final List<Map<String, Long>> codes;
    private final boolean label;
    private final SlotTransform rows;

    private CategoryCodes(List<List<String>> categories, boolean label) {
        this.categories = categories.stream().map(List::copyOf).toList();
        this.label = label;
        this.codes = this.categories.stream()
                .map(list -> codesOf(list, label ? 0 : 1))
                .toList();
        this.rows = SlotTransform.perRow(fingerprint(this.categories, label), this::encode);
    }

    /**
     * A slot of an input, of shape [columns].
     *
     * @param categories of each column, without repetition
     */
    public static QuerySlot input(String name, List<String> columns, List<List<String>> categories) {
        if (columns.size() != categories.size()) {
            throw new IllegalArgumentException(
                    "Expected categories for each of " + columns + ", found " + categories.size() + " lists.");
        }
        return QuerySlot.computed(
                name,
                DType.INT64,
                List.of(columns.size()),
                new CategoryCodes(categories, false),
                columns.toArray(String[]::new));
    }

    /** A slot of a label, one number per sample. */
    public static QuerySlot label(String name, String column, List<String> classes) {
        return QuerySlot.computed(name, DType.INT64, List.of(), new CategoryCodes(List.of(classes), true), column);
    }

    /** The categories of each column, in the order of their codes. */
    public List<List<String>> categories() {
        return categories;
    }

    /**
     * How a value is written as a category: TEXT as it is, whole numbers in digits, null for NULL. The INTEGER 1, the REAL 1.0 and
     * the TEXT '1' are the same category.
     *
     * @throws IllegalArgumentException for a BLOB, or a number that is not whole
     */
    public static @Nullable String categoryOf(@Nullable Object value) {
        if (value == null || value instanceof String) {
            return (String) value;
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) <= 1L << 53) {
            return Long.toString(number.longValue());
        }
        if (value instanceof Long || value instanceof Integer) {
            return value.toString();
        }
        throw new SlotMisfitException("expected a category, TEXT or INTEGER, found "
                + (value instanceof byte[] bytes
                        ? "a BLOB of " + bytes.length + " bytes"
                        : value + "; CAST(column AS TEXT) in rows makes a category of any number"));
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public List<byte[]> apply(SlotRows batch) {
        return rows.apply(batch);
    }

    private void encode(SlotInput row, SlotOutput out) {
        for (int column = 0; column < codes.size(); column++) {
            String category = categoryOf(row.value(column));
            Long code = category == null ? null : codes.get(column).get(category);
            if (code == null && label) {
                throw new SlotMisfitException(
                        "expected one of the classes " + shown(categories.get(column)) + ", found "
                                + (category == null ? "NULL" : "'" + category + "'") + "; exclude the row from ids");
            }
            out.put(code == null ? 0L : code);
        }
    }

    private static String shown(List<String> categories) {
        int most = 20;
        return categories.size() <= most
                ? categories.toString()
                : categories.subList(0, most) + " and " + (categories.size() - most) + " more";
    }

    private static Map<String, Long> codesOf(List<String> categories, long first) {
        if (new HashSet<>(categories).size() != categories.size()) {
            throw new IllegalArgumentException(
                    "Expected categories without repetition, found " + shown(categories) + ".");
        }
        Map<String, Long> codes = new HashMap<>();
        for (String category : categories) {
            codes.put(category, first + codes.size());
        }
        return codes;
    }

    private static String fingerprint(List<List<String>> categories, boolean label) {
        CRC32C crc = new CRC32C();
        for (List<String> column : categories) {
            // Lengths keep [a, b] and [a,b] apart.
            column.forEach(category ->
                    crc.update((category.length() + ":" + category).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            crc.update(0);
        }
        int[] counts = categories.stream().mapToInt(List::size).toArray();
        return String.format(
                Locale.ROOT,
                "%s-1 of %s %08x",
                label ? "classes" : "categories",
                Arrays.toString(counts),
                crc.getValue());
    }
}
