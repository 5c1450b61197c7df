package dev.millrace.genome;

import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Map;

/**
 * All contigs of a folder of sample databases. SQLite counts the characters of each sequence, for which it reads them all; one
 * file is open at a time.
 */
final class ShardedSplit implements ContigLengths {
    private static final String SELECT = "SELECT contig_id, length(nt_sequence), rowid FROM sequences ORDER BY rowid";

    private final ShardedFolder folder;

    ShardedSplit(ShardedFolder folder) {
        this.folder = folder;
    }

    @Override
    public String description() {
        return folder.folder().toString();
    }

    @Override
    public void forEach(Sink sink) throws IOException {
        long row = 0;
        for (Map.Entry<String, Path> sample : folder.files().entrySet()) {
            row = forEach(sample.getValue(), sink, row);
        }
    }

    /** The sample that a contig is of. */
    String sampleOf(String contigId) {
        return folder.sampleOf(contigId);
    }

    private static long forEach(Path file, Sink sink, long before) throws IOException {
        IOException[] failed = new IOException[1];
        long[] row = {before};
        try (Database database = Database.open(file, Access.READ)) {
            database.readTogether("Cannot read sequences", connection -> {
                try (PreparedStatement select = connection.prepareStatement(SELECT);
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        String contigId = rows.getString(1);
                        if (contigId == null) {
                            throw new RejectedInputException(
                                    "Cannot read " + file
                                            + ": expected a contig_id in every row of sequences, found none"
                                            + " in row " + rows.getLong(3) + ".",
                                    1,
                                    row[0]);
                        }
                        sink.add(contigId, rows.getLong(2), ++row[0]);
                    }
                } catch (IOException e) {
                    failed[0] = e;
                }
                return file;
            });
        }
        if (failed[0] != null) {
            throw failed[0];
        }
        return row[0];
    }
}
