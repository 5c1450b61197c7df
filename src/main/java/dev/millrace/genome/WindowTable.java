package dev.millrace.genome;

import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a list of windows says of itself. Immutable, thread-safe.
 *
 * @param file the window database, or the store
 * @param setId number of the set in a store; {@link #NO_SET} in a window database
 * @param geometry where its windows lie
 * @param windows how many there are
 * @param contigs of how many contigs
 */
record WindowTable(Path file, long setId, WindowGeometry geometry, long windows, long contigs) {
    static final long NO_SET = -1;

    /** Key of a window database for its {@link Tail}, 0 drop, 1 keep, 2 shift; the original has none and drops tails. */
    static final String TAIL_KEY = "tail_policy";

    private static final List<Tail> TAILS = List.of(Tail.DROP, Tail.KEEP, Tail.SHIFT);

    private static final List<String> REQUIRED = List.of("window_size", "stride");
    private static final List<String> TOTALS = List.of("total_windows", "distinct_sequences");

    /** Reads the metadata of a window database; what is wrong with it goes to {@code faults}, and null comes back. */
    static @Nullable WindowTable ofDatabase(Database windows, Expected expected, List<String> faults) {
        Path file = windows.file();
        if (!hasTable(windows, "metadata")) {
            faults.add("Could not find the table metadata in " + file
                    + ": expected a window database. Make one with 'millrace"
                    + " genome precompute'; a recent version of the original's does too.");
            return null;
        }
        if (!hasTable(windows, "window_mappings")) {
            faults.add("Could not find the table window_mappings in " + file
                    + ": expected a window database. Precompute its windows again.");
            return null;
        }
        Map<String, @Nullable Long> found = metadata(windows);
        int before = faults.size();
        require(found, REQUIRED, "It tells nothing of its windows: precompute them again", file, faults);
        require(found, TOTALS, "Its build was not finished: precompute its windows again", file, faults);
        for (String key : found.keySet()) {
            Long value = found.get(key);
            if (value == null || value < 0 || (!TOTALS.contains(key) && value > Integer.MAX_VALUE && isKnown(key))) {
                faults.add("metadata key " + key + ": expected an integer from 0, found "
                        + (value == null ? "text" : value) + " (" + file + ").");
            }
        }
        if (faults.size() > before) {
            return null;
        }
        int tail = integer(found, TAIL_KEY, 0);
        int size = integer(found, "window_size", 0);
        int stride = integer(found, "stride", 0);
        if (tail >= TAILS.size() || size < 1 || size > WindowGeometry.LARGEST || stride < 1) {
            faults.add("metadata of " + file + ": expected window_size and stride ≥ 1 and tail from 0 to "
                    + (TAILS.size() - 1) + ", found window_size=" + size + ", stride=" + stride + ", tail="
                    + tail
                    + ". Precompute its windows again.");
            return null;
        }
        int minLength = integer(found, "window_min_length_threshold", 0);
        if (!found.containsKey("window_min_length_threshold") && expected.minLength() > 0) {
            faults.add(
                    "window_min_length_threshold: expected " + expected.minLength() + ", found no such key in " + file
                            + ". Precompute its windows with --window-min-length-threshold " + expected.minLength()
                            + ", or set the threshold to 0.");
            return null;
        }
        WindowGeometry geometry = new WindowGeometry(size, stride, minLength, TAILS.get(tail));
        expected.compare(geometry, file, faults);
        return new WindowTable(
                file, NO_SET, geometry, number(found, "total_windows"), number(found, "distinct_sequences"));
    }

    /** Reads a window set of a store; null, and the reason in {@code faults}, if it has none of that split. */
    static @Nullable WindowTable ofStore(Database store, String split, Expected expected, List<String> faults) {
        List<String> splits = new ArrayList<>();
        WindowTable table = store.read("Cannot read window_sets", connection -> {
                    WindowTable wanted = null;
                    try (PreparedStatement select = connection.prepareStatement("""
                            SELECT set_id, split, window_size, stride, window_min_length_threshold, tail, total_windows,
                                   distinct_sequences
                            FROM window_sets ORDER BY set_id""");
                            ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            splits.add(String.valueOf(row.getString(2)));
                            if (split.equals(row.getString(2))) {
                                WindowGeometry geometry = new WindowGeometry(
                                        row.getInt(3),
                                        row.getInt(4),
                                        row.getInt(5),
                                        Tail.valueOf(
                                                String.valueOf(row.getString(6)).toUpperCase(Locale.ROOT)));
                                wanted = new WindowTable(
                                        store.file(), row.getLong(1), geometry, row.getLong(7), row.getLong(8));
                            }
                        }
                    } catch (IllegalArgumentException e) {
                        faults.add("window_sets of " + store.file() + " is damaged: " + e.getMessage());
                    }
                    return java.util.Optional.ofNullable(wanted);
                })
                .orElse(null);
        if (table == null) {
            if (faults.isEmpty()) {
                faults.add("No windows of split '" + split + "' in " + store.file() + ": expected "
                        + (splits.isEmpty() ? "a window set, found none" : "one of " + splits)
                        + ". Run 'millrace genome precompute " + store.file() + "', or choose another split.");
            }
            return null;
        }
        expected.compare(table.geometry, store.file(), faults);
        return table;
    }

    static boolean hasTable(Database database, String name) {
        return database.queryLong("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", name) == 1;
    }

    private static boolean isKnown(String key) {
        return REQUIRED.contains(key) || key.equals("window_min_length_threshold") || key.equals(TAIL_KEY);
    }

    private static Map<String, @Nullable Long> metadata(Database windows) {
        return windows.read("Cannot read metadata", connection -> {
            Map<String, @Nullable Long> found = new HashMap<>();
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT key, typeof(value), value FROM metadata");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String key = String.valueOf(row.getString(1));
                    boolean integer = "integer".equals(row.getString(2));
                    if (isKnown(key) || TOTALS.contains(key)) {
                        found.put(key, integer ? row.getLong(3) : null);
                    }
                }
            }
            return found;
        });
    }

    private static void require(
            Map<String, @Nullable Long> found, List<String> keys, String why, Path file, List<String> faults) {
        List<String> missing =
                keys.stream().filter(key -> !found.containsKey(key)).toList();
        if (!missing.isEmpty()) {
            faults.add("metadata of " + file + ": expected the keys " + String.join(" and ", missing) + ", found none. "
                    + why + ".");
        }
    }

    private static int integer(Map<String, @Nullable Long> found, String key, int absent) {
        Long value = found.get(key);
        return value == null ? absent : Math.toIntExact(value);
    }

    private static long number(Map<String, @Nullable Long> found, String key) {
        Long value = found.get(key);
        return value == null ? 0 : value;
    }

    /**
     * What a dataset was configured for.
     *
     * @param windowSize tokens of a window; 0 takes that of the windows
     * @param stride bases between starts of windows; 0 takes that of the windows
     * @param minLength the threshold; −1 takes that of the windows
     */
    record Expected(int windowSize, int stride, int minLength) {
        void compare(WindowGeometry found, Path file, List<String> faults) {
            if ((windowSize != 0 && windowSize != found.windowSize()) || (stride != 0 && stride != found.stride())) {
                faults.add("Other windows than configured: made with window_size=" + found.windowSize() + ", stride="
                        + found.stride() + ", dataset configured with window_size=" + windowSize + ", stride="
                        + (stride == 0 ? "any" : stride) + " (" + file
                        + "). Precompute the windows again, or configure the dataset as they are.");
            }
            if (minLength < 0 || minLength == found.minLength()) {
                return;
            }
            if (minLength == 0) {
                faults.add("Windows were pruned: made with window_min_length_threshold=" + found.minLength()
                        + ", dataset configured without a threshold (" + file
                        + "). Set --window-min-length-threshold " + found.minLength() + ", or take unpruned windows.");
            } else {
                faults.add("Other windows than configured: made with window_min_length_threshold=" + found.minLength()
                        + ", dataset configured with window_min_length_threshold=" + minLength + " (" + file
                        + "). Precompute the windows again, or configure the dataset as they are.");
            }
        }
    }
}
