package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.Internal;
import dev.millrace.graph.Graph;
import dev.millrace.graph.GraphBatch;
import java.util.List;

/**
 * The arrays of a batch of graphs, the same in every domain that has graphs. For {@code B} graphs with {@code N} nodes and
 * {@code E} directed edges in total:
 *
 * <pre>
 *   [0] nodes       float32 or int64 [N, Fn]  node features, or their codes for embeddings
 *   [1] edges       int64 [2, E]              source row, target row, shifted into the batch
 *   [2] bonds       as nodes         [E, Fe]  edge features, same order as edges
 *   [3] graphOf     int64 [N]                 place of the graph of every node, 0 … B − 1
 *   [4] nodeCounts  int64 [B]                 nodes of every graph
 * </pre>
 */
@Internal
public final class GraphArrays {
    private GraphArrays() {}

    /**
     * Makes the five arrays.
     *
     * @param features {@link DataType#FLOAT32} or {@link DataType#INT64}, for nodes and bonds
     * @throws dev.millrace.graph.MalformedGraphException if a graph is not one, or widths differ
     */
    public static NDList of(NDManager manager, List<Graph> graphs, DataType features) {
        GraphBatch batch = GraphBatch.of(graphs);
        Shape nodes = new Shape(batch.nodeCount(), batch.nodeWidth());
        Shape bonds = new Shape(batch.edgeCount(), batch.edgeWidth());
        boolean codes = features == DataType.INT64;
        return list(
                manager,
                batch,
                NdArrays.filled(manager, nodes, features, codes ? batch::writeNodesAsLongs : batch::writeNodesAsFloats),
                NdArrays.filled(
                        manager,
                        bonds,
                        features,
                        codes ? batch::writeEdgeFeaturesAsLongs : batch::writeEdgeFeaturesAsFloats));
    }

    /**
     * Makes the five arrays with float32 features of given widths: zeros after those that the graphs have, or the first ones of
     * more.
     *
     * @throws dev.millrace.graph.MalformedGraphException if a graph is not one, or widths of the graphs differ
     */
    public static NDList ofFloats(NDManager manager, List<Graph> graphs, int nodeWidth, int edgeWidth) {
        GraphBatch batch = GraphBatch.of(graphs);
        if (batch.nodeWidth() == nodeWidth && batch.edgeWidth() == edgeWidth) {
            return of(manager, graphs, DataType.FLOAT32);
        }
        return list(
                manager,
                batch,
                NdArrays.filled(
                        manager,
                        new Shape(batch.nodeCount(), nodeWidth),
                        DataType.FLOAT32,
                        out -> batch.writeNodesAsFloats(out, nodeWidth)),
                NdArrays.filled(
                        manager,
                        new Shape(batch.edgeCount(), edgeWidth),
                        DataType.FLOAT32,
                        out -> batch.writeEdgeFeaturesAsFloats(out, edgeWidth)));
    }

    /** The five arrays of no graph, with features of given widths. */
    public static NDList none(NDManager manager, DataType features, int nodeWidth, int edgeWidth) {
        return new NDList(
                NdArrays.empty(manager, new Shape(0, nodeWidth), features),
                NdArrays.empty(manager, new Shape(2, 0), DataType.INT64),
                NdArrays.empty(manager, new Shape(0, edgeWidth), features),
                NdArrays.empty(manager, new Shape(0), DataType.INT64),
                NdArrays.empty(manager, new Shape(0), DataType.INT64));
    }

    private static NDList list(NDManager manager, GraphBatch batch, NDArray nodes, NDArray bonds) {
        return new NDList(
                nodes,
                NdArrays.filled(manager, new Shape(2, batch.edgeCount()), DataType.INT64, batch::writeEdges),
                bonds,
                NdArrays.filled(manager, new Shape(batch.nodeCount()), DataType.INT64, batch::writeGraphOf),
                NdArrays.filled(manager, new Shape(batch.graphCount()), DataType.INT64, batch::writeNodeCounts));
    }
}
