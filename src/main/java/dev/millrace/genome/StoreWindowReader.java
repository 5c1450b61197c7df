package dev.millrace.genome;

import dev.millrace.batch.RowReader;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.RowDigest;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads windows of a store, a batch with one statement: from the index of the store itself or from an attached window database to
 * contigs to chunks. Windows are visited in ascending order, so that those of a contig follow each other, and a chunk that
 * several of them share comes once.
 */
final class StoreWindowReader implements RowReader<Window> {
    /** Name that a window database is attached under. */
    static final String ATTACHED = "windows";

    private static final String OWN = """
            SELECT ids.value AS window_idx, ids.value - w.first_window AS window_in_contig, w.windows AS windows,
                   c.seq_id, c.contig_id, c.sample_id, c.length, c.first_chunk, c.sha256, c.row_crc
            FROM json_each(?1) AS ids
            CROSS JOIN window_contigs AS w
              ON w.set_id = ?2 AND w.first_window = (
                SELECT max(b.first_window) FROM window_contigs AS b WHERE b.set_id = ?2 AND b.first_window <= ids.value)
            LEFT JOIN contigs AS c ON c.seq_id = w.seq_id""";

    private static final String OTHERS = """
            SELECT m.window_idx, m.window_in_seq_idx AS window_in_contig, NULL AS windows,
                   c.seq_id, coalesce(c.contig_id, m.sequence_id) AS contig_id, c.sample_id, c.length, c.first_chunk, c.sha256,
                   c.row_crc
            FROM json_each(?1) AS ids
            CROSS JOIN windows.window_mappings AS m ON m.window_idx = ids.value AND ?2 = -1
            LEFT JOIN contigs AS c ON c.contig_id = m.sequence_id""";

    /* The bases that a window spans, then the chunks that they lie in but those of the window before. */
    private static final String CHUNKS = """
            WITH found AS (
              %s
            ), placed AS (
              SELECT *, CASE WHEN ?5 AND length >= ?3 THEN min(window_in_contig * ?4, length - ?3)
                             ELSE window_in_contig * ?4 END AS start
              FROM found
            ), spanned AS MATERIALIZED (
              SELECT *, first_chunk + start / ?6 AS first,
                     first_chunk + (min(start + ?3, length) - 1) / ?6 AS last
              FROM placed
            )
            SELECT s.window_idx, s.window_in_contig, s.windows, s.seq_id, s.contig_id, s.sample_id, s.length, s.first_chunk,
                   s.sha256, s.row_crc, k.chunk_id, k.bases, k.row_crc
            FROM spanned AS s
            LEFT JOIN chunks AS k ON k.chunk_id BETWEEN s.first AND s.last AND s.start < s.length""";

    static final String SELECT_OWN = CHUNKS.formatted(OWN);
    static final String SELECT_OTHERS = CHUNKS.formatted(OTHERS);

    private final ReadPool.Lease lease;
    private final WindowReading reading;
    private final RowDigest contigDigest = new RowDigest(GenomeSchema.CONTIGS);
    private final RowDigest chunkDigest = new RowDigest(GenomeSchema.CHUNKS);
    /** Chunks of the contig being read, by their place in it. */
    private final TreeMap<Long, byte[]> chunks = new TreeMap<>();

    private @Nullable Contig contig;

    StoreWindowReader(ReadPool.Lease lease, WindowReading reading) {
        this.lease = lease;
        this.reading = reading;
    }

    private record Contig(long seqId, String contigId, long length, long firstChunk) {}

    /** A window whose chunks are coming. */
    private record Open(long index, long windowInContig, Contig contig, ContigSpan span) {}

    @Override
    public List<Window> read(long[] ids) {
        Database store = lease.database();
        WindowIds windows =
                new WindowIds(ids, reading.table().windows(), reading.table().file());
        contig = null;
        chunks.clear();
        store.read("Cannot read windows", connection -> {
            PreparedStatement select = store.prepared(sql());
            bind(select, windows.sorted());
            try (ResultSet row = select.executeQuery()) {
                readRows(row, windows);
            }
            return windows;
        });
        long missing = windows.missing();
        if (missing >= 0) {
            throw WindowFault.noWindow(missing, reading.table().file());
        }
        return windows.inOrder();
    }

    private String sql() {
        return reading.table().setId() == WindowTable.NO_SET ? SELECT_OTHERS : SELECT_OWN;
    }

    private void bind(PreparedStatement select, long[] ids) throws SQLException {
        WindowGeometry geometry = reading.table().geometry();
        select.setString(1, Arrays.toString(ids));
        select.setLong(2, reading.table().setId());
        select.setInt(3, geometry.windowSize());
        select.setInt(4, geometry.stride());
        select.setInt(5, geometry.tail() == Tail.SHIFT ? 1 : 0);
        select.setInt(6, GenomeSchema.CHUNK_BASES);
    }

    private void readRows(ResultSet row, WindowIds windows) throws SQLException {
        Open open = null;
        while (row.next()) {
            long index = row.getLong(1);
            if (open == null || open.index() != index) {
                if (open != null) {
                    windows.put(finished(open));
                }
                open = open(index, row);
            }
            keepChunk(row, open.contig());
        }
        if (open != null) {
            windows.put(finished(open));
        }
    }

    private Open open(long index, ResultSet row) throws SQLException {
        Contig own = contig(index, row);
        long windowInContig = row.getLong(2);
        long promised = row.getLong(3);
        boolean counted = !row.wasNull();
        if (counted
                && (windowInContig >= promised
                        || promised != reading.table().geometry().windows(own.length()))) {
            throw WindowFault.pastTheEnd(
                    index,
                    own.contigId(),
                    windowInContig,
                    windowInContig * reading.table().geometry().stride(),
                    own.length(),
                    reading.table().geometry().windows(own.length()),
                    file());
        }
        ContigSpan span = reading.span(index, own.contigId(), windowInContig, own.length(), file());
        chunks.headMap(span.start() / GenomeSchema.CHUNK_BASES).clear();
        return new Open(index, windowInContig, own, span);
    }

    /** The contig of a row, checked once for all windows in it that follow each other. */
    private Contig contig(long index, ResultSet row) throws SQLException {
        long seqId = row.getLong(4);
        if (row.wasNull()) {
            String name = row.getString(5);
            if (name == null) {
                throw WindowFault.damaged("Window " + index + " has no contig", file(), "window_contigs");
            }
            throw WindowFault.noContig(name, "?", file());
        }
        Contig before = contig;
        if (before != null && before.seqId() == seqId) {
            return before;
        }
        String contigId = row.getString(5);
        long length = row.getLong(7);
        long firstChunk = row.getLong(8);
        long digest = contigDigest.of(seqId, contigId, row.getString(6), length, firstChunk, row.getBytes(9));
        if (digest != row.getLong(10) || contigId == null) {
            throw WindowFault.damaged("Damaged row: its checksum differs", file(), "contigs, seq_id=" + seqId);
        }
        Contig read = new Contig(seqId, contigId, length, firstChunk);
        contig = read;
        chunks.clear();
        return read;
    }

    private void keepChunk(ResultSet row, Contig own) throws SQLException {
        long chunkId = row.getLong(11);
        if (row.wasNull()) {
            return;
        }
        long place = chunkId - own.firstChunk();
        if (chunks.containsKey(place)) {
            return;
        }
        byte[] bases = row.getBytes(12);
        int length = bases == null ? -1 : bases.length;
        chunkDigest.begin(chunkId, length);
        if (bases != null) {
            chunkDigest.value(bases, 0, length);
        }
        if (chunkDigest.end() != row.getLong(13) || bases == null) {
            throw WindowFault.damaged("Damaged row: its checksum differs", file(), chunk(own, chunkId));
        }
        long expected = Math.min(GenomeSchema.CHUNK_BASES, own.length() - place * GenomeSchema.CHUNK_BASES);
        if (length != expected) {
            throw WindowFault.damaged(
                    "Damaged row: expected " + expected + " bases, found " + length, file(), chunk(own, chunkId));
        }
        chunks.put(place, bases);
    }

    private static String chunk(Contig own, long chunkId) {
        return "chunks, chunk_id=" + chunkId + " of contig " + own.contigId();
    }

    private Window finished(Open open) {
        ContigSpan span = open.span();
        int offset = (int) (span.start() % GenomeSchema.CHUNK_BASES);
        long place = span.start() / GenomeSchema.CHUNK_BASES;
        if (span.bases() == 0) {
            return window(open, new byte[0], 0);
        }
        byte[] first = chunk(open, place);
        if (offset + span.bases() <= first.length) {
            return window(open, first, offset);
        }
        byte[] joined = new byte[span.bases()];
        int filled = 0;
        while (filled < joined.length) {
            byte[] part = chunk(open, place++);
            int taken = Math.min(part.length - offset, joined.length - filled);
            System.arraycopy(part, offset, joined, filled, taken);
            filled += taken;
            offset = 0;
        }
        return window(open, joined, 0);
    }

    private byte[] chunk(Open open, long place) {
        byte[] found = chunks.get(place);
        if (found == null) {
            throw WindowFault.damaged(
                    "A row is missing",
                    file(),
                    chunk(open.contig(), open.contig().firstChunk() + place));
        }
        return found;
    }

    private Window window(Open open, byte[] bases, int offset) {
        return new Window(
                open.index(),
                open.contig().contigId(),
                open.windowInContig(),
                bases,
                offset,
                open.span().bases(),
                reading.epoch());
    }

    private Path file() {
        return lease.database().file();
    }

    @Override
    public void close() {
        lease.close();
    }
}
