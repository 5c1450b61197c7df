package dev.millrace.pcqm;

import dev.millrace.build.RejectedInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which column of a CSV file is what, by the names in its first record, in any order and any case.
 *
 * @param width number of columns
 * @param columns position of each of the names asked for
 */
record CsvHeader(int width, int[] columns) {
    private static final int SHOWN = 200;

    /**
     * Reads the first record.
     *
     * @throws RejectedInputException if a name is missing or there twice
     */
    static CsvHeader read(CsvRecords records, Path file, List<String> names) throws IOException {
        CsvRecords.Chunk first = records.header();
        CsvFields fields = new CsvFields();
        int width = first == null ? 0 : Math.max(0, fields.parse(first.bytes(), first.from(0), first.to(0)));
        List<String> found = new ArrayList<>(width);
        for (int i = 0; i < width; i++) {
            found.add(fields.text(i).toLowerCase(Locale.ROOT));
        }
        int[] columns = new int[names.size()];
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            String name = names.get(i).toLowerCase(Locale.ROOT);
            columns[i] = found.indexOf(name);
            if (columns[i] < 0 || found.lastIndexOf(name) != columns[i]) {
                faults.add(names.get(i) + (columns[i] < 0 ? " (missing)" : " (twice)"));
            }
        }
        if (!faults.isEmpty()) {
            throw new RejectedInputException(
                    "Cannot read " + file + ": expected a first line that names each of the columns "
                            + String.join(",", names) + " once, found " + shown(found) + "; wrong: "
                            + String.join(", ", faults) + ".",
                    0,
                    0);
        }
        return new CsvHeader(width, columns);
    }

    private static String shown(List<String> names) {
        StringBuilder text = new StringBuilder();
        String.join(",", names)
                .codePoints()
                .limit(SHOWN)
                .forEach(point -> text.appendCodePoint(Character.isISOControl(point) ? '?' : point));
        return text.isEmpty() ? "none" : "'" + text + "'";
    }
}
