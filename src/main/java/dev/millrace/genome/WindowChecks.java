package dev.millrace.genome;

import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Compares windows with the sequences that they are to be read from, before training starts: that each contig is there, and so
 * long that it has as many windows as the list says. All of up to {@value #CHECKED_WHOLE} windows or contigs; of more,
 * {@value #SAMPLED} of them evenly spread. What is not looked at here is checked when it is read.
 */
final class WindowChecks {
    /** More windows of a window database, or contigs of a store, are sampled. */
    static final int CHECKED_WHOLE = 200_000;

    static final int SAMPLED = 1_000;

    private static final int LISTED = 10;

    /* Plan: SCAN over the index, which is in the order of the groups. */
    private static final String SELECT_CONTIGS = """
            SELECT sequence_id, count(*), min(window_in_seq_idx), max(window_in_seq_idx)
            FROM window_mappings INDEXED BY idx_sequence_id GROUP BY sequence_id""";

    private static final String SELECT_CONTIGS_UNINDEXED = """
            SELECT sequence_id, count(*), min(window_in_seq_idx), max(window_in_seq_idx)
            FROM window_mappings GROUP BY sequence_id""";

    private static final String SELECT_SAMPLE = """
            SELECT m.window_idx, m.sequence_id, m.window_in_seq_idx
            FROM json_each(?) AS ids
            LEFT JOIN window_mappings AS m ON m.window_idx = ids.value""";

    private static final String SELECT_OWN = """
            SELECT w.first_window, w.windows, w.seq_id, c.contig_id, c.length
            FROM window_contigs AS w
            LEFT JOIN contigs AS c ON c.seq_id = w.seq_id
            WHERE w.set_id = ?
            ORDER BY w.first_window""";

    private static final String SELECT_OWN_SAMPLE = """
            SELECT w.first_window, w.windows, w.seq_id, c.contig_id, c.length
            FROM json_each(?2) AS ids
            CROSS JOIN window_contigs AS w
              ON w.set_id = ?1 AND w.first_window = (
                SELECT max(b.first_window) FROM window_contigs AS b WHERE b.set_id = ?1 AND b.first_window <= ids.value)
            LEFT JOIN contigs AS c ON c.seq_id = w.seq_id""";

    private static final String SELECT_STORED = """
            SELECT ids.key, c.length, 'text'
            FROM json_each(?) AS ids
            CROSS JOIN contigs AS c ON c.contig_id = ids.value""";

    private final WindowTable table;
    private final CRC32C seen = new CRC32C();
    private final List<String> missing = new ArrayList<>();
    private final List<String> unlike = new ArrayList<>();
    private long longest;

    WindowChecks(WindowTable table) {
        this.table = table;
    }

    /** How long a contig is; gives −1 for one that is not there. */
    interface Lengths {
        /** Of the contigs of one sample; {@code sampleId} is empty in a store. */
        Map<String, Long> of(String sampleId, List<String> contigIds);
    }

    /** Windows of one contig, as a list of windows has them. */
    private record Listed(String contigId, long windows, long last) {}

    /** Compares the windows of a store's own index with its contigs. */
    List<String> own(Database store) {
        boolean whole = table.contigs() <= CHECKED_WHOLE;
        long covered = store.read("Cannot read window_contigs", connection -> {
            PreparedStatement select = store.prepared(whole ? SELECT_OWN : SELECT_OWN_SAMPLE);
            select.setLong(1, table.setId());
            if (!whole) {
                select.setString(2, sampled());
            }
            long next = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    next = compareOwn(row, next, whole);
                }
            }
            return next;
        });
        List<String> faults = faults(store.file());
        if (whole && faults.isEmpty() && covered != table.windows()) {
            faults.add("window_contigs of " + table.file() + ": expected " + table.windows() + " windows, found "
                    + covered + ". Precompute its windows again.");
        }
        return faults;
    }

    private long compareOwn(ResultSet row, long next, boolean whole) throws SQLException {
        long first = row.getLong(1);
        long windows = row.getLong(2);
        String contigId = row.getString(4);
        long length = row.getLong(5);
        note(row.getLong(3) + ":" + first + ":" + windows);
        if (contigId == null) {
            missing.add("seq_id " + row.getLong(3));
        } else if (windows != table.geometry().windows(length) || (whole && first != next)) {
            unlike.add(unlike(contigId, windows, length));
        }
        return first + windows;
    }

    /** Compares a window database with the lengths of contigs, which are asked for sample by sample. */
    List<String> others(Database windows, Path sequences, @Nullable ShardedFolder samples, Lengths lengths) {
        long last = windows.queryLong("SELECT max(window_idx) FROM window_mappings");
        List<String> faults = new ArrayList<>();
        if (table.windows() > 0 && last != table.windows() - 1) {
            faults.add("window_mappings of " + table.file() + ": expected windows 0 to " + (table.windows() - 1)
                    + " by its metadata, found the last to be " + last + ". Precompute its windows again.");
            return faults;
        }
        boolean whole = table.windows() <= CHECKED_WHOLE;
        Map<String, List<Listed>> bySample = new TreeMap<>();
        for (Listed listed : whole ? all(windows) : some(windows)) {
            note(listed.toString());
            String sample = "";
            if (samples != null) {
                try {
                    sample = samples.sampleOf(listed.contigId);
                    samples.fileOf(listed.contigId);
                } catch (IllegalArgumentException e) {
                    missing.add(listed.contigId + " (" + e.getMessage() + ")");
                    continue;
                }
            }
            bySample.computeIfAbsent(sample, any -> new ArrayList<>()).add(listed);
        }
        bySample.forEach((sample, contigs) -> compare(
                contigs,
                whole,
                lengths.of(sample, contigs.stream().map(Listed::contigId).toList()),
                samples == null
                        ? ""
                        : " of sample " + sample + " (" + samples.files().get(sample) + ")"));
        return faults(sequences);
    }

    private void compare(List<Listed> contigs, boolean whole, Map<String, Long> lengths, String where) {
        for (Listed listed : contigs) {
            Long length = lengths.get(listed.contigId);
            if (length == null) {
                missing.add(listed.contigId + where);
                continue;
            }
            note(listed.contigId + "=" + length);
            longest = Math.max(longest, length);
            long expected = table.geometry().windows(length);
            boolean same = whole ? listed.windows == expected && listed.last == expected - 1 : listed.last < expected;
            if (!same) {
                unlike.add(unlike(listed.contigId, whole ? listed.windows : listed.last + 1, length));
            }
        }
    }

    private String unlike(String contigId, long windows, long length) {
        return contigId + " of " + length + " bases: " + table.geometry().windows(length) + " windows, listed "
                + windows;
    }

    private List<Listed> all(Database windows) {
        boolean indexed = windows.queryLong(
                        "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = 'idx_sequence_id'")
                == 1;
        return windows.read("Cannot read window_mappings", connection -> {
            List<Listed> found = new ArrayList<>();
            try (PreparedStatement select =
                            connection.prepareStatement(indexed ? SELECT_CONTIGS : SELECT_CONTIGS_UNINDEXED);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new Listed(String.valueOf(row.getString(1)), row.getLong(2), row.getLong(4)));
                }
            }
            return found;
        });
    }

    private List<Listed> some(Database windows) {
        return windows.read("Cannot read window_mappings", connection -> {
            Map<String, Listed> found = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_SAMPLE)) {
                select.setString(1, sampled());
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        String contigId = row.getString(2);
                        if (contigId == null) {
                            throw WindowFault.damaged("A window is missing", table.file(), "window_mappings");
                        }
                        note(row.getLong(1) + ":" + contigId);
                        found.merge(
                                contigId, new Listed(contigId, 0, row.getLong(3)), (a, b) -> a.last < b.last ? b : a);
                    }
                }
            }
            return new ArrayList<>(found.values());
        });
    }

    private String sampled() {
        long windows = table.windows();
        return LongStream.range(0, Math.min(SAMPLED, windows))
                .map(i -> i * windows / Math.min(SAMPLED, windows))
                .boxed()
                .toList()
                .toString();
    }

    private List<String> faults(Path sequences) {
        List<String> faults = new ArrayList<>();
        list(
                faults,
                missing,
                " contigs of " + table.file() + " are not in " + sequences
                        + ": import them, or precompute the windows again from these sequences");
        list(
                faults,
                unlike,
                " contigs of " + table.file() + " have another length in " + sequences
                        + ": precompute the windows again from these sequences");
        return faults;
    }

    private static void list(List<String> faults, List<String> what, String message) {
        if (!what.isEmpty()) {
            String more = what.size() > LISTED ? ", …" : "";
            faults.add(what.size() + message + ". " + (what.size() > LISTED ? "The first: " : "They are: ")
                    + String.join(", ", what.subList(0, Math.min(LISTED, what.size()))) + more + ".");
        }
    }

    private void note(String fact) {
        seen.update(fact.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        seen.update('\n');
    }

    /** Bases of the longest contig that was looked at. */
    long longest() {
        return longest;
    }

    /** Identifies what was looked at. */
    String digest() {
        return Long.toHexString(seen.getValue());
    }

    /** Lengths of contigs of a store. */
    static Map<String, Long> stored(Database store, List<String> contigIds) {
        return lengths(store, SELECT_STORED, contigIds);
    }

    /** Lengths of contigs in the file of a sample. */
    static Map<String, Long> sharded(Database sample, List<String> contigIds) {
        return lengths(sample, ShardedWindowReader.SELECT_LENGTHS, contigIds);
    }

    private static Map<String, Long> lengths(Database database, String sql, List<String> contigIds) {
        return database.read("Cannot read lengths of contigs", connection -> {
            Map<String, Long> lengths = new TreeMap<>();
            PreparedStatement select = database.prepared(sql);
            select.setString(1, SqlJson.array(contigIds));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if ("text".equals(row.getString(3))) {
                        lengths.put(contigIds.get(row.getInt(1)), row.getLong(2));
                    }
                }
            }
            return lengths;
        });
    }
}
