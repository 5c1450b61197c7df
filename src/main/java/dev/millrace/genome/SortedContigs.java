package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Contigs in the order of the UTF-8 bytes of their names, however many: SQLite sorts them in a temporary table of the connection
 * that they are needed on, in a file without a name that goes with it. One thread at a time.
 */
final class SortedContigs {
    /** Far above any chromosome; sums of lengths and windows stay within a long. */
    static final long LONGEST = 1L << 50;

    /* One for all: a commit on this connection waits for readers of its file, and the contigs may come from one. */
    private static final int ROWS_PER_TRANSACTION = Integer.MAX_VALUE;
    private static final int ROWS_PER_LOOK = 4096;

    private static final String CREATE =
            "CREATE TEMP TABLE incoming (contig_id TEXT NOT NULL, length INTEGER NOT NULL, source_row INTEGER NOT NULL)";

    private static final String INSERT = "INSERT INTO temp.incoming (contig_id, length, source_row) VALUES (?, ?, ?)";

    private static final String SORTED =
            "SELECT contig_id, length, source_row, NULL, NULL FROM temp.incoming ORDER BY contig_id, source_row";

    /* Sorted first, so that look-ups go through the index from one end to the other. */
    private static final String SORTED_AND_FOUND = """
            WITH sorted AS MATERIALIZED (
              SELECT contig_id, length, source_row FROM temp.incoming ORDER BY contig_id, source_row
            )
            SELECT s.contig_id, s.length, s.source_row, c.seq_id, c.length
              FROM sorted s LEFT JOIN main.contigs c ON c.contig_id = s.contig_id""";

    /** Takes contigs in order. */
    @FunctionalInterface
    interface Sink {
        /**
         * The next contig.
         *
         * @param utf8 the name's bytes
         * @param row place in the source
         * @param stored seq_id and length of the contig of this name in the store; null where there is no store, or no such
         *     contig
         */
        void add(String contigId, byte[] utf8, long length, long row, @Nullable Stored stored) throws SQLException;
    }

    /** A contig of the store. */
    record Stored(long seqId, long length) {}

    private final Database database;
    private final ContigLengths contigs;
    private long count;

    private SortedContigs(Database database, ContigLengths contigs) {
        this.database = database;
        this.contigs = contigs;
    }

    /**
     * Reads all contigs into the temporary table.
     *
     * @throws RejectedInputException if one has no name, or a length that none can have
     */
    static SortedContigs load(Database database, ContigLengths contigs, BuildProgress progress) throws IOException {
        database.execute("PRAGMA temp_store=FILE", CREATE);
        SortedContigs sorted = new SortedContigs(database, contigs);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "read", 0);
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            contigs.forEach((contigId, length, row) -> {
                sorted.requireUsable(contigId, length, row);
                rows.insert(INSERT, contigId, length, row);
                sorted.count++;
                if (sorted.count % ROWS_PER_LOOK == 0) {
                    stopIfInterrupted();
                    meter.advanceTo(sorted.count);
                }
            });
        }
        meter.advanceTo(sorted.count);
        meter.finish();
        return sorted;
    }

    private void requireUsable(String contigId, long length, long row) {
        if (contigId.isEmpty()) {
            throw new RejectedInputException(
                    "Cannot use " + contigs.place(row) + ": expected a contig_id, found none.", 1, count + 1);
        }
        if (length < 0 || length > LONGEST) {
            throw new RejectedInputException(
                    "Cannot use " + contigs.place(row) + ": expected a length from 0 to " + LONGEST + " of contig '"
                            + contigId + "', found " + length + ".",
                    1,
                    count + 1);
        }
    }

    /** How many there are. */
    long count() {
        return count;
    }

    /** Hands over all of them, with what a store knows of each where {@code inStore}. */
    void forEach(boolean inStore, Sink sink) {
        database.read("Cannot sort contigs", connection -> {
            try (PreparedStatement select = connection.prepareStatement(inStore ? SORTED_AND_FOUND : SORTED);
                    ResultSet rows = select.executeQuery()) {
                handOver(rows, sink);
            }
            return database;
        });
    }

    private void handOver(ResultSet rows, Sink sink) throws SQLException {
        byte[] before = new byte[0];
        long rowBefore = 0;
        long done = 0;
        while (rows.next()) {
            String contigId = rows.getString(1);
            byte[] utf8 = contigId.getBytes(StandardCharsets.UTF_8);
            long row = rows.getLong(3);
            int order = Arrays.compareUnsigned(before, utf8);
            if (order == 0) {
                throw new RejectedInputException(
                        "Cannot use " + contigs.description() + ": expected every contig once, found '" + contigId
                                + "' twice (" + contigs.place(rowBefore) + " and " + contigs.place(row) + ").",
                        1,
                        count);
            }
            if (order > 0) {
                throw new IllegalStateException("SQLite sorted '" + contigId + "' after a name that comes later.");
            }
            long seqId = rows.getLong(4);
            Stored stored = rows.wasNull() ? null : new Stored(seqId, rows.getLong(5));
            sink.add(contigId, utf8, rows.getLong(2), row, stored);
            before = utf8;
            rowBefore = row;
            if (++done % ROWS_PER_LOOK == 0) {
                stopIfInterruptedUnchecked();
            }
        }
    }

    /** Gives the disk space back. */
    void drop() {
        database.execute("DROP TABLE temp.incoming");
    }

    static void stopIfInterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("Interrupted; nothing was changed.");
        }
    }

    static void stopIfInterruptedUnchecked() {
        try {
            stopIfInterrupted();
        } catch (InterruptedIOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
