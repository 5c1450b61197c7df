package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.translate.Batchifier;

/**
 * Joins and divides batches of graphs, which have no batch axis that DJL could cut: {@link #GRAPHS} for the five arrays of
 * {@link GraphArrays}, {@link #ROWS} for labels and everything else with one row per graph.
 *
 * <p>Both divide at the same graphs: part {@code i} of {@code n} has the graphs {@code B·i/n} … {@code B·(i+1)/n − 1}, so that
 * parts differ by one graph at most. A batch of fewer graphs than parts asked for gives one part per graph, as DJL's own
 * batchifiers do: no part is empty. Edges and graph numbers of a part begin at 0.
 *
 * <p>With these, {@code Batch.split(devices, …)} and so DJL's training on several devices work on graphs. DJL adds the
 * gradients of the devices up: with a loss that is a mean, {@code n} devices take steps {@code n} times as long.
 *
 * <p>Results are attached to the manager of the first array given, and may share its memory; {@code Batch.split} copies
 * them. Dividing reads node counts and edges on the host: cheap for a batch on the CPU, where datasets make
 * them. Immutable, thread-safe.
 */
public enum GraphBatchifier implements Batchifier {
    /** Nodes, edges, bonds, graph of every node, nodes of every graph. */
    GRAPHS {
        @Override
        public NDList batchify(NDList[] inputs) {
            return join(inputs);
        }

        @Override
        NDList[] cut(NDList whole, int[] bounds) {
            return divide(whole, bounds);
        }

        @Override
        int graphs(NDList whole) {
            if (whole.size() != ARRAYS) {
                throw new IllegalArgumentException("Cannot divide a batch of graphs: expected " + ARRAYS
                        + " arrays (nodes, edges, bonds, graphOf, nodeCounts), found " + whole.size() + ".");
            }
            return Math.toIntExact(whole.get(NODE_COUNTS).size());
        }
    },

    /** One row per graph on the first axis of each array, which is kept. */
    ROWS {
        @Override
        public NDList batchify(NDList[] inputs) {
            NDList joined = new NDList();
            for (int slot = 0; slot < inputs[0].size(); slot++) {
                joined.add(concat(inputs, slot, 0));
            }
            return joined;
        }

        @Override
        NDList[] cut(NDList whole, int[] bounds) {
            NDList[] parts = new NDList[bounds.length - 1];
            for (int part = 0; part < parts.length; part++) {
                parts[part] = new NDList();
                for (NDArray array : whole) {
                    parts[part].add(rows(array, bounds[part], bounds[part + 1]));
                }
            }
            return parts;
        }

        @Override
        int graphs(NDList whole) {
            int rows = Math.toIntExact(whole.head().getShape().get(0));
            for (NDArray array : whole) {
                if (array.getShape().dimension() == 0 || array.getShape().get(0) != rows) {
                    throw new IllegalArgumentException(
                            "Cannot divide a batch: expected " + rows + " rows in each array, found shapes "
                                    + java.util.Arrays.toString(whole.getShapes()) + ".");
                }
            }
            return rows;
        }
    };

    private static final int ARRAYS = 5;
    private static final int NODES = 0;
    static final int EDGES = 1;
    private static final int BONDS = 2;
    private static final int GRAPH_OF = 3;
    static final int NODE_COUNTS = 4;

    /** Parts at the given graphs; bounds ascend from 0 to the number of graphs. */
    abstract NDList[] cut(NDList whole, int[] bounds);

    abstract int graphs(NDList whole);

    /** One part per graph. */
    @Override
    public NDList[] unbatchify(NDList inputs) {
        return cut(inputs, bounds(graphs(inputs), graphs(inputs)));
    }

    /** @throws IllegalArgumentException if parts shall be even and the number of graphs is no multiple of theirs */
    @Override
    public NDList[] split(NDList list, int numOfSlices, boolean evenSplit) {
        int graphs = graphs(list);
        if (evenSplit && graphs % numOfSlices != 0) {
            throw new IllegalArgumentException("Cannot divide a batch evenly: expected a multiple of " + numOfSlices
                    + " graphs, found " + graphs + ". Choose such a batch size, or uneven parts.");
        }
        return cut(list, bounds(graphs, Math.min(numOfSlices, graphs)));
    }

    private static int[] bounds(int graphs, int parts) {
        int[] bounds = new int[parts + 1];
        for (int part = 0; part <= parts; part++) {
            bounds[part] = Math.toIntExact((long) graphs * part / parts);
        }
        return bounds;
    }

    private static NDList[] divide(NDList whole, int[] bounds) {
        long[] nodeCounts = whole.get(NODE_COUNTS).toLongArray();
        long[] firstNodes = new long[nodeCounts.length + 1];
        for (int graph = 0; graph < nodeCounts.length; graph++) {
            firstNodes[graph + 1] = firstNodes[graph] + nodeCounts[graph];
        }
        long[] firstEdges = firstEdges(whole.get(EDGES), firstNodes);
        NDList[] parts = new NDList[bounds.length - 1];
        for (int part = 0; part < parts.length; part++) {
            int from = bounds[part];
            int to = bounds[part + 1];
            NDArray edges =
                    whole.get(EDGES).get(new NDIndex().addAllDim().addSliceDim(firstEdges[from], firstEdges[to]));
            parts[part] = new NDList(
                    rows(whole.get(NODES), firstNodes[from], firstNodes[to]),
                    edges.sub(firstNodes[from]),
                    rows(whole.get(BONDS), firstEdges[from], firstEdges[to]),
                    rows(whole.get(GRAPH_OF), firstNodes[from], firstNodes[to]).sub(from),
                    rows(whole.get(NODE_COUNTS), from, to));
        }
        return parts;
    }

    /** Where the edges of each graph begin: they must lie together and in the order of the graphs. */
    static long[] firstEdges(NDArray edges, long[] firstNodes) {
        int graphs = firstNodes.length - 1;
        long[] ends = edges.toLongArray();
        int edgeCount = ends.length / 2;
        long[] first = new long[graphs + 1];
        int graph = 0;
        for (int edge = 0; edge < edgeCount; edge++) {
            long source = ends[edge];
            long target = ends[edgeCount + edge];
            while (graph < graphs && source >= firstNodes[graph + 1]) {
                first[++graph] = edge;
            }
            if (graph == graphs || Math.min(source, target) < firstNodes[graph] || target >= firstNodes[graph + 1]) {
                throw new IllegalArgumentException(
                        "Cannot divide a batch of graphs: expected edges within graphs and in"
                                + " their order, found edge " + edge + " from node " + source + " to node " + target
                                + " among "
                                + firstNodes[graphs] + " nodes of " + graphs + " graphs.");
            }
        }
        while (graph < graphs) {
            first[++graph] = edgeCount;
        }
        return first;
    }

    private static NDList join(NDList[] inputs) {
        long nodes = 0;
        long graphs = 0;
        NDList edges = new NDList();
        NDList graphOf = new NDList();
        for (NDList input : inputs) {
            edges.add(input.get(EDGES).add(nodes));
            graphOf.add(input.get(GRAPH_OF).add(graphs));
            nodes += input.get(NODES).getShape().get(0);
            graphs += input.get(NODE_COUNTS).size();
        }
        return new NDList(
                concat(inputs, NODES, 0),
                NDArrays.concat(edges, 1),
                concat(inputs, BONDS, 0),
                NDArrays.concat(graphOf, 0),
                concat(inputs, NODE_COUNTS, 0));
    }

    private static NDArray concat(NDList[] inputs, int slot, int axis) {
        NDList arrays = new NDList();
        for (NDList input : inputs) {
            arrays.add(input.get(slot));
        }
        return NDArrays.concat(arrays, axis);
    }

    private static NDArray rows(NDArray array, long from, long to) {
        return array.get(new NDIndex().addSliceDim(from, to));
    }
}
