package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** Windows of a split from a store into a window database of the original's layout, and back: the same windows, or an error. */
public final class WindowSetCopy {
    private static final String CONTIGS_OF_SET = """
            SELECT c.contig_id, c.length, w.windows, c.seq_id
              FROM window_contigs w JOIN contigs c ON c.seq_id = w.seq_id
             WHERE w.set_id = ?
             ORDER BY w.first_window""";

    private static final String MAPPINGS =
            "SELECT window_idx, sequence_id, window_in_seq_idx FROM window_mappings ORDER BY window_idx";

    private static final String LENGTH = "SELECT length FROM contigs WHERE contig_id = ?";

    private WindowSetCopy() {}

    /** Sets of a store by the split that they are of. */
    public static Map<Split, WindowSet> sets(Path store) {
        try (Database database = Database.open(store, Access.READ)) {
            GenomeSchema.SCHEMA.check(database);
            Map<Split, WindowSet> sets = new TreeMap<>();
            WindowSet.all(database).forEach(set -> sets.put(Split.parse(set.split()), set));
            return sets;
        }
    }

    /**
     * Writes the windows of a split of a store into a window database.
     *
     * @param force whether windows of other contigs or settings that are there are replaced
     * @throws SchemaMismatchException if the store has no windows of the split
     * @throws CorruptDatabaseException if what it has is not what was computed
     * @throws IOException if the target cannot be written
     */
    public static WindowIndexReport toDatabase(Path store, Split split, Path target, boolean force) throws IOException {
        WindowSet set = sets(store).get(split);
        if (set == null) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_SETTINGS,
                    "No windows of split '" + split.id() + "': expected one of "
                            + sets(store).keySet().stream().map(Split::id).toList() + " (" + store
                            + "). Compute them with 'millrace genome precompute " + store + "'.",
                    store);
        }
        return new WindowIndexBuilder()
                .setGeometry(set.geometry())
                .setContigs(new OfSet(store, set))
                .setOutput(target)
                .optForce(force)
                .optAllowEmpty(true)
                .build();
    }

    /**
     * Adds the windows of a window database to a store that has their contigs.
     *
     * @param force whether other windows of the split that are there are replaced
     * @throws RejectedInputException if its windows are not those that its settings give for the store's contigs: another order,
     *     gaps, contigs of other lengths; nothing is changed then
     * @throws IOException if it cannot be read
     */
    public static WindowIndexReport toStore(Path windows, Path store, Split split, boolean force) throws IOException {
        WindowGeometry geometry;
        Map<String, Long> metadata;
        try (Database database = Database.open(windows, Access.READ)) {
            metadata = WindowDatabase.metadata(database);
            geometry = geometry(windows, metadata);
        }
        WindowIndexReport report = new WindowIndexBuilder()
                .setGeometry(geometry)
                .setContigs(new OfMappings(windows, store, geometry, metadata))
                .setOutput(store)
                .optSplit(split)
                .optForce(force)
                .optAllowEmpty(true)
                .build();
        return report;
    }

    private static WindowGeometry geometry(Path windows, Map<String, Long> metadata) {
        long tail = metadata.getOrDefault(WindowDatabase.TAIL_KEY, 0L);
        for (Tail known : Tail.values()) {
            if (WindowDatabase.code(known) == tail) {
                try {
                    return new WindowGeometry(
                            Math.toIntExact(metadata.getOrDefault("window_size", 0L)),
                            Math.toIntExact(metadata.getOrDefault("stride", 0L)),
                            Math.toIntExact(metadata.getOrDefault("window_min_length_threshold", 0L)),
                            known);
                } catch (IllegalArgumentException | ArithmeticException e) {
                    throw rejected(
                            windows, "expected window_size, stride and threshold in metadata, found " + metadata);
                }
            }
        }
        throw rejected(windows, "expected a tail policy of 0, 1 or 2, found " + tail);
    }

    private static RejectedInputException rejected(Path windows, String what) {
        return new RejectedInputException("Cannot take the windows of " + windows + ": " + what + ".", 0, 0);
    }

    /** Contigs with windows in a set of a store. */
    private record OfSet(Path store, WindowSet set) implements ContigLengths {
        @Override
        public String description() {
            return store + " (windows of split " + set.split() + ")";
        }

        @Override
        public void forEach(Sink sink) throws IOException {
            try (Database database = Database.open(store, Access.READ)) {
                IOException[] failed = new IOException[1];
                long windows = database.readTogether("Cannot read window_contigs", connection -> {
                    try (PreparedStatement select = connection.prepareStatement(CONTIGS_OF_SET)) {
                        select.setLong(1, set.setId());
                        try (ResultSet rows = select.executeQuery()) {
                            return handOver(rows, sink);
                        }
                    } catch (IOException e) {
                        failed[0] = e;
                        return 0L;
                    }
                });
                if (failed[0] != null) {
                    throw failed[0];
                }
                if (windows != set.totalWindows()) {
                    throw damaged(set.totalWindows() + " windows", windows + "");
                }
            }
        }

        private long handOver(ResultSet rows, Sink sink) throws SQLException, IOException {
            long windows = 0;
            while (rows.next()) {
                long expected = set.geometry().windows(rows.getLong(2));
                if (expected != rows.getLong(3)) {
                    throw damaged(expected + " windows of contig '" + rows.getString(1) + "'", rows.getLong(3) + "");
                }
                windows += expected;
                sink.add(rows.getString(1), rows.getLong(2), rows.getLong(4));
            }
            return windows;
        }

        private CorruptDatabaseException damaged(String expected, String found) {
            return new CorruptDatabaseException(
                    "Damaged window_contigs: expected " + expected + " in split " + set.split() + ", found " + found
                            + " (" + store + "). Compute them again with --force.",
                    store,
                    null);
        }
    }

    /** Contigs with rows in a window database, with their lengths in a store. */
    private record OfMappings(Path windows, Path store, WindowGeometry geometry, Map<String, Long> metadata)
            implements ContigLengths {
        @Override
        public String description() {
            return windows.toString();
        }

        @Override
        public String place(long row) {
            return windows + ", window " + row;
        }

        @Override
        public void forEach(Sink sink) throws IOException {
            IOException[] failed = new IOException[1];
            try (Database from = Database.open(windows, Access.READ);
                    Database lengths = Database.open(store, Access.READ)) {
                from.readTogether("Cannot read window_mappings", connection -> {
                    try (PreparedStatement select = connection.prepareStatement(MAPPINGS);
                            ResultSet rows = select.executeQuery()) {
                        handOver(rows, lengths, sink);
                    } catch (IOException e) {
                        failed[0] = e;
                    }
                    return windows;
                });
            }
            if (failed[0] != null) {
                throw failed[0];
            }
        }

        /* The windows of contigs in the order of their names, each from 0 and as many as its length gives: that is all. */
        private void handOver(ResultSet rows, Database lengths, Sink sink) throws SQLException, IOException {
            String contigId = "";
            long left = 0;
            long row = 0;
            long place = 0;
            while (rows.next()) {
                String next = String.valueOf(rows.getString(2));
                if (left == 0) {
                    if (row > 0 && SqlOrder.compare(contigId, next) >= 0) {
                        throw rejected(
                                windows,
                                "expected contigs in the order of their bytes, each once, found '" + next + "' after '"
                                        + contigId + "' (window " + row + "). Keep using the file beside the store");
                    }
                    contigId = next;
                    place = 0;
                    long length = length(lengths, next, row);
                    left = geometry.windows(length);
                    sink.add(next, length, row);
                }
                if (rows.getLong(1) != row || !next.equals(contigId) || rows.getLong(3) != place || left == 0) {
                    throw rejected(
                            windows,
                            "expected window " + row + " to be number " + place + " of contig '" + contigId
                                    + "', which has " + (place + left) + " with the length in " + store
                                    + ", found window_idx " + rows.getLong(1) + ", number " + rows.getLong(3) + " of '"
                                    + next + "'");
                }
                row++;
                place++;
                left--;
            }
            if (left > 0) {
                throw rejected(windows, "expected " + left + " more windows of contig '" + contigId + "', found none");
            }
            Long total = metadata.get("total_windows");
            if (total == null || total != row) {
                throw rejected(windows, "expected total_windows " + row + " in metadata, as there are, found " + total);
            }
        }

        private long length(Database lengths, String contigId, long row) throws SQLException {
            PreparedStatement select = lengths.prepared(LENGTH);
            select.setString(1, contigId);
            try (ResultSet found = select.executeQuery()) {
                if (!found.next()) {
                    throw rejected(
                            windows,
                            "expected contigs of " + store + ", found '" + contigId + "' (window " + row
                                    + "), which is not there");
                }
                return found.getLong(1);
            }
        }
    }

    /** The order of SQLite's texts. */
    private static final class SqlOrder {
        static int compare(String left, String right) {
            return java.util.Arrays.compareUnsigned(
                    left.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    right.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }
}
