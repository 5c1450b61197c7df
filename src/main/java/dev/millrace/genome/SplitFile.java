package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the contigs of a split are read from: Parquet or CSV/TSV with the columns {@code contig_id} and {@code length}, a FASTA
 * index ({@code .fai}), a genome store, or a folder of the original's sample databases. Told by what is in it; a FASTA index by
 * its name.
 */
public final class SplitFile {
    static final String CONTIG_ID = "contig_id";
    static final String LENGTH = "length";

    private static final byte[] PARQUET_MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SQLITE_MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private SplitFile() {}

    /**
     * All contigs of a file or folder; nothing but its beginning is read yet.
     *
     * @throws NoSuchFileException if there is none
     * @throws IllegalArgumentException if it cannot hold a split
     * @throws MissingLibraryException if it is Parquet and no reader is on the class path
     */
    public static ContigLengths open(Path path) throws IOException {
        return open(path, Split.ALL);
    }

    /**
     * The contigs of one split of a genome store, as {@code genome split} assigned them; all of them for {@link Split#ALL}.
     * Other files hold one split, and it does not matter which it is called.
     *
     * @throws NoSuchFileException if there is no such file or folder
     * @throws IllegalArgumentException if it cannot hold a split
     * @throws MissingLibraryException if it is Parquet and no reader is on the class path
     */
    public static ContigLengths open(Path path, Split split) throws IOException {
        if (Files.isDirectory(path)) {
            return new ShardedSplit(ShardedFolder.open(path));
        }
        if (!Files.isRegularFile(path)) {
            throw new NoSuchFileException(path.toString());
        }
        byte[] head = head(path);
        if (startsWith(head, PARQUET_MAGIC)) {
            return ParquetSupport.reader(path);
        }
        if (startsWith(head, SQLITE_MAGIC)) {
            if (!GenomeStore.isStore(path)) {
                throw new IllegalArgumentException("Cannot read contigs from " + path
                        + ": expected a genome store, found another database. Give the store, the folder of the samples,"
                        + " or a file of contig_id and length.");
            }
            return new StoreSplit(path, split);
        }
        return new TextSplit(path, TextSplit.isIndex(path));
    }

    /** Splits of a genome store that {@code genome split} assigned contigs to, in the order train, val, test. */
    public static List<Split> splitsOf(Path store) {
        try (Database database = Database.open(store, Access.READ)) {
            return database.read("Cannot read contig_splits", connection -> {
                List<Split> splits = new ArrayList<>();
                try (PreparedStatement select =
                                connection.prepareStatement("SELECT DISTINCT split FROM contig_splits");
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        splits.add(Split.parse(rows.getString(1)));
                    }
                }
                splits.sort(null);
                return splits;
            });
        }
    }

    private static byte[] head(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(SQLITE_MAGIC.length);
        }
    }

    private static boolean startsWith(byte[] head, byte[] magic) {
        return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
    }
}
