package dev.millrace.model;

import java.util.Arrays;

/**
 * The pieces into which a molecule falls when one bond is cut, for every bond that holds it together: a bond inside a ring
 * is none.
 *
 * <p>Bridges of an undirected graph by depth-first search (Tarjan 1974), with the mass of every subtree, in O(N + E).
 *
 * <p>Immutable as long as nobody writes to its arrays.
 */
final class BondCuts {
    private final int[] rows;
    private final double[] masses;

    private BondCuts(int[] rows, double[] masses) {
        this.rows = rows;
        this.masses = masses;
    }

    /** Rows of the edge list, ascending: directed edges whose removal separates their ends. */
    int[] rows() {
        return rows;
    }

    /** For each of {@link #rows} the mass of the piece that keeps the edge's source. */
    double[] masses() {
        return masses;
    }

    /**
     * Finds them in the disjoint union of any number of graphs.
     *
     * @param edges source nodes of {@code edgeCount} directed edges, then their targets; each bond in both directions
     * @param edgeCount number of directed edges
     * @param nodeMass mass of every node
     * @throws IllegalArgumentException if an edge names a node that does not exist
     */
    static BondCuts of(long[] edges, int edgeCount, double[] nodeMass) {
        long[] sources = Arrays.copyOf(edges, edgeCount);
        long[] targets = Arrays.copyOfRange(edges, edgeCount, 2 * edgeCount);
        return new Search(sources, targets, nodeMass).run();
    }

    private static final class Search {
        private static final int NONE = -1;

        private final long[] sources;
        private final long[] targets;
        private final int[] firstEdge;
        private final int[] neighbours;
        private final int[] discovered;
        private final int[] lowest;
        private final int[] parent;
        private final int[] root;
        private final double[] mass;
        private int clock;

        Search(long[] sources, long[] targets, double[] nodeMass) {
            int nodes = nodeMass.length;
            this.sources = sources;
            this.targets = targets;
            firstEdge = new int[nodes + 1];
            neighbours = new int[sources.length];
            discovered = filled(nodes);
            lowest = new int[nodes];
            parent = filled(nodes);
            root = new int[nodes];
            mass = nodeMass.clone();
            groupBySource(nodes);
        }

        private void groupBySource(int nodes) {
            for (int edge = 0; edge < sources.length; edge++) {
                if (Math.min(sources[edge], targets[edge]) < 0 || Math.max(sources[edge], targets[edge]) >= nodes) {
                    throw new IllegalArgumentException("Cannot cut bonds: expected nodes 0.." + (nodes - 1)
                            + ", found edge " + sources[edge] + " to " + targets[edge] + ".");
                }
                firstEdge[(int) sources[edge] + 1]++;
            }
            for (int node = 0; node < nodes; node++) {
                firstEdge[node + 1] += firstEdge[node];
            }
            int[] next = firstEdge.clone();
            for (int edge = 0; edge < sources.length; edge++) {
                neighbours[next[(int) sources[edge]]++] = (int) targets[edge];
            }
        }

        BondCuts run() {
            int[] path = new int[mass.length];
            int[] next = firstEdge.clone();
            for (int start = 0; start < mass.length; start++) {
                if (discovered[start] == NONE) {
                    walk(start, path, next);
                }
            }
            int[] rows = new int[sources.length];
            double[] masses = new double[sources.length];
            int count = 0;
            for (int edge = 0; edge < sources.length; edge++) {
                int source = (int) sources[edge];
                int target = (int) targets[edge];
                if (isBridge(source, target)) {
                    rows[count] = edge;
                    masses[count++] = mass[root[target]] - mass[target];
                } else if (isBridge(target, source)) {
                    rows[count] = edge;
                    masses[count++] = mass[source];
                }
            }
            return new BondCuts(Arrays.copyOf(rows, count), Arrays.copyOf(masses, count));
        }

        /** Depth first from a node, without recursion; {@code mass} becomes that of the subtree. */
        private void walk(int start, int[] path, int[] next) {
            int depth = 0;
            path[0] = start;
            visit(start, NONE, start);
            while (depth >= 0) {
                int node = path[depth];
                if (next[node] < firstEdge[node + 1]) {
                    int neighbour = neighbours[next[node]++];
                    if (discovered[neighbour] == NONE) {
                        visit(neighbour, node, start);
                        path[++depth] = neighbour;
                    } else if (neighbour != parent[node]) {
                        lowest[node] = Math.min(lowest[node], discovered[neighbour]);
                    }
                } else {
                    depth--;
                    int above = parent[node];
                    if (above != NONE) {
                        lowest[above] = Math.min(lowest[above], lowest[node]);
                        mass[above] += mass[node];
                    }
                }
            }
        }

        private void visit(int node, int from, int start) {
            discovered[node] = clock;
            lowest[node] = clock++;
            parent[node] = from;
            root[node] = start;
        }

        private boolean isBridge(int above, int below) {
            return parent[below] == above && lowest[below] > discovered[above];
        }

        private static int[] filled(int length) {
            int[] array = new int[length];
            Arrays.fill(array, NONE);
            return array;
        }
    }
}
