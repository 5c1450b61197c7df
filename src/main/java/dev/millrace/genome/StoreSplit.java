package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Contigs of a genome store: those of one split, or all. Every row is compared with its checksum. */
final class StoreSplit implements ContigLengths {
    private static final String COLUMNS =
            "SELECT c.seq_id, c.contig_id, c.sample_id, c.length, c.first_chunk, c.sha256, c.row_crc FROM contigs c";

    private static final String OF_SPLIT = COLUMNS + " JOIN contig_splits s ON s.seq_id = c.seq_id WHERE s.split = ?1";

    private static final String OF_NONE =
            COLUMNS + " WHERE NOT EXISTS (SELECT 1 FROM contig_splits s WHERE s.seq_id = c.seq_id)";

    private final Path file;
    private final Split split;
    private final boolean ofNone;

    StoreSplit(Path file, Split split) {
        this(file, split, false);
    }

    private StoreSplit(Path file, Split split, boolean ofNone) {
        this.file = file;
        this.split = split;
        this.ofNone = ofNone;
    }

    /** Contigs that are in no split yet. */
    static StoreSplit ofNone(Path file) {
        return new StoreSplit(file, Split.ALL, true);
    }

    @Override
    public String description() {
        return split == Split.ALL ? file.toString() : file + " (split " + split.id() + ")";
    }

    @Override
    public String place(long row) {
        return file + ", seq_id " + row;
    }

    @Override
    public void forEach(Sink sink) throws IOException {
        forEach((contigId, sample, length, seqId) -> sink.add(contigId, length, seqId));
    }

    /** Takes contigs with their samples. */
    @FunctionalInterface
    interface SampleSink {
        void add(String contigId, String sampleId, long length, long seqId) throws IOException;
    }

    void forEach(SampleSink sink) throws IOException {
        try (Database database = Database.open(file, Access.READ)) {
            GenomeSchema.SCHEMA.check(database);
            IOException[] failed = new IOException[1];
            database.readTogether("Cannot read contigs", connection -> {
                String sql = ofNone ? OF_NONE : split == Split.ALL ? COLUMNS : OF_SPLIT;
                try (PreparedStatement select = connection.prepareStatement(sql)) {
                    if (split != Split.ALL) {
                        select.setString(1, split.id());
                    }
                    try (ResultSet rows = select.executeQuery()) {
                        handOver(database, rows, sink);
                    } catch (IOException e) {
                        failed[0] = e;
                    }
                }
                return file;
            });
            if (failed[0] != null) {
                throw failed[0];
            }
        }
    }

    private static void handOver(Database database, ResultSet rows, SampleSink sink) throws SQLException, IOException {
        RowDigest digest = new RowDigest(GenomeSchema.CONTIGS);
        while (rows.next()) {
            long seqId = rows.getLong(1);
            long found = digest.of(
                    seqId, rows.getString(2), rows.getString(3), rows.getLong(4), rows.getLong(5), rows.getBytes(6));
            if (found != rows.getLong(7)) {
                throw new CorruptDatabaseException(
                        "Damaged row: expected " + CheckedTable.CRC_COLUMN + " " + rows.getLong(7) + ", found " + found
                                + " (" + database.file() + ", contigs, seq_id=" + seqId + "). Restore the file or"
                                + " import it again.",
                        database.file(),
                        null);
            }
            sink.add(rows.getString(2), rows.getString(3), rows.getLong(4), seqId);
        }
    }
}
