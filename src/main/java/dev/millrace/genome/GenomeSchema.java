package dev.millrace.genome;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables of a genome store.
 *
 * <pre>
 *   contigs         one row per sequence; length in bases; its bases lie in the chunks first_chunk, first_chunk + 1, …, each
 *                   full but the last; sha256 of its bases as stored
 *   chunks          {@link #CHUNK_BASES} bases each, ASCII as in the FASTA file without its line ends
 *   contig_splits   which split a contig is in; contigs without a row are in none
 *   window_sets     one row per split whose windows were computed; window_size, stride, window_min_length_threshold and tail
 *                   as in {@link WindowGeometry}
 *   window_contigs  the window index: of every contig with windows the first; windows of a contig follow each other, contigs
 *                   are ordered by the bytes of contig_id
 *   rejects         records of the input that were not taken: file, line of the header, and why
 * </pre>
 *
 * <p>{@code contigs} and {@code chunks} never change once the file is published; the tables of splits and windows are
 * added to it.
 */
final class GenomeSchema {
    static final String KIND = "genome";
    static final int VERSION = 1;

    /** Bases of a chunk: a window of 8,192 lies in two at most (docs/benchmarks). */
    static final int CHUNK_BASES = 16_384;

    static final CheckedTable CONTIGS =
            new CheckedTable("contigs", "seq_id", List.of("contig_id", "sample_id", "length", "first_chunk", "sha256"));

    static final CheckedTable CHUNKS = new CheckedTable("chunks", "chunk_id", List.of("bases"));

    /** As the manifest sums up the whole table: all columns but the checksum. */
    static final CheckedTable CONTIG_COLUMNS = new CheckedTable(
            "contigs", "seq_id", List.of("seq_id", "contig_id", "sample_id", "length", "first_chunk", "sha256"));

    static final CheckedTable CHUNK_COLUMNS = new CheckedTable("chunks", "chunk_id", List.of("chunk_id", "bases"));

    static final String INSERT_CONTIG = """
            INSERT INTO contigs (seq_id, contig_id, sample_id, length, first_chunk, sha256, row_crc)
            VALUES (?, ?, ?, ?, ?, ?, ?)""";

    static final String INSERT_CHUNK = """
            INSERT INTO chunks (chunk_id, bases, row_crc)
            VALUES (?, ?, ?)""";

    static final String DELETE_CHUNKS = """
            DELETE FROM chunks
            WHERE chunk_id >= ?""";

    static final String INSERT_REJECT = """
            INSERT INTO rejects (file, line, name, reason)
            VALUES (?, ?, ?, ?)""";

    static final Schema SCHEMA = new Schema(
            KIND,
            VERSION,
            Stream.concat(Stream.of("""
                                    CREATE TABLE contigs (
                                      seq_id INTEGER PRIMARY KEY,
                                      contig_id TEXT NOT NULL UNIQUE,
                                      sample_id TEXT NOT NULL,
                                      length INTEGER NOT NULL,
                                      first_chunk INTEGER NOT NULL,
                                      sha256 BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE chunks (
                                      chunk_id INTEGER PRIMARY KEY,
                                      bases BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE contig_splits (
                                      seq_id INTEGER PRIMARY KEY REFERENCES contigs (seq_id),
                                      split TEXT NOT NULL
                                    )""", """
                                    CREATE TABLE window_sets (
                                      set_id INTEGER PRIMARY KEY,
                                      split TEXT NOT NULL UNIQUE,
                                      window_size INTEGER NOT NULL,
                                      stride INTEGER NOT NULL,
                                      window_min_length_threshold INTEGER NOT NULL,
                                      tail TEXT NOT NULL,
                                      total_windows INTEGER NOT NULL,
                                      distinct_sequences INTEGER NOT NULL,
                                      source TEXT NOT NULL,
                                      created TEXT NOT NULL
                                    )""", """
                                    CREATE TABLE window_contigs (
                                      set_id INTEGER NOT NULL REFERENCES window_sets (set_id),
                                      first_window INTEGER NOT NULL,
                                      seq_id INTEGER NOT NULL REFERENCES contigs (seq_id),
                                      windows INTEGER NOT NULL,
                                      PRIMARY KEY (set_id, first_window)
                                    ) WITHOUT ROWID""", """
                                    CREATE TABLE rejects (
                                      reject_id INTEGER PRIMARY KEY,
                                      file TEXT NOT NULL,
                                      line INTEGER NOT NULL,
                                      name TEXT NOT NULL,
                                      reason TEXT NOT NULL
                                    )"""), Manifest.TABLES.stream())
                    .toList(),
            List.of());

    private GenomeSchema() {}
}
