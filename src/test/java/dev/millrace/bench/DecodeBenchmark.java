package dev.millrace.bench;

import dev.millrace.graph.Graph;
import dev.millrace.graph.GraphBatch;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Blobs into buffers as the engine's arrays have them: one tensor, and a batch of 128 graphs of 14 nodes and 29 edges. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
    private static final int GRAPHS = 128;
    private static final int NODES = 14;
    private static final int EDGES = 29;
    private static final int NODE_WIDTH = 9;
    private static final int EDGE_WIDTH = 3;
    private static final int PEAKS = 1000;

    /** How the 1,000-bin spectrum is stored. */
    @Param({"none", "lz4"})
    public String compression = "none";

    private TensorBlob codes = TensorCodec.ofUnsignedBytes(new byte[0], 0);
    private TensorBlob spectrum = codes;
    private List<Graph> graphs = List.of();
    private final ByteBuffer target =
            ByteBuffer.allocateDirect(GRAPHS * NODES * NODE_WIDTH * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    @Setup
    public void prepare() {
        SplittableRandom random = new SplittableRandom(1);
        graphs = new ArrayList<>();
        for (int i = 0; i < GRAPHS; i++) {
            byte[] nodes = new byte[NODES * NODE_WIDTH];
            byte[] bonds = new byte[EDGES * EDGE_WIDTH];
            random.nextBytes(nodes);
            random.nextBytes(bonds);
            graphs.add(Graph.of(
                    NODES,
                    NODE_WIDTH,
                    nodes,
                    random.ints(EDGES, 0, NODES).toArray(),
                    random.ints(EDGES, 0, NODES).toArray(),
                    EDGE_WIDTH,
                    bonds));
        }
        codes = graphs.get(0).nodeFeatures();
        float[] values = new float[PEAKS];
        for (int peak = 0; peak < 60; peak++) {
            values[random.nextInt(PEAKS)] = (float) random.nextDouble();
        }
        spectrum = TensorCodec.ofFloats(values, compression.equals("lz4") ? Compression.LZ4 : Compression.NONE, PEAKS);
    }

    @Benchmark
    public TensorBlob parseHeader() {
        return TensorBlob.parse(codes.backingArray(), codes.offset(), codes.offset() + codes.encodedLength());
    }

    @Benchmark
    public long putLongsOfUint8() {
        return codes.putLongs(target.clear(), 0, codes.elementCount(), 0);
    }

    @Benchmark
    public ByteBuffer putFloatsOfUint8() {
        codes.putFloats(target.clear());
        return target;
    }

    @Benchmark
    public ByteBuffer putFloatsOfSpectrum() {
        spectrum.putFloats(target.clear());
        return target;
    }

    @Benchmark
    public ByteBuffer collate128Graphs() {
        GraphBatch batch = GraphBatch.of(graphs);
        batch.writeNodesAsLongs(target.clear());
        batch.writeEdges(target.clear());
        batch.writeEdgeFeaturesAsLongs(target.clear());
        batch.writeGraphOf(target.clear());
        batch.writeNodeCounts(target.clear());
        return target;
    }
}
