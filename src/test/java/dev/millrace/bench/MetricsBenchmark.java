package dev.millrace.bench;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.WriteQueueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What recording a value costs: the call itself, and all the way to the synced file, against the plain way of inserting and
 * committing where the value arises. Both ways use the same journal and sync settings.
 */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class MetricsBenchmark {
    private static final int RECORDS = 200_000;
    private static final int PRODUCERS = 4;

    private Path folder = Path.of(".");
    private MetricsStore store;
    private Run run;
    private Database plain;
    private PreparedStatement insert;
    private long step;

    @Setup(Level.Iteration)
    public void open() throws Exception {
        folder = Files.createTempDirectory("millrace-bench");
        // Nothing may be dropped here: the figure is of what reaches the file.
        store = MetricsStore.open(
                folder.resolve("metrics.db"),
                WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(30)));
        run = store.startRun("bench", Map.of());
        plain = Database.open(folder.resolve("plain.db"), Access.LIVE);
        plain.execute("CREATE TABLE metric (time_ms INTEGER, step INTEGER, name TEXT, value REAL)");
        insert = plain.connection()
                .prepareStatement("INSERT INTO metric (time_ms, step, name, value) VALUES (?, ?, ?, ?)");
    }

    @TearDown(Level.Iteration)
    public void close() throws Exception {
        store.close();
        if (store.counts().anyLost()) {
            throw new IllegalStateException("Records were lost: " + store.counts());
        }
        insert.close();
        plain.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Four threads record as fast as they can; the time includes the sync of the last record. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @OperationsPerInvocation(RECORDS)
    public void queuedToDisk() throws InterruptedException {
        Thread[] producers = new Thread[PRODUCERS];
        for (int i = 0; i < PRODUCERS; i++) {
            String name = "metric" + i;
            producers[i] = new Thread(() -> {
                for (int record = 0; record < RECORDS / PRODUCERS; record++) {
                    run.log(record, name, record);
                }
            });
            producers[i].start();
        }
        for (Thread producer : producers) {
            producer.join();
        }
        if (!store.flush(Duration.ofMinutes(1))) {
            throw new IllegalStateException("Not flushed");
        }
    }

    /** One insert and commit per value, on the thread that has it. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public void insertAndCommit() throws Exception {
        insert.setLong(1, System.currentTimeMillis());
        insert.setLong(2, step++);
        insert.setString(3, "metric");
        insert.setDouble(4, 0.5);
        insert.executeUpdate();
    }

    /** The call as training sees it, at about 100,000 values a second, which the writer sustains. */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    @Threads(1)
    public void logCall(Pace pace) {
        run.log(pace.next(), "metric", 1.0);
    }

    /** Counts, and keeps the benchmark from measuring a full queue. */
    @State(Scope.Thread)
    public static class Pace {
        private long count;
        private long start;

        @Setup(Level.Iteration)
        public void reset() {
            count = 0;
            start = System.nanoTime();
        }

        @Setup(Level.Invocation)
        public void await() {
            while (System.nanoTime() - start < count * 10_000) {
                Thread.onSpinWait();
            }
        }

        long next() {
            return count++;
        }
    }

    /** Removes what an interrupted run left. */
    @TearDown(Level.Trial)
    public void removeLeftovers() throws IOException {
        Files.deleteIfExists(folder);
    }
}
