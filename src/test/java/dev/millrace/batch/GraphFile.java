package dev.millrace.batch;

import dev.millrace.graph.Graph;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CheckedTable;
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
 * A small database of graphs in one table and their targets in another. Ids are 10, 20, 30, …; every target holds the id of
 * its row, so that a batch shows which rows it has.
 */
final class GraphFile {
    static final int NODE_WIDTH = 4;
    static final int EDGE_WIDTH = 2;
    static final int TARGET_WIDTH = 40;

    static final CheckedTable GRAPHS =
            new CheckedTable("graphs", "id", List.of("node_features", "edge_index", "edge_features"));
    static final CheckedTable TARGETS = new CheckedTable("targets", "graph_id", List.of("target", "weight"));
    static final List<CheckedTable> TABLES = List.of(GRAPHS, TARGETS);

    static final Schema SCHEMA = new Schema(
            "test-graphs",
            1,
            Stream.concat(Stream.of("""
                                    CREATE TABLE graphs (
                                      id INTEGER PRIMARY KEY,
                                      node_features BLOB NOT NULL,
                                      edge_index BLOB NOT NULL,
                                      edge_features BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE targets (
                                      graph_id INTEGER PRIMARY KEY REFERENCES graphs (id),
                                      target BLOB NOT NULL,
                                      weight BLOB,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE names (
                                      id INTEGER PRIMARY KEY,
                                      name TEXT,
                                      mass REAL
                                    )"""), Manifest.TABLES.stream()).toList(),
            List.of("CREATE INDEX names_name ON names (name)"));

    private GraphFile() {}

    static long id(int position) {
        return 10L * (position + 1);
    }

    /** Writes {@code count} graphs, 80 % of them in train and 10 % each in val and test. */
    static Path write(Path file, int count) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, SCHEMA)) {
            RowDigest graphDigest = new RowDigest(GRAPHS);
            RowDigest targetDigest = new RowDigest(TARGETS);
            try (BulkWriter writer = new BulkWriter(build.database(), BulkWriter.DEFAULT_ROWS)) {
                for (int position = 0; position < count; position++) {
                    long id = id(position);
                    Graph graph = graph(id);
                    byte[] nodes = graph.nodeFeatures().toBytes();
                    byte[] edges = graph.edgeIndex().toBytes();
                    byte[] bonds = graph.edgeFeatures().toBytes();
                    byte[] target = target(id).toBytes();
                    byte[] weight = position % 3 == 0
                            ? null
                            : TensorCodec.ofFloats(new float[] {position}, Compression.NONE, 1)
                                    .toBytes();
                    writer.insert(
                            "INSERT INTO graphs (id, node_features, edge_index, edge_features, row_crc)"
                                    + " VALUES (?, ?, ?, ?, ?)",
                            id,
                            nodes,
                            edges,
                            bonds,
                            graphDigest.of(id, nodes, edges, bonds));
                    writer.insert(
                            "INSERT INTO targets (graph_id, target, weight, row_crc) VALUES (?, ?, ?, ?)",
                            id,
                            target,
                            weight,
                            targetDigest.of(id, target, weight));
                    writer.insert("INSERT INTO names (id, name, mass) VALUES (?, ?, ?)", id, "graph " + id, id / 7.0);
                }
            }
            Manifest.write(
                    build.database(),
                    TABLES,
                    Map.of(
                            "train", ids(0, count * 8 / 10),
                            "val", ids(count * 8 / 10, count * 9 / 10),
                            "test", ids(count * 9 / 10, count)));
            build.publish();
        }
        return file;
    }

    /** The graph of an id; every tenth has no edges. */
    static Graph graph(long id) {
        SplittableRandom random = new SplittableRandom(id);
        int nodes = 2 + random.nextInt(20);
        int edges = id % 100 == 0 ? 0 : 2 * nodes;
        byte[] nodeCodes = new byte[nodes * NODE_WIDTH];
        byte[] edgeCodes = new byte[edges * EDGE_WIDTH];
        random.nextBytes(nodeCodes);
        random.nextBytes(edgeCodes);
        int[] sources = random.ints(edges, 0, nodes).toArray();
        int[] targets = random.ints(edges, 0, nodes).toArray();
        return Graph.of(nodes, NODE_WIDTH, nodeCodes, sources, targets, EDGE_WIDTH, edgeCodes);
    }

    /** float32 [40]: the id, then zeros and a few numbers, so that LZ4 has something to do. */
    static TensorBlob target(long id) {
        float[] values = new float[TARGET_WIDTH];
        values[0] = id;
        values[7] = id % 13;
        values[31] = 1;
        return TensorCodec.ofFloats(values, Compression.LZ4, TARGET_WIDTH);
    }

    private static long[] ids(int from, int to) {
        return LongStream.range(from, to).map(position -> id((int) position)).toArray();
    }
}
