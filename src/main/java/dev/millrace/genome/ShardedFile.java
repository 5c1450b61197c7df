package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The file of one sample in the original's layout, read. One thread at a time; who opens it closes it. */
final class ShardedFile implements AutoCloseable {
    /** Takes contigs one after another. */
    @FunctionalInterface
    interface Sink {
        /** A contig and its bases, ASCII; the array is the taker's. */
        void add(String contigId, byte[] bases) throws IOException;
    }

    private static final String COLUMNS = """
            SELECT count(*)
            FROM pragma_table_info('sequences')
            WHERE name IN ('contig_id', 'nt_sequence')""";

    private static final String NAMES = """
            SELECT rowid, contig_id
            FROM sequences
            ORDER BY rowid""";

    /* Plan: SCAN over the index of the primary key, without a look at the bases. */
    private static final String NAMES_ALONE = """
            SELECT contig_id
            FROM sequences""";

    // What is not text becomes the text that the original would read.
    private static final String BASES = """
            SELECT CAST(CAST(nt_sequence AS TEXT) AS BLOB)
            FROM sequences
            WHERE rowid = ?""";

    private final Database database;

    private ShardedFile(Database database) {
        this.database = database;
    }

    /**
     * Opens a sample's file.
     *
     * @throws SchemaMismatchException naming the file, if it has no such table
     * @throws CorruptDatabaseException if it is no database
     */
    static ShardedFile open(Path file) {
        Database database = Database.open(file, Access.READ);
        try {
            if (database.queryLong(COLUMNS) != 2) {
                throw new SchemaMismatchException(
                        SchemaMismatchException.Kind.FOREIGN,
                        "Not a sample's database: expected a table sequences with columns contig_id and nt_sequence,"
                                + " found none (" + file + ").",
                        file);
            }
            return new ShardedFile(database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** SQLite's verdict on the file: {@code ok}, or what is wrong first. */
    String structure() {
        return String.valueOf(database.queryText("PRAGMA integrity_check(1)"));
    }

    /**
     * All contigs in the order in which they were written.
     *
     * @throws IllegalArgumentException if a name is missing, or bases are not ASCII
     */
    void forEach(Sink sink) throws IOException {
        IOException failure = database.<Optional<IOException>>read("Cannot read the contigs", connection -> {
                    try (PreparedStatement names = connection.prepareStatement(NAMES);
                            ResultSet row = names.executeQuery()) {
                        while (row.next()) {
                            String contigId = requireName(row.getString(2), row.getLong(1));
                            sink.add(contigId, bases(row.getLong(1), contigId));
                        }
                        return Optional.empty();
                    } catch (IOException e) {
                        return Optional.of(e);
                    }
                })
                .orElse(null);
        if (failure != null) {
            throw failure;
        }
    }

    /** A contig's name that a condition holds for; null if there is none. */
    @Nullable
    String firstName(Predicate<String> condition) {
        return database.<Optional<String>>read("Cannot read the names of contigs", connection -> {
                    try (PreparedStatement names = connection.prepareStatement(NAMES_ALONE);
                            ResultSet row = names.executeQuery()) {
                        while (row.next()) {
                            String contigId = String.valueOf(row.getString(1));
                            if (condition.test(contigId)) {
                                return Optional.of(contigId);
                            }
                        }
                        return Optional.empty();
                    }
                })
                .orElse(null);
    }

    private String requireName(@Nullable String contigId, long row) {
        if (contigId == null || contigId.isEmpty()) {
            throw new IllegalArgumentException("Contig without a name: expected contig_id, found none ("
                    + database.file() + ", sequences, row " + row + ").");
        }
        return contigId;
    }

    private byte[] bases(long row, String contigId) throws SQLException {
        PreparedStatement select = database.prepared(BASES);
        select.setLong(1, row);
        try (ResultSet result = select.executeQuery()) {
            byte[] bases = result.next() ? result.getBytes(1) : null;
            // The driver gives null for an empty value.
            return requireAscii(bases == null ? new byte[0] : bases, contigId);
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read contig " + contigId, database.file(), e);
        }
    }

    private byte[] requireAscii(byte[] bases, String contigId) {
        for (int i = 0; i < bases.length; i++) {
            if (bases[i] <= 0) {
                throw new IllegalArgumentException(
                        "Contig " + contigId + " is not ASCII: expected bytes 1 to 127, found "
                                + (bases[i] & 0xFF) + " at base " + i + " (" + database.file()
                                + "). A store keeps one byte a base.");
            }
        }
        return bases;
    }

    @Override
    public void close() {
        database.close();
    }
}
