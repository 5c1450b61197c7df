package dev.millrace.bench;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.RowDigest;
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

/** The checksum of one row of three columns, as the loader computes it (in place) and as builders do (from objects). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowDigestBenchmark {
    /** Bytes of the row, evenly over its columns. */
    @Param({"300", "2000", "100000"})
    public int rowBytes = 300;

    private final RowDigest digest = new RowDigest(new CheckedTable("graphs", "id", List.of("a", "b", "c")));
    private byte[] column = new byte[0];

    @Setup
    public void prepare() {
        column = new byte[rowBytes / 3];
        new SplittableRandom(1).nextBytes(column);
    }

    @Benchmark
    public long inPlace() {
        int length = column.length;
        return digest.begin(7, length, length, length)
                .value(column, 0, length)
                .value(column, 0, length)
                .value(column, 0, length)
                .end();
    }

    @Benchmark
    public long ofObjects() {
        return digest.of(7, column, column, column);
    }
}
