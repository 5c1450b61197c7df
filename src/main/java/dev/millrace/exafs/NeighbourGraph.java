package dev.millrace.exafs;

import dev.millrace.graph.Graph;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.util.ArrayList;
import java.util.List;

/** An absorber and its neighbours as a graph: see {@link ExafsAtomDataset}. */
final class NeighbourGraph {
    static final int NODE_WIDTH = 3;
    static final int EDGE_WIDTH = 1;

    private NeighbourGraph() {}

    /** One direction of an edge. */
    private record Edge(int source, int target, double length) {}

    static Graph of(ExafsAtomRow row, double cutoff) {
        List<ExafsAtomRow.Neighbour> neighbours = row.neighbours();
        float[] nodes = new float[NODE_WIDTH * (neighbours.size() + 1)];
        nodes[0] = row.atomicNumber();
        List<Edge> edges = new ArrayList<>();
        for (int i = 0; i < neighbours.size(); i++) {
            ExafsAtomRow.Neighbour one = neighbours.get(i);
            nodes[NODE_WIDTH * (i + 1)] = one.atomicNumber();
            nodes[NODE_WIDTH * (i + 1) + 1] = (float) one.distance();
            nodes[NODE_WIDTH * (i + 1) + 2] = (float) one.degeneracy();
            addBoth(edges, 0, i + 1, one.distance());
            for (int j = 0; j < i; j++) {
                double length = one.distance(neighbours.get(j));
                if (length <= cutoff) {
                    addBoth(edges, j + 1, i + 1, length);
                }
            }
        }
        int[] ends = new int[2 * edges.size()];
        float[] lengths = new float[edges.size()];
        for (int i = 0; i < lengths.length; i++) {
            Edge edge = edges.get(i);
            ends[i] = edge.source;
            ends[lengths.length + i] = edge.target;
            lengths[i] = (float) edge.length;
        }
        return new Graph(
                TensorCodec.ofFloats(nodes, Compression.NONE, neighbours.size() + 1, NODE_WIDTH),
                TensorCodec.ofIndices(ends, 2, lengths.length),
                TensorCodec.ofFloats(lengths, Compression.NONE, lengths.length, EDGE_WIDTH));
    }

    private static void addBoth(List<Edge> edges, int one, int other, double length) {
        edges.add(new Edge(one, other, length));
        edges.add(new Edge(other, one, length));
    }
}
