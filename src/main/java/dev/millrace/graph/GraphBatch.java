package dev.millrace.graph;

import dev.millrace.Internal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The disjoint union of {@code B} graphs as one graph of {@code N} nodes and {@code E} directed edges, in the order given.
 *
 * <p>Shapes are known from the headers alone; each {@code write} then fills one little-endian buffer of exactly the size
 * that its shape needs, decoding every graph once. Immutable; one thread at a time per target buffer.
 */
@Internal
public final class GraphBatch {
    private final List<Graph> graphs;
    private final int nodeCount;
    private final int edgeCount;
    private final int nodeWidth;
    private final int edgeWidth;

    private GraphBatch(List<Graph> graphs, int nodeCount, int edgeCount) {
        this.graphs = graphs;
        this.nodeCount = nodeCount;
        this.edgeCount = edgeCount;
        this.nodeWidth = graphs.get(0).nodeFeatures().dim(1);
        this.edgeWidth = graphs.get(0).edgeFeatures().dim(1);
    }

    /**
     * Sums the shapes of at least one graph.
     *
     * @throws MalformedGraphException if feature widths differ
     */
    public static GraphBatch of(List<Graph> graphs) {
        int nodes = 0;
        int edges = 0;
        for (Graph graph : graphs) {
            nodes = Math.addExact(nodes, graph.nodeCount());
            edges = Math.addExact(edges, graph.edgeCount());
        }
        GraphBatch batch = new GraphBatch(graphs, nodes, edges);
        for (Graph graph : graphs) {
            batch.requireWidths(graph);
        }
        return batch;
    }

    /** {@code B}. */
    public int graphCount() {
        return graphs.size();
    }

    /** {@code N}, over all graphs. */
    public int nodeCount() {
        return nodeCount;
    }

    /** {@code E}, over all graphs, each direction counted. */
    public int edgeCount() {
        return edgeCount;
    }

    /** Columns of the node features. */
    public int nodeWidth() {
        return nodeWidth;
    }

    /** Columns of the edge features. */
    public int edgeWidth() {
        return edgeWidth;
    }

    /** Fills float32 [N, nodeWidth]. */
    public void writeNodesAsFloats(ByteBuffer target) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.nodeFeatures().putFloats(out);
        }
    }

    /** Fills float32 [N, width]: the first columns, then zeros where there are fewer. */
    public void writeNodesAsFloats(ByteBuffer target, int width) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.nodeFeatures().putFloats(out, width);
        }
    }

    /** Fills int64 [N, nodeWidth]. */
    public void writeNodesAsLongs(ByteBuffer target) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.nodeFeatures().putLongs(out, 0, graph.nodeFeatures().elementCount(), 0);
        }
    }

    /** Fills float32 [E, edgeWidth]. */
    public void writeEdgeFeaturesAsFloats(ByteBuffer target) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.edgeFeatures().putFloats(out);
        }
    }

    /** Fills float32 [E, width]: the first columns, then zeros where there are fewer. */
    public void writeEdgeFeaturesAsFloats(ByteBuffer target, int width) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.edgeFeatures().putFloats(out, width);
        }
    }

    /** Fills int64 [E, edgeWidth]. */
    public void writeEdgeFeaturesAsLongs(ByteBuffer target) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            graph.edgeFeatures().putLongs(out, 0, graph.edgeFeatures().elementCount(), 0);
        }
    }

    /**
     * Fills int64 [2, E]: source rows, then target rows, each shifted to the nodes of its graph in this batch.
     *
     * @throws MalformedGraphException if an edge names a node outside its graph
     */
    public void writeEdges(ByteBuffer target) {
        ByteBuffer sources = little(target);
        ByteBuffer targets = little(target);
        targets.position(targets.position() + edgeCount * Long.BYTES);
        int firstNode = 0;
        for (Graph graph : graphs) {
            int edges = graph.edgeCount();
            long largestSource = graph.edgeIndex().putLongs(sources, 0, edges, firstNode);
            long largestTarget = graph.edgeIndex().putLongs(targets, edges, 2 * edges, firstNode);
            if (Math.max(largestSource, largestTarget) >= graph.nodeCount()) {
                graph.checkEdges();
            }
            firstNode += graph.nodeCount();
        }
    }

    /** Fills int64 [N]: the position 0 … B − 1 of the graph that each node belongs to. */
    public void writeGraphOf(ByteBuffer target) {
        ByteBuffer out = little(target);
        int position = 0;
        for (Graph graph : graphs) {
            for (int node = graph.nodeCount(); node > 0; node--) {
                out.putLong(position);
            }
            position++;
        }
    }

    /** Fills int64 [B]: nodes of each graph. */
    public void writeNodeCounts(ByteBuffer target) {
        ByteBuffer out = little(target);
        for (Graph graph : graphs) {
            out.putLong(graph.nodeCount());
        }
    }

    private void requireWidths(Graph graph) {
        if (graph.nodeFeatures().dim(1) != nodeWidth || graph.edgeFeatures().dim(1) != edgeWidth) {
            throw new MalformedGraphException("Cannot batch graphs: expected " + nodeWidth + " node and " + edgeWidth
                    + " edge features, found " + graph.nodeFeatures().dim(1) + " and "
                    + graph.edgeFeatures().dim(1) + ".");
        }
    }

    private static ByteBuffer little(ByteBuffer target) {
        return target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
