package dev.millrace.bench;

import dev.millrace.graph.Graph;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A seeded database of graphs of the size of PCQM4Mv2's molecules: 14 atoms and 29 directed edges on average, 9 and 3
 * feature columns, one target. They are no molecules.
 *
 * <p>Two tables with the columns of the source document; the target is also kept beside the graph, as a tensor, so that a
 * batch needs no join for one number.
 */
final class SyntheticGraphs {
    static final int NODE_WIDTH = 9;
    static final int EDGE_WIDTH = 3;
    static final int MOST_NODES = 20;
    static final int MOST_EDGES = 2 * (MOST_NODES + 3);

    static final CheckedTable GRAPHS =
            new CheckedTable("graph_structures", "idx", List.of("node_features", "edge_index", "edge_attr", "target"));

    static final Schema SCHEMA = new Schema(
            "synthetic-graphs",
            1,
            Stream.concat(Stream.of("""
                                    CREATE TABLE molecules (
                                      idx INTEGER PRIMARY KEY,
                                      smiles TEXT,
                                      num_atoms INTEGER,
                                      num_bonds INTEGER,
                                      split TEXT,
                                      homo_lumo_gap REAL
                                    )""", """
                                    CREATE TABLE graph_structures (
                                      idx INTEGER PRIMARY KEY REFERENCES molecules (idx),
                                      node_features BLOB NOT NULL,
                                      edge_index BLOB NOT NULL,
                                      edge_attr BLOB NOT NULL,
                                      target BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )"""), Manifest.TABLES.stream()).toList(),
            List.of("CREATE INDEX molecules_split ON molecules (split)"));

    private static final String INSERT_MOLECULE =
            "INSERT INTO molecules (idx, smiles, num_atoms, num_bonds, split, homo_lumo_gap) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String INSERT_GRAPH =
            "INSERT INTO graph_structures (idx, node_features, edge_index, edge_attr, target, row_crc)"
                    + " VALUES (?, ?, ?, ?, ?, ?)";
    private static final int[] NODE_CODES = {119, 5, 12, 12, 10, 6, 6, 2, 2};
    private static final int[] EDGE_CODES = {5, 6, 2};

    private SyntheticGraphs() {}

    /** Writes {@code count} graphs; same seed, same rows. */
    static void write(Path file, int count, long seed) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, SCHEMA)) {
            Database database = build.database();
            RowDigest digest = new RowDigest(GRAPHS);
            try (BulkWriter writer = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
                for (int idx = 0; idx < count; idx++) {
                    writeOne(writer, digest, idx, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + idx));
                }
            }
            Schema.putInfo(database, Map.of("synthetic", "true", "seed", Long.toString(seed)));
            Manifest.write(
                    database,
                    List.of(GRAPHS),
                    Map.of("train", LongStream.range(0, count).toArray()));
            build.publish();
        }
    }

    private static void writeOne(BulkWriter writer, RowDigest digest, int idx, SplittableRandom random) {
        Graph graph = graph(random);
        double gap = 2 + 6 * random.nextDouble();
        TensorBlob target = TensorCodec.ofFloats(new float[] {(float) gap}, Compression.NONE, 1);
        byte[] nodes = graph.nodeFeatures().toBytes();
        byte[] edges = graph.edgeIndex().toBytes();
        byte[] bonds = graph.edgeFeatures().toBytes();
        long crc = digest.of(idx, nodes, edges, bonds, target.toBytes());
        String text = "synthetic-" + Long.toHexString(random.nextLong() | 1L << 63);
        writer.insert(INSERT_MOLECULE, idx, text, graph.nodeCount(), graph.edgeCount() / 2, "train", gap);
        writer.insert(INSERT_GRAPH, idx, nodes, edges, bonds, target.toBytes(), crc);
    }

    /** A random tree with a few rings closed. */
    private static Graph graph(SplittableRandom random) {
        int nodes = 8 + random.nextInt(4) + random.nextInt(4) + random.nextInt(7);
        int rings = random.nextInt(4);
        int bonds = nodes - 1 + rings;
        int[] sources = new int[2 * bonds];
        int[] targets = new int[2 * bonds];
        byte[] bondCodes = new byte[2 * bonds * EDGE_WIDTH];
        for (int bond = 0; bond < bonds; bond++) {
            int from = bond < nodes - 1 ? Math.max(0, bond - random.nextInt(3)) : random.nextInt(nodes / 2);
            int to = bond < nodes - 1 ? bond + 1 : nodes / 2 + random.nextInt(nodes - nodes / 2);
            sources[2 * bond] = from;
            targets[2 * bond] = to;
            sources[2 * bond + 1] = to;
            targets[2 * bond + 1] = from;
            for (int column = 0; column < EDGE_WIDTH; column++) {
                byte code = (byte) random.nextInt(EDGE_CODES[column]);
                bondCodes[2 * bond * EDGE_WIDTH + column] = code;
                bondCodes[(2 * bond + 1) * EDGE_WIDTH + column] = code;
            }
        }
        byte[] nodeCodes = new byte[nodes * NODE_WIDTH];
        for (int i = 0; i < nodeCodes.length; i++) {
            nodeCodes[i] = (byte) random.nextInt(NODE_CODES[i % NODE_WIDTH]);
        }
        return Graph.of(nodes, NODE_WIDTH, nodeCodes, sources, targets, EDGE_WIDTH, bondCodes);
    }
}
