package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A genome store, read: contigs by name or one after another, and any of their bases.
 *
 * <p>Every row is compared with its {@code row_crc}. One thread at a time; who opens it closes it. Memory: constant.
 */
public final class GenomeStore implements AutoCloseable {
    /** Takes contigs one after another. */
    @FunctionalInterface
    public interface ContigSink {
        /** One contig. */
        void add(Contig contig) throws IOException;
    }

    /** Takes the bases of a contig one piece after another. */
    @FunctionalInterface
    public interface BaseSink {
        /** The next bases; the array is the taker's. */
        void add(byte[] bases) throws IOException;
    }

    private static final String CONTIG = """
            SELECT seq_id, contig_id, sample_id, length, first_chunk, sha256, row_crc
            FROM contigs""";

    private static final String BY_NAME = CONTIG + "\nWHERE contig_id = ?";
    private static final String BY_ID = CONTIG + "\nWHERE seq_id = ?";

    private static final String CHUNK = """
            SELECT chunk_id, bases, row_crc
            FROM chunks
            WHERE chunk_id = ?""";

    private static final String CHUNKS = """
            SELECT chunk_id, bases, row_crc
            FROM chunks
            WHERE chunk_id >= ? AND chunk_id < ?
            ORDER BY chunk_id""";

    private final Database database;
    private final boolean ownsDatabase;
    private final RowDigest contigDigest = new RowDigest(GenomeSchema.CONTIGS);
    private final RowDigest chunkDigest = new RowDigest(GenomeSchema.CHUNKS);

    /** Reads what a writer has written so far, through its connection. */
    GenomeStore(Database database, boolean ownsDatabase) {
        this.database = database;
        this.ownsDatabase = ownsDatabase;
    }

    /**
     * Opens a store for reading.
     *
     * @throws SchemaMismatchException if it is another kind of file, too old or too new
     * @throws CorruptDatabaseException if it is no database, or its description is damaged
     */
    public static GenomeStore open(Path file) {
        Database database = Database.open(file, Access.READ);
        try {
            GenomeSchema.SCHEMA.check(database);
            return new GenomeStore(database, true);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Whether a file is a genome store, of any version; false for one that is not there or another program's. */
    public static boolean isStore(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (Database database = Database.open(file, Access.READ)) {
            return Schema.kindOf(database).equals(GenomeSchema.KIND);
        } catch (SchemaMismatchException | CorruptDatabaseException e) {
            return false;
        }
    }

    /** The file. */
    public Path file() {
        return database.file();
    }

    /** What the file says about itself. */
    public Map<String, String> info() {
        return Schema.info(database);
    }

    /** The contig of this name, if there is one. */
    public Optional<Contig> find(String contigId) {
        return one(BY_NAME, contigId);
    }

    /** The contig of this key, if there is one. */
    public Optional<Contig> find(long seqId) {
        return one(BY_ID, seqId);
    }

    /**
     * The contig of this name.
     *
     * @throws IllegalArgumentException naming contig and file, if there is none
     */
    public Contig contig(String contigId) {
        return find(contigId).orElseThrow(() -> {
            String after = database.queryText(
                    "SELECT contig_id FROM contigs WHERE contig_id >= ? ORDER BY contig_id LIMIT 1", contigId);
            return new IllegalArgumentException("Sequence ID " + contigId + " not found in " + database.file()
                    + ": expected one of its " + database.queryLong("SELECT count(*) FROM contigs")
                    + " contigs" + (after == null ? "." : ", the next by name is " + after + "."));
        });
    }

    private Optional<Contig> one(String sql, Object key) {
        return database.read("Cannot read a contig", connection -> {
            PreparedStatement select = database.prepared(sql);
            select.setObject(1, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(contig(row)) : Optional.empty();
            }
        });
    }

    /** All contigs in the order of the bytes of their names. */
    public void forEachContig(ContigSink sink) throws IOException {
        forEach(CONTIG + "\nORDER BY contig_id", sink);
    }

    /** All contigs, those of a sample together, in the order of the input. */
    void forEachBySample(ContigSink sink) throws IOException {
        forEach(CONTIG + "\nORDER BY sample_id, seq_id", sink);
    }

    private void forEach(String sql, ContigSink sink) throws IOException {
        IOException failure = database.<Optional<IOException>>read("Cannot read the contigs", connection -> {
                    try (PreparedStatement select = connection.prepareStatement(sql);
                            ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            sink.add(contig(row));
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

    private Contig contig(ResultSet row) throws SQLException {
        Contig contig = new Contig(
                row.getLong(1),
                String.valueOf(row.getString(2)),
                String.valueOf(row.getString(3)),
                row.getLong(4),
                row.getLong(5));
        long crc = contigDigest.of(
                contig.seqId(),
                contig.contigId(),
                contig.sampleId(),
                contig.length(),
                contig.firstChunk(),
                row.getBytes(6));
        if (crc != row.getLong(7) || contig.length() < 0) {
            throw damaged("row_crc " + row.getLong(7) + ", found " + crc, "contigs, seq_id=" + contig.seqId());
        }
        return contig;
    }

    /** SHA-256 of a contig's bases, as recorded when it was stored. */
    byte[] sha256(Contig contig) {
        return database.read("Cannot read a contig", connection -> {
            PreparedStatement select = database.prepared("""
                    SELECT sha256
                    FROM contigs
                    WHERE seq_id = ?""");
            select.setLong(1, contig.seqId());
            try (ResultSet row = select.executeQuery()) {
                byte[] sha = row.next() ? row.getBytes(1) : null;
                return sha == null ? new byte[0] : sha;
            }
        });
    }

    /**
     * Reads bases of a contig.
     *
     * @param start the first base, from 0
     * @param into where they go, from {@code offset} on
     * @param count how many at most
     * @return how many there were: fewer at the end of the contig, none behind it
     * @throws IllegalArgumentException for a place before its start
     * @throws CorruptDatabaseException if a chunk is missing or damaged
     */
    public int read(Contig contig, long start, byte[] into, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, into.length);
        if (start < 0) {
            throw new IllegalArgumentException(
                    "Bases of " + contig.contigId() + ": expected a start ≥ 0, found " + start + ".");
        }
        int wanted = (int) Math.max(0, Math.min(count, contig.length() - start));
        int done = 0;
        while (done < wanted) {
            long place = (start + done) / GenomeSchema.CHUNK_BASES;
            int within = (int) ((start + done) % GenomeSchema.CHUNK_BASES);
            byte[] chunk = chunk(contig, place);
            int taken = Math.min(wanted - done, chunk.length - within);
            System.arraycopy(chunk, within, into, offset + done, taken);
            done += taken;
        }
        return wanted;
    }

    private byte[] chunk(Contig contig, long place) {
        return database.read("Cannot read a chunk", connection -> {
            PreparedStatement select = database.prepared(CHUNK);
            select.setLong(1, contig.firstChunk() + place);
            try (ResultSet row = select.executeQuery()) {
                return chunk(contig, place, row);
            }
        });
    }

    /** The chunk of the next row, which must be the one expected there. */
    private byte[] chunk(Contig contig, long place, ResultSet row) throws SQLException {
        long id = contig.firstChunk() + place;
        String where = "chunks, chunk_id=" + id + " of contig " + contig.contigId();
        if (!row.next() || row.getLong(1) != id) {
            throw damaged("a row, found none", where);
        }
        byte[] bases = row.getBytes(2);
        long crc = chunkDigest.of(id, (Object) bases);
        if (bases == null || crc != row.getLong(3)) {
            throw damaged("row_crc " + row.getLong(3) + ", found " + crc, where);
        }
        long expected = Math.min(GenomeSchema.CHUNK_BASES, contig.length() - place * GenomeSchema.CHUNK_BASES);
        if (bases.length != expected) {
            throw damaged(expected + " bases, found " + bases.length, where);
        }
        return bases;
    }

    /** All bases of a contig, in pieces of {@value GenomeSchema#CHUNK_BASES} at most. */
    public void forEachPiece(Contig contig, BaseSink sink) throws IOException {
        IOException failure = database.<Optional<IOException>>read("Cannot read chunks", connection -> {
                    try (PreparedStatement select = connection.prepareStatement(CHUNKS)) {
                        select.setLong(1, contig.firstChunk());
                        select.setLong(2, contig.firstChunk() + contig.chunks());
                        try (ResultSet row = select.executeQuery()) {
                            for (long place = 0; place < contig.chunks(); place++) {
                                sink.add(chunk(contig, place, row));
                            }
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

    private CorruptDatabaseException damaged(String expectedAndFound, String where) {
        return new CorruptDatabaseException(
                "Damaged row: expected " + expectedAndFound + " (" + database.file() + ", " + where
                        + "). Restore the file or build it again.",
                database.file(),
                null);
    }

    Database database() {
        return database;
    }

    @Override
    public void close() {
        if (ownsDatabase) {
            database.close();
        }
    }
}
