package dev.millrace.batch;

import dev.millrace.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Collects the categories that occur in the columns of a slot while the dataset is read; the arrays of the slot are zeros. What
 * {@link CategoryCodes} then takes. Thread-safe.
 */
public final class CategoryValues implements SlotTransform {
    /** More than so many different values of a column are no categories, but names. */
    public static final int MOST = 10_000;

    private final List<Set<String>> values = new ArrayList<>();
    private final SlotTransform rows = SlotTransform.perRow("category-values-1", this::collect);

    /** @param columns of the slot */
    public CategoryValues(int columns) {
        for (int i = 0; i < columns; i++) {
            values.add(ConcurrentHashMap.newKeySet());
        }
    }

    /** The slot to read. */
    public QuerySlot slot(String name, List<String> columns) {
        return QuerySlot.computed(name, DType.INT64, List.of(columns.size()), this, columns.toArray(String[]::new));
    }

    /** The values of each column so far: whole numbers by size, then texts by their characters. */
    public List<List<String>> sorted() {
        return values.stream()
                .map(column -> column.stream()
                        .sorted(Comparator.comparing((String value) -> !isNumber(value))
                                .thenComparing(value -> isNumber(value) ? Long.parseLong(value) : 0L)
                                .thenComparing(Comparator.naturalOrder()))
                        .toList())
                .toList();
    }

    private static boolean isNumber(String value) {
        return value.matches("-?(0|[1-9][0-9]{0,17})");
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public List<byte[]> apply(SlotRows batch) {
        return rows.apply(batch);
    }

    private void collect(SlotInput row, SlotOutput out) {
        for (int column = 0; column < values.size(); column++) {
            String category = CategoryCodes.categoryOf(row.value(column));
            Set<String> found = values.get(column);
            if (category != null && found.add(category) && found.size() > MOST) {
                throw new SlotMisfitException("expected at most " + MOST
                        + " different categories in a column, found more; leave the column out, or group its values in the"
                        + " rows query");
            }
            out.put(0L);
        }
    }
}
