package dev.millrace.bench;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.millrace.model.FeatureInput;
import dev.millrace.model.GradientPause;
import dev.millrace.model.GraphEncoder;
import dev.millrace.model.GraphEncoderConfig;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Graphs per second of a three-round encoder on batches of 128 graphs of 14 atoms and 28 or 30 directed edges. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(EncoderBenchmark.GRAPHS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=1"})
public class EncoderBenchmark {
    static final int GRAPHS = 128;
    private static final int ATOMS = 14;

    @Param({"64", "256"})
    public int hidden;

    @Param({"GINE", "GCN"})
    public GraphEncoderConfig.ConvType convolution;

    private NDManager manager;
    private GraphEncoder encoder;
    private ParameterStore parameterStore;
    private NDList batch;

    @Setup(Level.Trial)
    public void setUp() {
        manager = NDManager.newBaseManager();
        parameterStore = new ParameterStore(manager, false);
        encoder = new GraphEncoder(
                GraphEncoderConfig.of(FeatureInput.nodesOf("bitspec-48-6"), FeatureInput.bondsOf("bitspec-48-6"))
                        .withHiddenDim(hidden)
                        .withNumLayers(3)
                        .withConvType(convolution));
        batch = molecules();
        encoder.initialize(
                manager, DataType.FLOAT32, batch.stream().map(NDArray::getShape).toArray(Shape[]::new));
        for (Parameter parameter : encoder.getParameters().values()) {
            parameter.getArray().setRequiresGradient(parameter.requiresGradient());
        }
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        manager.close();
    }

    @Benchmark
    public float forward() {
        try (NDManager step = manager.newSubManager()) {
            batch.attach(step);
            float value = GradientPause.during(() -> encoder.forward(parameterStore, batch, false))
                    .singletonOrThrow()
                    .sum()
                    .getFloat();
            batch.attach(manager);
            return value;
        }
    }

    @Benchmark
    public float forwardAndBackward() {
        try (NDManager step = manager.newSubManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            batch.attach(step);
            NDArray value = encoder.forward(parameterStore, batch, true)
                    .singletonOrThrow()
                    .square()
                    .mean();
            collector.backward(value);
            batch.attach(manager);
            return value.getFloat();
        }
    }

    /** Chains closed to a ring of six where the graph's number is odd. */
    private NDList molecules() {
        Random random = new Random(1);
        int edges = GRAPHS * (ATOMS - 1) * 2 + GRAPHS / 2 * 2;
        NDArray nodes = manager.create(new Shape(GRAPHS * (long) ATOMS, 48), DataType.FLOAT32);
        NDArray bonds = manager.create(new Shape(edges, 6), DataType.FLOAT32);
        fill(nodes, random);
        fill(bonds, random);
        long[] ends = new long[2 * edges];
        long[] graphOf = new long[GRAPHS * ATOMS];
        long[] counts = new long[GRAPHS];
        int at = 0;
        for (int graph = 0; graph < GRAPHS; graph++) {
            int first = graph * ATOMS;
            counts[graph] = ATOMS;
            for (int atom = 0; atom < ATOMS; atom++) {
                graphOf[first + atom] = graph;
                if (atom + 1 < ATOMS) {
                    at = bond(ends, edges, at, first + atom, first + atom + 1);
                }
            }
            if (graph % 2 == 1) {
                at = bond(ends, edges, at, first, first + 5);
            }
        }
        return new NDList(
                nodes,
                longs(new Shape(2, edges), ends),
                bonds,
                longs(new Shape(graphOf.length), graphOf),
                longs(new Shape(GRAPHS), counts));
    }

    private static int bond(long[] ends, int edges, int at, int one, int other) {
        ends[at] = ends[edges + at + 1] = one;
        ends[at + 1] = ends[edges + at] = other;
        return at + 2;
    }

    private static void fill(NDArray array, Random random) {
        var window = array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
        while (window.hasRemaining()) {
            window.put(random.nextFloat());
        }
    }

    private NDArray longs(Shape shape, long... values) {
        NDArray array = manager.create(shape, DataType.INT64);
        array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asLongBuffer().put(values);
        return array;
    }
}
