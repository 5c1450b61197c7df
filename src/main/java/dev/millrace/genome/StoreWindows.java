package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds the window set of one split to a store, in one transaction: killed in the middle, the store is as it was. */
final class StoreWindows {
    private static final int MOST_NAMED = 10;

    private static final String INSERT_CONTIG =
            "INSERT INTO window_contigs (set_id, first_window, seq_id, windows) VALUES (?, ?, ?, ?)";

    private static final String INSERT_SET = """
            INSERT INTO window_sets (set_id, split, window_size, stride, window_min_length_threshold, tail, total_windows,
                                     distinct_sequences, source, created)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Path file;
    private final String split;
    private final WindowGeometry geometry;
    private final ContigLengths contigs;
    private final WindowIndexBuilder.Rules rules;

    StoreWindows(
            Path file, String split, WindowGeometry geometry, ContigLengths contigs, WindowIndexBuilder.Rules rules) {
        this.file = file;
        this.split = split;
        this.geometry = geometry;
        this.contigs = contigs;
        this.rules = rules;
    }

    WindowIndexReport build(BuildProgress progress) throws IOException {
        long start = System.nanoTime();
        try (Database store = Database.open(file, Access.AMEND)) {
            GenomeSchema.SCHEMA.check(store);
            @Nullable WindowSet there = WindowSet.find(store, split).orElse(null);
            if (there != null && !rules.force() && !there.geometry().equals(geometry)) {
                throw exists(there, "with " + there.geometry());
            }
            SortedContigs sorted = SortedContigs.load(store, contigs, progress);
            if (there != null && !rules.force()) {
                WindowTotals totals = count(sorted);
                if (!there.source().endsWith(sourceEnd(totals)) || there.totalWindows() != totals.windows()) {
                    throw exists(there, "of other contigs or lengths, from " + there.source());
                }
                return totals.report(file.toString(), split, true, start);
            }
            WindowTotals totals = new WindowTotals(geometry);
            BuildProgress.Meter meter = new BuildProgress.Meter(progress, "windows", sorted.count());
            Manifest.amend(
                    store,
                    "Cannot add windows of split '" + split + "'",
                    List.of("window_contigs", "window_sets"),
                    connection -> replace(connection, store, sorted, totals, meter));
            meter.finish();
            return totals.report(file.toString(), split, false, start);
        }
    }

    /* Any set that replaces another gets a new number: who still knows the old one finds nothing rather than other windows. */
    private void replace(
            Connection connection, Database store, SortedContigs sorted, WindowTotals totals, BuildProgress.Meter meter)
            throws SQLException {
        long setId = 1 + store.queryLong("SELECT coalesce(max(set_id), 0) FROM window_sets");
        Optional<WindowSet> old = WindowSet.find(store, split);
        if (old.isPresent()) {
            delete(
                    connection,
                    "DELETE FROM window_contigs WHERE set_id = ?",
                    old.get().setId());
            delete(
                    connection,
                    "DELETE FROM window_sets WHERE set_id = ?",
                    old.get().setId());
        }
        List<String> faults = new ArrayList<>();
        long[] counts = new long[2];
        try (PreparedStatement insert = connection.prepareStatement(INSERT_CONTIG)) {
            sorted.forEach(true, (contigId, utf8, length, row, stored) -> {
                long first = totals.windows();
                long windows = totals.add(utf8, length);
                totals.tag(contigId);
                if (stored == null || stored.length() != length) {
                    counts[0]++;
                    if (faults.size() < MOST_NAMED) {
                        faults.add("'" + contigId + "' of length " + length + " (" + contigs.place(row)
                                + "), in the store "
                                + (stored == null ? "there is none" : "it has " + stored.length()));
                    }
                } else if (windows > 0) {
                    insert.setLong(1, setId);
                    insert.setLong(2, first);
                    insert.setLong(3, stored.seqId());
                    insert.setLong(4, windows);
                    insert.executeUpdate();
                }
                meter.advanceTo(++counts[1]);
            });
        }
        requireNone(faults, counts[0], sorted.count());
        rules.requireWindows(geometry, totals.windows(), contigs);
        insertSet(connection, setId, totals);
    }

    private static void delete(Connection connection, String sql, long setId) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, setId);
            delete.executeUpdate();
        }
    }

    private void insertSet(Connection connection, long setId, WindowTotals totals) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_SET)) {
            insert.setLong(1, setId);
            insert.setString(2, split);
            insert.setInt(3, geometry.windowSize());
            insert.setInt(4, geometry.stride());
            insert.setInt(5, geometry.minLength());
            insert.setString(6, geometry.tail().id());
            insert.setLong(7, totals.windows());
            insert.setLong(8, totals.distinct());
            insert.setString(9, contigs.description() + sourceEnd(totals));
            insert.setString(10, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            insert.executeUpdate();
        }
    }

    private WindowTotals count(SortedContigs sorted) {
        WindowTotals totals = new WindowTotals(geometry);
        sorted.forEach(false, (contigId, utf8, length, row, stored) -> {
            totals.add(utf8, length);
            totals.tag(contigId);
        });
        return totals;
    }

    private static String sourceEnd(WindowTotals totals) {
        return " #" + HexFormat.of().toHexDigits(totals.fingerprint());
    }

    private void requireNone(List<String> faults, long count, long present) {
        if (count > 0) {
            throw new RejectedInputException(
                    "Cannot add windows of " + contigs.description() + ": expected contigs of " + file
                            + " with their lengths, found " + count + " others: " + String.join("; ", faults)
                            + (count > faults.size() ? "; …" : "") + ". Make the split from this store.",
                    count,
                    present);
        }
    }

    private OutdatedDatabaseException exists(WindowSet there, String what) {
        return new OutdatedDatabaseException(
                "Cannot add windows of split '" + there.split() + "': expected none of it in " + file
                        + ", or those of the same contigs and settings, found windows " + what
                        + ". Use --force to replace them.",
                file);
    }
}
