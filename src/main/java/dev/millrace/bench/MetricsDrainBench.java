package dev.millrace.bench;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.sqlite.WriteQueueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How long a process that is told to end takes to write what it has queued. It is its own child process. */
public final class MetricsDrainBench {
    private static final int QUEUED = 200_000;
    private static final String READY = ".ready";

    private MetricsDrainBench() {}

    /** SIGTERM to a process with 200,000 records in its queue, until it is gone; all of them must be in the file. */
    static List<Figure> drain(Path folder) throws IOException, InterruptedException {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            Path file = folder.resolve("drain" + round + ".db");
            Process child = child(file);
            try {
                Path ready = Path.of(file + READY);
                while (!Files.exists(ready)) {
                    MetricsWriteBench.require(child.isAlive(), "the child ended before it was ready");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                long start = System.nanoTime();
                child.destroy();
                MetricsWriteBench.require(child.waitFor(1, TimeUnit.MINUTES), "the child did not end");
                best = Math.min(best, MetricsWriteBench.seconds(start));
            } finally {
                child.destroyForcibly();
            }
            try (MetricsReader reader = MetricsReader.open(file)) {
                long found = reader.summary().stepMetricsCount();
                MetricsWriteBench.require(found == QUEUED, "expected " + QUEUED + " records, found " + found);
            }
        }
        return List.of(Figure.atMost("drain", "SIGTERM with 200,000 queued records, until the end", best, "s", 2));
    }

    private static Process child(Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MetricsDrainBench.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(file.resolveSibling(file.getFileName() + ".log").toFile())
                .start();
    }

    /** The child: queues the records, says so by a file, and waits for its end. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        WriteQueueSettings late =
                WriteQueueSettings.defaults().withCapacity(2 * QUEUED).withFlush(2 * QUEUED, Duration.ofHours(1));
        Run run = MetricsStore.open(file, late).startRun("drain", Map.of());
        for (int step = 0; step < QUEUED; step++) {
            run.log(step, "loss", step);
        }
        Files.createFile(Path.of(file + READY));
        while (true) {
            LockSupport.parkNanos(Duration.ofHours(1).toNanos());
        }
    }
}
