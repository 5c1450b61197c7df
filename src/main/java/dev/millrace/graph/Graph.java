package dev.millrace.graph;

import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;

/**
 * One graph with {@code N} nodes and {@code E} directed edges.
 *
 * <pre>
 *   nodeFeatures  [N, Fn]  N ≥ 1
 *   edgeIndex     [2, E]   unsigned integers: source row, target row; each value below N
 *   edgeFeatures  [E, Fe]  same order as edgeIndex
 * </pre>
 *
 * <p>The constructor checks ranks and row counts from the headers; edge values are checked when they are read into a batch
 * (or by {@link #checkEdges()}); misfits throw {@link MalformedGraphException}. Immutable, thread-safe.
 */
public record Graph(TensorBlob nodeFeatures, TensorBlob edgeIndex, TensorBlob edgeFeatures) {
    public Graph {
        require(nodeFeatures.rank() == 2 && nodeFeatures.dim(0) > 0, "node features [N ≥ 1, F]", nodeFeatures);
        require(
                edgeIndex.rank() == 2
                        && edgeIndex.dim(0) == 2
                        && !edgeIndex.type().isFloating(),
                "edge index, integer [2, E]",
                edgeIndex);
        require(
                edgeFeatures.rank() == 2 && edgeFeatures.dim(0) == edgeIndex.dim(1),
                "edge features [" + edgeIndex.dim(1) + ", F]",
                edgeFeatures);
    }

    /**
     * Makes a graph from feature codes.
     *
     * @param nodeFeatures {@code nodeCount × nodeWidth} unsigned bytes, row-major
     * @param sources source node of each directed edge
     * @param targets target node of each directed edge, same length
     * @param edgeFeatures {@code sources.length × edgeWidth} unsigned bytes, row-major
     * @throws MalformedGraphException if an edge names a node outside the graph
     */
    public static Graph of(
            int nodeCount,
            int nodeWidth,
            byte[] nodeFeatures,
            int[] sources,
            int[] targets,
            int edgeWidth,
            byte[] edgeFeatures) {
        int[] index = new int[2 * sources.length];
        System.arraycopy(sources, 0, index, 0, sources.length);
        System.arraycopy(targets, 0, index, sources.length, sources.length);
        Graph graph = new Graph(
                TensorCodec.ofUnsignedBytes(nodeFeatures, nodeCount, nodeWidth),
                TensorCodec.ofIndices(index, 2, sources.length),
                TensorCodec.ofUnsignedBytes(edgeFeatures, sources.length, edgeWidth));
        graph.checkEdges();
        return graph;
    }

    /** {@code N}. */
    public int nodeCount() {
        return nodeFeatures.dim(0);
    }

    /** {@code E}, each direction counted. */
    public int edgeCount() {
        return edgeIndex.dim(1);
    }

    /**
     * Reads all edges once.
     *
     * @throws MalformedGraphException if one names a node outside the graph
     */
    public void checkEdges() {
        if (edgeIndex.max() < nodeCount()) {
            return;
        }
        for (long node : edgeIndex.toLongs()) {
            if (node < 0 || node >= nodeCount()) {
                throw new MalformedGraphException("Malformed graph: expected edges between nodes 0.."
                        + (nodeCount() - 1) + ", found node " + node + ".");
            }
        }
    }

    private static void require(boolean holds, String expected, TensorBlob found) {
        if (!holds) {
            throw new MalformedGraphException("Malformed graph: expected " + expected + ", found " + found + ".");
        }
    }
}
