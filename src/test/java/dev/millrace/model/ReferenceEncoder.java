package dev.millrace.model;

import ai.djl.nn.Parameter;
import dev.millrace.model.GraphEncoderConfig.ConvType;
import java.util.Iterator;
import java.util.List;

/** What a {@link GraphEncoder} of codes without normalization is to compute, in plain loops over one graph. */
final class ReferenceEncoder {
    private final GraphEncoder encoder;
    private final GraphEncoderConfig config;
    private final int width;

    ReferenceEncoder(GraphEncoder encoder) {
        this.encoder = encoder;
        config = encoder.config();
        width = config.hiddenDim();
    }

    /** The sum of the vectors of the nodes. */
    double[] encode(Graphs.Sample graph) {
        Iterator<Parameter> parameters = encoder.getParameters().values().iterator();
        double[][] hidden = embed(next(parameters), (FeatureInput.Codes) config.nodes(), graph.nodes());
        for (int layer = 0; layer < config.numLayers(); layer++) {
            double[] root = next(parameters);
            double[][] bonds = config.convType() == ConvType.GIN
                    ? new double[graph.bonds().length][width]
                    : embed(next(parameters), (FeatureInput.Codes) config.bonds(), graph.bonds());
            double[][] passed = config.convType() == ConvType.GCN
                    ? gcn(graph, map(hidden, next(parameters), next(parameters)), bonds, root)
                    : gin(graph, hidden, bonds, root[0], parameters);
            for (int node = 0; node < hidden.length; node++) {
                for (int w = 0; w < width; w++) {
                    hidden[node][w] += activate(passed[node][w]);
                }
            }
        }
        double[] sum = new double[width];
        for (double[] node : hidden) {
            for (int w = 0; w < width; w++) {
                sum[w] += node[w];
            }
        }
        return sum;
    }

    private static double[] next(Iterator<Parameter> parameters) {
        return parameters.next().getArray().toDoubleArray();
    }

    private double[][] gin(
            Graphs.Sample graph, double[][] hidden, double[][] bonds, double epsilon, Iterator<Parameter> parameters) {
        double[][] joined = new double[hidden.length][width];
        for (int node = 0; node < hidden.length; node++) {
            for (int w = 0; w < width; w++) {
                joined[node][w] = (1 + epsilon) * hidden[node][w];
            }
        }
        for (int edge = 0; edge < bonds.length; edge++) {
            for (int w = 0; w < width; w++) {
                double message = hidden[graph.sources()[edge]][w] + bonds[edge][w];
                joined[graph.targets()[edge]][w] += config.convType() == ConvType.GIN ? message : Math.max(0, message);
            }
        }
        double[][] wide = map(joined, next(parameters), next(parameters));
        for (double[] row : wide) {
            for (int w = 0; w < row.length; w++) {
                row[w] = activate(row[w]);
            }
        }
        return map(wide, next(parameters), next(parameters));
    }

    private double[][] gcn(Graphs.Sample graph, double[][] mapped, double[][] bonds, double[] root) {
        double[] degree = new double[mapped.length];
        java.util.Arrays.fill(degree, 1);
        for (int target : graph.targets()) {
            degree[target]++;
        }
        double[][] joined = new double[mapped.length][width];
        for (int node = 0; node < mapped.length; node++) {
            for (int w = 0; w < width; w++) {
                joined[node][w] = Math.max(0, mapped[node][w] + root[w]) / degree[node];
            }
        }
        for (int edge = 0; edge < bonds.length; edge++) {
            int source = graph.sources()[edge];
            int target = graph.targets()[edge];
            for (int w = 0; w < width; w++) {
                joined[target][w] +=
                        Math.max(0, mapped[source][w] + bonds[edge][w]) / Math.sqrt(degree[source] * degree[target]);
            }
        }
        return joined;
    }

    private double[][] embed(double[] table, FeatureInput.Codes codes, double[][] rows) {
        List<Integer> sizes = codes.tableSizes();
        double[][] vectors = new double[rows.length][width];
        for (int row = 0; row < rows.length; row++) {
            int first = 0;
            for (int column = 0; column < sizes.size(); column++) {
                for (int w = 0; w < width; w++) {
                    vectors[row][w] += table[(first + (int) rows[row][column]) * width + w];
                }
                first += sizes.get(column);
            }
        }
        return vectors;
    }

    /** Rows times the transposed weight, plus the bias. */
    private static double[][] map(double[][] rows, double[] weight, double[] bias) {
        int in = weight.length / bias.length;
        double[][] mapped = new double[rows.length][bias.length];
        for (int row = 0; row < rows.length; row++) {
            for (int out = 0; out < bias.length; out++) {
                mapped[row][out] = bias[out];
                for (int w = 0; w < in; w++) {
                    mapped[row][out] += rows[row][w] * weight[out * in + w];
                }
            }
        }
        return mapped;
    }

    private double activate(double value) {
        return switch (config.activation()) {
            case RELU -> Math.max(0, value);
            case SILU -> value / (1 + Math.exp(-value));
            case TANH -> Math.tanh(value);
            case GELU -> throw new UnsupportedOperationException("Needs the error function, which Java lacks.");
        };
    }
}
