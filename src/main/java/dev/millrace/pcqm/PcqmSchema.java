package dev.millrace.pcqm;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables of a PCQM4Mv2 database: the three of the source document with its column names, and what Millrace adds.
 *
 * <pre>
 *   molecules         one row per molecule that could be read; idx is the data set's own; homo_lumo_gap in eV, NULL when the
 *                     input has none or no number
 *   graph_structures  layout rows: the same molecules; node_features uint8 [N, Fn], edge_index [2, E], edge_attr uint8
 *                     [E, Fe] or NULL when the input has none, target float32 [T], NULL without a label
 *   graph_blocks      layout blocks: many rows of graph_structures in one, all of one split, ascending; first_idx is the
 *                     first of them, graphs is a {@link dev.millrace.sqlite.RowBlock}. Every block of a split has
 *                     dataset_info.graphs_per_block graphs except its last
 *   dataset_stats     numbers as text, see {@link PcqmStatistics}
 *   rejects           what could not be read: its record number in the input from 0, and why
 * </pre>
 *
 * <p>A file has one layout, {@code dataset_info.layout}; the other layout's table is empty. BLOBs of
 * {@code graph_structures} are tensors, see {@link dev.millrace.tensor.TensorCodec}. {@code target} repeats the gap (with
 * further targets after it, if the input has any), so that a batch needs no join for one number.
 */
final class PcqmSchema {
    static final String KIND = "pcqm";
    static final int VERSION = 1;

    /** What a training batch reads, in the order of its slots. Rows in blocks have the checksums of this table. */
    static final CheckedTable GRAPHS =
            new CheckedTable("graph_structures", "idx", List.of("node_features", "edge_index", "edge_attr", "target"));

    static final CheckedTable BLOCKS = new CheckedTable("graph_blocks", "first_idx", List.of("graphs"));

    /** The large tables with all their columns but the checksum, for sums made while rows go in. */
    static final CheckedTable MOLECULE_COLUMNS = new CheckedTable(
            "molecules", "idx", List.of("idx", "smiles", "num_atoms", "num_bonds", "split", "homo_lumo_gap"));

    static final CheckedTable GRAPH_COLUMNS = new CheckedTable(
            "graph_structures", "idx", List.of("idx", "node_features", "edge_index", "edge_attr", "target"));

    static final CheckedTable BLOCK_COLUMNS =
            new CheckedTable("graph_blocks", "first_idx", List.of("first_idx", "split", "graph_count", "graphs"));

    static final Schema SCHEMA = new Schema(
            KIND,
            VERSION,
            Stream.concat(Stream.of("""
                                    CREATE TABLE molecules (
                                      idx INTEGER PRIMARY KEY,
                                      smiles TEXT,
                                      num_atoms INTEGER NOT NULL,
                                      num_bonds INTEGER NOT NULL,
                                      split TEXT NOT NULL,
                                      homo_lumo_gap REAL
                                    )""", """
                                    CREATE TABLE graph_structures (
                                      idx INTEGER PRIMARY KEY REFERENCES molecules (idx),
                                      node_features BLOB NOT NULL,
                                      edge_index BLOB NOT NULL,
                                      edge_attr BLOB,
                                      target BLOB,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE graph_blocks (
                                      first_idx INTEGER PRIMARY KEY REFERENCES molecules (idx),
                                      split TEXT NOT NULL,
                                      graph_count INTEGER NOT NULL,
                                      graphs BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE dataset_stats (
                                      key TEXT PRIMARY KEY,
                                      value TEXT NOT NULL
                                    ) WITHOUT ROWID""", """
                                    CREATE TABLE rejects (
                                      record INTEGER PRIMARY KEY,
                                      idx INTEGER,
                                      reason TEXT NOT NULL,
                                      detail TEXT NOT NULL
                                    )"""), Manifest.TABLES.stream())
                    .toList(),
            List.of(
                    "CREATE INDEX molecules_split ON molecules (split)",
                    // What labelled training leaves out, without a look at the rest.
                    "CREATE INDEX molecules_unlabelled ON molecules (split) WHERE homo_lumo_gap IS NULL"));

    static final String INSERT_MOLECULE = """
            INSERT INTO molecules (idx, smiles, num_atoms, num_bonds, split, homo_lumo_gap)
            VALUES (?, ?, ?, ?, ?, ?)""";

    static final String INSERT_GRAPH = """
            INSERT INTO graph_structures (idx, node_features, edge_index, edge_attr, target, row_crc)
            VALUES (?, ?, ?, ?, ?, ?)""";

    static final String INSERT_BLOCK = """
            INSERT INTO graph_blocks (first_idx, split, graph_count, graphs, row_crc)
            VALUES (?, ?, ?, ?, ?)""";

    static final String DELETE_BLOCK = "DELETE FROM graph_blocks WHERE first_idx = ?";

    /** Of a split, the block with the largest ids. */
    static final String SELECT_LAST_BLOCK = """
            SELECT first_idx, graph_count, graphs, row_crc
            FROM graph_blocks
            WHERE split = ?
            ORDER BY first_idx DESC
            LIMIT 1""";

    /** What is there of an idx, enough to tell a molecule; the checksum in layout rows only. */
    static final String SELECT_STORED = """
            SELECT m.smiles, m.num_atoms, m.num_bonds, m.homo_lumo_gap, g.row_crc
            FROM molecules m
            LEFT JOIN graph_structures g ON g.idx = m.idx
            WHERE m.idx = ?""";

    static final String INSERT_STATISTIC = "INSERT INTO dataset_stats (key, value) VALUES (?, ?)";

    static final String INSERT_REJECT = "INSERT INTO rejects (record, idx, reason, detail) VALUES (?, ?, ?, ?)";

    private PcqmSchema() {}
}
