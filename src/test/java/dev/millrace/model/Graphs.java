package dev.millrace.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Random molecule-like graphs and the batches that loaders make of them. */
final class Graphs {
    private Graphs() {}

    /** Nodes with features, directed edges with features; each bond in both directions. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Sample(double[][] nodes, int[] sources, int[] targets, double[][] bonds) {
        /** The same graph with its nodes renumbered. */
        Sample permuted(int[] newNumber) {
            double[][] moved = new double[nodes.length][];
            for (int i = 0; i < nodes.length; i++) {
                moved[newNumber[i]] = nodes[i];
            }
            return new Sample(
                    moved,
                    Arrays.stream(sources).map(i -> newNumber[i]).toArray(),
                    Arrays.stream(targets).map(i -> newNumber[i]).toArray(),
                    bonds);
        }
    }

    /** A random tree with some additional bonds and small integer codes below {@code sizes} as features. */
    static Sample codes(Random random, int nodeCount, List<Integer> nodeSizes, List<Integer> bondSizes) {
        double[][] nodes = new double[nodeCount][];
        for (int i = 0; i < nodeCount; i++) {
            nodes[i] = nodeSizes.stream().mapToDouble(random::nextInt).toArray();
        }
        List<int[]> pairs = pairs(random, nodeCount);
        List<double[]> features = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            features.add(bondSizes.stream().mapToDouble(random::nextInt).toArray());
        }
        return sample(nodes, pairs, features);
    }

    /** As {@link #codes} with real features −1…1. */
    static Sample dense(Random random, int nodeCount, int nodeWidth, int bondWidth) {
        double[][] nodes = new double[nodeCount][];
        for (int i = 0; i < nodeCount; i++) {
            nodes[i] = random.doubles(nodeWidth, -1, 1).toArray();
        }
        List<int[]> pairs = pairs(random, nodeCount);
        List<double[]> features = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            features.add(random.doubles(bondWidth, -1, 1).toArray());
        }
        return sample(nodes, pairs, features);
    }

    /** {@code count} dense graphs of 1 to {@code largest} nodes. */
    static List<Sample> many(Random random, int count, int largest, int nodeWidth, int bondWidth) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(dense(random, 1 + random.nextInt(largest), nodeWidth, bondWidth));
        }
        return samples;
    }

    private static List<int[]> pairs(Random random, int nodeCount) {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 1; i < nodeCount; i++) {
            pairs.add(new int[] {random.nextInt(i), i});
        }
        if (nodeCount > 4) {
            pairs.add(new int[] {0, nodeCount - 1});
        }
        return pairs;
    }

    private static Sample sample(double[][] nodes, List<int[]> pairs, List<double[]> features) {
        int[] sources = new int[2 * pairs.size()];
        int[] targets = new int[2 * pairs.size()];
        double[][] bonds = new double[2 * pairs.size()][];
        for (int i = 0; i < pairs.size(); i++) {
            sources[2 * i] = targets[2 * i + 1] = pairs.get(i)[0];
            targets[2 * i] = sources[2 * i + 1] = pairs.get(i)[1];
            bonds[2 * i] = bonds[2 * i + 1] = features.get(i);
        }
        return new Sample(nodes, sources, targets, bonds);
    }

    /** nodes, edges, bonds, graphOf, nodeCounts; features as INT64 codes or as a floating-point type. */
    static NDList batch(NDManager manager, DataType features, int nodeWidth, int bondWidth, List<Sample> samples) {
        int nodeCount = samples.stream().mapToInt(s -> s.nodes.length).sum();
        int edgeCount = samples.stream().mapToInt(s -> s.sources.length).sum();
        double[] nodes = new double[nodeCount * nodeWidth];
        double[] bonds = new double[edgeCount * bondWidth];
        long[] edges = new long[2 * edgeCount];
        long[] graphOf = new long[nodeCount];
        long[] nodeCounts = new long[samples.size()];
        int node = 0;
        int edge = 0;
        for (int graph = 0; graph < samples.size(); graph++) {
            Sample sample = samples.get(graph);
            nodeCounts[graph] = sample.nodes.length;
            for (int i = 0; i < sample.sources.length; i++) {
                edges[edge] = (long) node + sample.sources[i];
                edges[edgeCount + edge] = (long) node + sample.targets[i];
                System.arraycopy(sample.bonds[i], 0, bonds, edge++ * bondWidth, bondWidth);
            }
            for (double[] row : sample.nodes) {
                graphOf[node] = graph;
                System.arraycopy(row, 0, nodes, node++ * nodeWidth, nodeWidth);
            }
        }
        return new NDList(
                array(manager, features, new Shape(nodeCount, nodeWidth), nodes),
                Arrays64.longs(manager, new Shape(2, edgeCount), edges),
                array(manager, features, new Shape(edgeCount, bondWidth), bonds),
                Arrays64.longs(manager, new Shape(nodeCount), graphOf),
                Arrays64.longs(manager, new Shape(samples.size()), nodeCounts));
    }

    private static ai.djl.ndarray.NDArray array(NDManager manager, DataType type, Shape shape, double[] values) {
        if (type == DataType.INT64) {
            return Arrays64.longs(
                    manager,
                    shape,
                    Arrays.stream(values).mapToLong(v -> (long) v).toArray());
        }
        if (type == DataType.FLOAT64) {
            return Arrays64.doubles(manager, shape, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return Arrays64.floats(manager, shape, narrow);
    }

    static int[] permutation(Random random, int length) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int at = random.nextInt(i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        return order;
    }
}
