package dev.millrace.genome;

import dev.millrace.sqlite.Database;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Compares one set of windows with the lengths of its contigs. One thread at a time. */
final class WindowCheck {
    /** The length of a contig; −1 if there is none of this name. */
    @FunctionalInterface
    interface Lengths {
        long of(String contigId);
    }

    private static final String SET = """
            SELECT window_contigs.first_window, contigs.contig_id, window_contigs.windows, contigs.length
            FROM window_contigs
            LEFT JOIN contigs ON contigs.seq_id = window_contigs.seq_id
            WHERE window_contigs.set_id = ?
            ORDER BY window_contigs.first_window""";

    private static final String FILE = """
            SELECT window_idx, sequence_id, window_in_seq_idx
            FROM window_mappings
            ORDER BY window_idx""";

    private final Database database;
    private final String where;
    private final WindowGeometry geometry;
    private final long totalWindows;
    private final long distinctSequences;
    private final long setId;
    private final @Nullable Lengths lengths;
    private final Consumer<String> faults;

    private byte[] previous = new byte[0];
    private long windows;
    private long contigs;

    private WindowCheck(
            Database database,
            String where,
            WindowFile expected,
            long setId,
            @Nullable Lengths lengths,
            Consumer<String> faults) {
        this.database = database;
        this.where = where;
        this.geometry = expected.geometry();
        this.totalWindows = expected.totalWindows();
        this.distinctSequences = expected.distinctSequences();
        this.setId = setId;
        this.lengths = lengths;
        this.faults = faults;
    }

    /** A set of a store, whose contigs lie beside it. */
    static WindowCheck ofSet(Database store, WindowSet set, Consumer<String> faults) {
        return new WindowCheck(
                store,
                store.file() + ", windows of split " + set.split(),
                new WindowFile(set.geometry(), set.totalWindows(), set.distinctSequences()),
                set.setId(),
                null,
                faults);
    }

    /** The original's file of windows. */
    static WindowCheck ofFile(Database windows, Lengths lengths, Consumer<String> faults) {
        return new WindowCheck(windows, windows.file().toString(), WindowFile.of(windows), 0, lengths, faults);
    }

    /** Tells how many windows there were. */
    long run() {
        database.read("Cannot read windows", connection -> {
            try (PreparedStatement select = connection.prepareStatement(lengths == null ? SET : FILE)) {
                if (lengths == null) {
                    select.setLong(1, setId);
                }
                try (ResultSet row = select.executeQuery()) {
                    if (lengths == null) {
                        set(row);
                    } else {
                        file(row, lengths);
                    }
                }
            }
            return windows;
        });
        if (windows != totalWindows) {
            faults.accept(
                    "Windows: expected total_windows " + totalWindows + ", found " + windows + " (" + where + ").");
        }
        if (contigs != distinctSequences) {
            faults.accept("Contigs with windows: expected distinct_sequences " + distinctSequences + ", found "
                    + contigs + " (" + where + ").");
        }
        return windows;
    }

    private void set(ResultSet row) throws SQLException {
        while (row.next()) {
            String contigId = row.getString(2);
            if (row.getLong(1) != windows) {
                faults.accept("First window of contig " + contigId + ": expected " + windows + ", found "
                        + row.getLong(1) + " (" + where + ").");
            }
            if (contigId == null) {
                faults.accept("Window " + row.getLong(1) + " is of a contig that is not there (" + where + ").");
                contigs++;
            } else {
                contig(contigId, row.getLong(3), row.getLong(4));
            }
            windows = row.getLong(1) + row.getLong(3);
        }
    }

    private void file(ResultSet row, Lengths of) throws SQLException {
        String current = null;
        long count = 0;
        while (row.next()) {
            String contigId = String.valueOf(row.getString(2));
            if (row.getLong(1) != windows) {
                faults.accept("window_idx: expected " + windows + ", found " + row.getLong(1) + " (" + where + ").");
            }
            windows = row.getLong(1) + 1;
            if (!contigId.equals(current)) {
                if (current != null) {
                    contig(current, count, of.of(current));
                }
                current = contigId;
                count = 0;
            }
            if (row.getLong(3) != count) {
                faults.accept("window_in_seq_idx of window " + row.getLong(1) + ": expected " + count + ", found "
                        + row.getLong(3) + " (" + where + ").");
            }
            count++;
        }
        if (current != null) {
            contig(current, count, of.of(current));
        }
    }

    private void contig(String contigId, long count, long length) {
        byte[] name = contigId.getBytes(StandardCharsets.UTF_8);
        if (contigs > 0 && Arrays.compareUnsigned(previous, name) >= 0) {
            faults.accept("Order of contigs: expected by the bytes of their names, found " + contigId + " after "
                    + new String(previous, StandardCharsets.UTF_8) + " (" + where + ").");
        }
        previous = name;
        contigs++;
        if (length < 0) {
            faults.accept("Contig " + contigId + " has " + count + " windows, but is not among the sequences (" + where
                    + ").");
        } else if (geometry.windows(length) != count) {
            faults.accept("Windows of contig " + contigId + ": expected " + geometry.windows(length) + " for " + length
                    + " bases, found " + count + " (" + where + ").");
        }
    }
}
