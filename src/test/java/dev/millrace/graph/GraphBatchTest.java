package dev.millrace.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch is the union that one would write by hand, edge by edge. */
class GraphBatchTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 128})
    void write_randomGraphs_equalsTheNaiveUnion(int count) {
        Random random = new Random(count);
        List<Graph> graphs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            graphs.add(random(random, 1 + random.nextInt(i % 10 == 9 ? 400 : 30)));
        }
        GraphBatch batch = GraphBatch.of(graphs);

        List<Long> nodes = new ArrayList<>();
        List<Long> sources = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        List<Long> bonds = new ArrayList<>();
        List<Long> graphOf = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        for (Graph graph : graphs) {
            long first = graphOf.size();
            long[] edges = graph.edgeIndex().toLongs();
            for (int e = 0; e < graph.edgeCount(); e++) {
                sources.add(first + edges[e]);
                targets.add(first + edges[graph.edgeCount() + e]);
            }
            for (long value : graph.nodeFeatures().toLongs()) {
                nodes.add(value);
            }
            for (long value : graph.edgeFeatures().toLongs()) {
                bonds.add(value);
            }
            for (int n = 0; n < graph.nodeCount(); n++) {
                graphOf.add((long) counts.size());
            }
            counts.add((long) graph.nodeCount());
        }
        sources.addAll(targets);

        assertThat(batch.graphCount()).isEqualTo(count);
        assertThat(batch.nodeCount()).isEqualTo(graphOf.size());
        assertThat(longs(sources.size(), batch::writeEdges)).isEqualTo(sources);
        assertThat(longs(nodes.size(), batch::writeNodesAsLongs)).isEqualTo(nodes);
        assertThat(longs(bonds.size(), batch::writeEdgeFeaturesAsLongs)).isEqualTo(bonds);
        assertThat(longs(graphOf.size(), batch::writeGraphOf)).isEqualTo(graphOf);
        assertThat(longs(counts.size(), batch::writeNodeCounts)).isEqualTo(counts);
        assertThat(floats(nodes.size(), batch::writeNodesAsFloats)).isEqualTo(asFloats(nodes));
        assertThat(floats(bonds.size(), batch::writeEdgeFeaturesAsFloats)).isEqualTo(asFloats(bonds));
    }

    @Test
    void write_graphsWithoutEdges_givesShapesOfZeroRows() {
        Graph lone = Graph.of(1, 2, new byte[] {4, 5}, new int[0], new int[0], 3, new byte[0]);
        GraphBatch batch = GraphBatch.of(List.of(lone, lone));

        assertThat(batch.edgeCount()).isZero();
        assertThat(batch.edgeWidth()).isEqualTo(3);
        assertThat(longs(0, batch::writeEdges)).isEmpty();
        assertThat(longs(2, batch::writeGraphOf)).containsExactly(0L, 1L);
        assertThat(longs(4, batch::writeNodesAsLongs)).containsExactly(4L, 5L, 4L, 5L);
    }

    @Test
    void of_edgeToANodeThatIsNotThere_namesTheNode() {
        assertThatThrownBy(() -> Graph.of(2, 1, new byte[2], new int[] {0}, new int[] {2}, 1, new byte[1]))
                .isInstanceOf(MalformedGraphException.class)
                .hasMessage("Malformed graph: expected edges between nodes 0..1, found node 2.");
    }

    @Test
    void writeEdges_storedEdgeOutsideItsGraph_isRefusedEvenIfInsideTheBatch() {
        Graph sound = Graph.of(3, 1, new byte[3], new int[] {0}, new int[] {2}, 1, new byte[1]);
        Graph wrong =
                new Graph(sound.nodeFeatures(), TensorCodec.ofIndices(new int[] {0, 3}, 2, 1), sound.edgeFeatures());

        assertThatThrownBy(() -> longs(6, GraphBatch.of(List.of(wrong, sound, sound))::writeEdges))
                .isInstanceOf(MalformedGraphException.class)
                .hasMessageContaining("expected edges between nodes 0..2, found node 3");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE})
    void writeEdges_storedNegativeEdge_isRefused(int node) {
        Graph sound = Graph.of(3, 1, new byte[3], new int[] {0}, new int[] {2}, 1, new byte[1]);
        byte[] raw = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .putInt(node)
                .array();
        Graph wrong = new Graph(
                sound.nodeFeatures(),
                TensorCodec.encode(DType.INT32, raw, Compression.NONE, 2, 1),
                sound.edgeFeatures());

        assertThatThrownBy(() -> longs(4, GraphBatch.of(List.of(sound, wrong))::writeEdges))
                .isInstanceOf(MalformedGraphException.class)
                .hasMessageContaining("expected edges between nodes 0..2, found node " + node);
    }

    @Test
    void of_tensorsThatAreNoGraph_namesExpectedAndFound() {
        TensorBlob nodes = TensorCodec.ofUnsignedBytes(new byte[4], 2, 2);
        TensorBlob edges = TensorCodec.ofIndices(new int[] {0, 1}, 2, 1);
        TensorBlob bonds = TensorCodec.ofUnsignedBytes(new byte[3], 1, 3);
        TensorBlob floats = TensorCodec.ofFloats(new float[2], Compression.NONE, 2, 1);
        TensorBlob none = TensorCodec.ofUnsignedBytes(new byte[0], 0, 2);
        TensorBlob flat = TensorCodec.ofUnsignedBytes(new byte[4], 4);

        assertMalformed(() -> new Graph(flat, edges, bonds), "node features", "UINT8[4]");
        assertMalformed(() -> new Graph(none, edges, bonds), "node features", "UINT8[0, 2]");
        assertMalformed(() -> new Graph(nodes, floats, bonds), "edge index", "FLOAT32[2, 1]");
        assertMalformed(() -> new Graph(nodes, bonds, bonds), "edge index", "UINT8[1, 3]");
        assertMalformed(() -> new Graph(nodes, edges, nodes), "edge features [1, F]", "UINT8[2, 2]");
    }

    @Test
    void of_graphsOfOtherWidths_namesBoth() {
        Graph narrow = Graph.of(1, 2, new byte[2], new int[0], new int[0], 3, new byte[0]);
        Graph wide = Graph.of(1, 4, new byte[4], new int[0], new int[0], 3, new byte[0]);

        assertMalformed(() -> GraphBatch.of(List.of(narrow, wide)), "expected 2 node and 3", "found 4 and 3");
    }

    private static void assertMalformed(Runnable work, String expected, String found) {
        assertThatThrownBy(work::run)
                .isInstanceOf(MalformedGraphException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(found);
    }

    /** The buffer is big-endian and has room before and after: writers must set the order and keep to their window. */
    private static List<Long> longs(int count, Consumer<ByteBuffer> writer) {
        ByteBuffer target = filled(count * Long.BYTES, writer);
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(target.getLong(8 + i * Long.BYTES));
        }
        return values;
    }

    private static List<Float> floats(int count, Consumer<ByteBuffer> writer) {
        ByteBuffer target = filled(count * Float.BYTES, writer);
        List<Float> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(target.getFloat(8 + i * Float.BYTES));
        }
        return values;
    }

    private static ByteBuffer filled(int bytes, Consumer<ByteBuffer> writer) {
        ByteBuffer target = ByteBuffer.allocate(8 + bytes + 8);
        writer.accept(target.position(8).limit(8 + bytes));
        target.clear().order(ByteOrder.LITTLE_ENDIAN);
        assertThat(target.getLong(0)).isZero();
        assertThat(target.getLong(8 + bytes)).isZero();
        return target;
    }

    private static List<Float> asFloats(List<Long> values) {
        return values.stream().map(Long::floatValue).toList();
    }

    private static Graph random(Random random, int nodeCount) {
        int edgeCount = random.nextInt(2 * nodeCount);
        byte[] nodes = new byte[nodeCount * 4];
        byte[] bonds = new byte[edgeCount * 3];
        random.nextBytes(nodes);
        random.nextBytes(bonds);
        int[] sources = random.ints(edgeCount, 0, nodeCount).toArray();
        int[] targets = random.ints(edgeCount, 0, nodeCount).toArray();
        return Graph.of(nodeCount, 4, nodes, sources, targets, 3, bonds);
    }
}
