package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Manifest} says of some tables, summed up while their rows go in, so that a build of millions of rows need not
 * read them back. {@link Verification} sums them up anew from the file and finds whatever did not arrive.
 *
 * <p>A checked table has two sums: over the rows of each split with its covered columns ({@link RowSum#covered}), and over the
 * whole table with all columns but the checksum ({@link RowSum#of}). Other tables have the second only.
 *
 * <p>One thread at a time.
 */
@Internal
public final class ManifestSums {
    private static final String SEPARATOR = "\t";

    /** A running sum. */
    public static final class Sum {
        private long rowCount;
        private long digest;

        private Sum() {}

        /** Adds what {@link RowSum} made of a row. */
        public void add(long contribution) {
            rowCount++;
            digest += contribution;
        }

        /** Takes away what {@link RowSum} made of a row that was added before. */
        public void remove(long contribution) {
            rowCount--;
            digest -= contribution;
        }

        void add(long rows, long contributions) {
            rowCount += rows;
            digest += contributions;
        }
    }

    private final Map<CheckedTable, Map<String, Sum>> sums = new LinkedHashMap<>();

    /** The sum over a whole table, which must be given with all its columns but the checksum. */
    public Sum of(CheckedTable allColumns) {
        return of(allColumns, Manifest.WHOLE_TABLE);
    }

    /** The sum over the rows of one split of a table, given with its covered columns. */
    public Sum of(CheckedTable table, String split) {
        return sums.computeIfAbsent(table, key -> new LinkedHashMap<>()).computeIfAbsent(split, key -> new Sum());
    }

    /** All sums as text, for {@link #restore}. */
    public String save() {
        StringBuilder text = new StringBuilder();
        sums.forEach((table, parts) -> parts.forEach((split, sum) -> text.append(String.join(
                        SEPARATOR,
                        table.name(),
                        table.key(),
                        String.join(",", table.columns()),
                        split,
                        Long.toString(sum.rowCount),
                        Long.toString(sum.digest))
                + "\n")));
        return text.toString();
    }

    /** Sets the sums to what was saved. */
    public void restore(String saved) {
        saved.lines().forEach(line -> {
            String[] part = line.split(SEPARATOR, -1);
            CheckedTable table = new CheckedTable(part[0], part[1], List.of(part[2].split(",", -1)));
            Sum sum = of(table, part[3]);
            sum.rowCount = Long.parseLong(part[4]);
            sum.digest = Long.parseLong(part[5]);
        });
    }

    boolean knows(CheckedTable table) {
        return sums.containsKey(table);
    }

    void requireKnown(List<CheckedTable> checked, List<CheckedTable> whole) {
        for (CheckedTable table : sums.keySet()) {
            if (!checked.contains(table) && !whole.contains(table)) {
                throw new IllegalArgumentException("Sums of " + table + ": expected one of " + checked + whole + ".");
            }
        }
    }

    TableScan bySplit(CheckedTable table, Map<String, long[]> splits) {
        List<TableScan.Part> parts = new ArrayList<>();
        splits.keySet().forEach(split -> parts.add(part(table, split)));
        return TableScan.of(table, parts);
    }

    TableScan whole(CheckedTable table) {
        return TableScan.of(table, List.of(part(table, Manifest.WHOLE_TABLE)));
    }

    private TableScan.Part part(CheckedTable table, String split) {
        Sum sum = of(table, split);
        return new TableScan.Part(split, sum.rowCount, sum.digest);
    }
}
