package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the logs of window accesses tell, those of the original and of {@link WindowAccessLog}. The order of files and of rows does not
 * matter: the k-th visit of a window is taken for that of epoch k − 1. Immutable.
 *
 * @param files logs read
 * @param visits rows
 * @param windows windows that there are; if nobody tells, one more than the largest index
 * @param distinctWindows windows visited at least once
 * @param repeats visits of windows that were visited before
 * @param beyondEpochs visits above those of {@code ⌈visits / windows⌉} epochs: 0 where each epoch visits each window once at most
 * @param outside visits of windows that there are not
 * @param sharedWindows windows visited by more than one rank
 * @param visitsPerWindow how many windows have how many visits; 0 among them
 * @param ranks visits and distinct windows by rank
 * @param cutLines files whose last line was cut, as a killed process leaves it
 */
public record WindowLogStats(
        int files,
        long visits,
        long windows,
        long distinctWindows,
        long repeats,
        long beyondEpochs,
        long outside,
        long sharedWindows,
        SortedMap<Integer, Long> visitsPerWindow,
        SortedMap<Integer, RankVisits> ranks,
        List<Path> cutLines) {
    /**
     * Visits by one rank.
     *
     * @param visits rows
     * @param distinctWindows windows visited at least once
     */
    public record RankVisits(long visits, long distinctWindows) {}

    /**
     * One epoch, counted by window.
     *
     * @param epoch from 0
     * @param visited windows with more than {@code epoch} visits
     * @param share of all windows
     */
    public record Coverage(int epoch, long visited, double share) {}

    /**
     * Reads logs line by line.
     *
     * @param windows how many windows there are; null takes one more than the largest index
     * @throws IOException if one cannot be read, or a line is none of such a log: naming file and line
     */
    public static WindowLogStats read(List<Path> logs, @Nullable Long windows) throws IOException {
        Reading reading = new Reading(windows);
        for (Path log : logs) {
            reading.read(log);
        }
        return reading.stats(logs.size());
    }

    /**
     * How many windows a window database has, or a store for a split.
     *
     * @throws SchemaMismatchException if it has none
     */
    public static long windowsOf(Path file, Split split) {
        try (Database database = Database.open(file, Access.READ)) {
            if (WindowTable.hasTable(database, "window_sets")) {
                return WindowSet.find(database, split.id())
                        .orElseThrow(() -> noWindows(
                                "No windows of split '" + split.id() + "' in " + file
                                        + ": expected one of "
                                        + WindowSet.all(database).stream()
                                                .map(WindowSet::split)
                                                .toList()
                                        + ". Choose another split.",
                                file))
                        .totalWindows();
            }
            if (!WindowTable.hasTable(database, "metadata")
                    || database.queryLong("SELECT count(*) FROM metadata WHERE key = 'total_windows'") != 1) {
                throw noWindows(
                        "No windows in " + file
                                + ": expected a window database with the metadata key total_windows, or a genome"
                                + " store. Make one with 'millrace genome precompute'.",
                        file);
            }
            return database.queryLong("SELECT value FROM metadata WHERE key = 'total_windows'");
        }
    }

    private static SchemaMismatchException noWindows(String message, Path file) {
        return new SchemaMismatchException(SchemaMismatchException.Kind.OTHER_SETTINGS, message, file);
    }

    /** Coverage of each epoch that has visits, the first {@code most} of them. */
    public List<Coverage> coverage(int most) {
        List<Coverage> coverage = new ArrayList<>();
        int epochs = visitsPerWindow.isEmpty() ? 0 : Math.min(most, visitsPerWindow.lastKey());
        for (int epoch = 0; epoch < epochs; epoch++) {
            long visited = visitsPerWindow.tailMap(epoch + 1).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            coverage.add(new Coverage(epoch, visited, windows == 0 ? 0 : (double) visited / windows));
        }
        return coverage;
    }

    /** Collects rows. One thread at a time. */
    private static final class Reading {
        private static final int COLUMNS = 6;
        private static final int SHARED = -1;

        private final @Nullable Long windows;
        private final VisitCounts visitsOf = new VisitCounts();
        private final VisitCounts rankOf = new VisitCounts();
        private final Map<Integer, VisitCounts> visitsOfRank = new TreeMap<>();
        private final List<Path> cutLines = new ArrayList<>();
        private long visits;
        private long outside;
        private long largest = -1;

        private Reading(@Nullable Long windows) {
            this.windows = windows;
        }

        private void read(Path log) throws IOException {
            try (BufferedReader reader = Files.newBufferedReader(log)) {
                String header = reader.readLine();
                if (header == null || !header.startsWith(WindowAccessLog.HEADER)) {
                    throw new IOException("Not a log of window accesses: expected the columns " + WindowAccessLog.HEADER
                            + ", found " + (header == null ? "an empty file" : "'" + brief(header) + "'") + " (" + log
                            + ", line 1).");
                }
                long number = 1;
                String line = reader.readLine();
                while (line != null) {
                    String next = reader.readLine();
                    number++;
                    if (!add(CsvCells.of(line))) {
                        if (next != null) {
                            throw new IOException(
                                    "Not a row of a log of window accesses: expected six cells, the first, fourth and"
                                            + " fifth of them numbers from 0, found '" + brief(line) + "' (" + log
                                            + ", line " + number + ").");
                        }
                        cutLines.add(log);
                    }
                    line = next;
                }
            }
        }

        private static String brief(String line) {
            return line.length() <= 80 ? line : line.substring(0, 80) + "…";
        }

        private boolean add(List<String> cells) {
            if (cells.size() < COLUMNS) {
                return false;
            }
            long window;
            int rank;
            try {
                window = Long.parseLong(cells.get(0));
                rank = Integer.parseInt(cells.get(4));
            } catch (NumberFormatException e) {
                return false;
            }
            if (window < 0 || rank < 0) {
                return false;
            }
            visits++;
            if (windows != null && window >= windows) {
                outside++;
                return true;
            }
            largest = Math.max(largest, window);
            visitsOf.set(window, visitsOf.get(window) + 1);
            VisitCounts ofRank = visitsOfRank.computeIfAbsent(rank, unused -> new VisitCounts());
            ofRank.set(window, ofRank.get(window) + 1);
            int before = rankOf.get(window);
            rankOf.set(window, before == 0 || before == rank + 1 ? rank + 1 : SHARED);
            return true;
        }

        private WindowLogStats stats(int files) {
            long total = windows == null ? largest + 1 : windows;
            SortedMap<Integer, Long> histogram = new TreeMap<>(visitsOf.histogram());
            long distinct =
                    histogram.values().stream().mapToLong(Long::longValue).sum();
            long inside = visits - outside;
            long epochs = total == 0 ? 0 : (inside + total - 1) / total;
            long beyond = histogram.entrySet().stream()
                    .mapToLong(entry -> Math.max(0, entry.getKey() - epochs) * entry.getValue())
                    .sum();
            if (total > distinct) {
                histogram.put(0, total - distinct);
            }
            SortedMap<Integer, RankVisits> ranks = new TreeMap<>();
            visitsOfRank.forEach((rank, counts) -> {
                Map<Integer, Long> ofRank = counts.histogram();
                ranks.put(
                        rank,
                        new RankVisits(
                                ofRank.entrySet().stream()
                                        .mapToLong(entry -> entry.getKey() * entry.getValue())
                                        .sum(),
                                ofRank.values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()));
            });
            long shared = rankOf.histogram().getOrDefault(SHARED, 0L);
            return new WindowLogStats(
                    files,
                    visits,
                    total,
                    distinct,
                    inside - distinct,
                    beyond,
                    outside,
                    shared,
                    histogram,
                    ranks,
                    cutLines);
        }
    }
}
