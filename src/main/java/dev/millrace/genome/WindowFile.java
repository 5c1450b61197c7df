package dev.millrace.genome;

import dev.millrace.sqlite.Database;
import java.util.List;
import java.util.Map;

/**
 * What the original's file of windows says of itself, whatever it was configured for.
 *
 * @param geometry where the windows lie
 * @param totalWindows how many there are to be
 * @param distinctSequences contigs with windows
 */
record WindowFile(WindowGeometry geometry, long totalWindows, long distinctSequences) {
    private static final List<Tail> TAILS = List.of(Tail.DROP, Tail.KEEP, Tail.SHIFT);

    /** @throws IllegalArgumentException naming the file and what is missing */
    static WindowFile of(Database windows) {
        for (String table : List.of("metadata", "window_mappings")) {
            if (!WindowTable.hasTable(windows, table)) {
                throw new IllegalArgumentException("Could not find the table " + table + " in " + windows.file()
                        + ": expected a genome store, a folder of samples, or a window database.");
            }
        }
        Map<String, Long> metadata = WindowDatabase.metadata(windows);
        int tail = integer(windows, metadata, WindowDatabase.TAIL_KEY, 0L);
        if (tail >= TAILS.size()) {
            throw new IllegalArgumentException("metadata key " + WindowDatabase.TAIL_KEY + ": expected 0 to "
                    + (TAILS.size() - 1) + ", found " + tail + " (" + windows.file() + ").");
        }
        return new WindowFile(
                new WindowGeometry(
                        integer(windows, metadata, "window_size", -1L),
                        integer(windows, metadata, "stride", -1L),
                        integer(windows, metadata, "window_min_length_threshold", 0L),
                        TAILS.get(tail)),
                number(windows, metadata, "total_windows", -1L),
                number(windows, metadata, "distinct_sequences", -1L));
    }

    private static int integer(Database windows, Map<String, Long> metadata, String key, long absent) {
        long value = number(windows, metadata, key, absent);
        if (value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("metadata key " + key + ": expected at most " + Integer.MAX_VALUE
                    + ", found " + value + " (" + windows.file() + ").");
        }
        return (int) value;
    }

    /** @param absent the value where there is none; −1 for a key that must be there */
    private static long number(Database windows, Map<String, Long> metadata, String key, long absent) {
        long value = metadata.getOrDefault(key, absent);
        if (value < 0) {
            throw new IllegalArgumentException("metadata of " + windows.file() + ": expected the key " + key
                    + " with an integer from 0, found " + (metadata.containsKey(key) ? value : "none")
                    + ". Precompute its windows again.");
        }
        return value;
    }
}
