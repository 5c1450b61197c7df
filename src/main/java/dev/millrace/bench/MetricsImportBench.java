package dev.millrace.bench;

import dev.millrace.metrics.ImportReport;
import dev.millrace.metrics.MetricsImport;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.WorkerMetrics;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** What other processes can report, and how fast it is taken over. */
final class MetricsImportBench {
    private static final int WORKERS = 2;
    private static final int RECORDS = 500_000;

    private MetricsImportBench() {}

    /** Workers that append to their spool files at the same time, then one import of all they wrote. */
    static List<Figure> workers(Path folder) throws InterruptedException {
        Path spool = folder.resolve("spool");
        Path file = folder.resolve("imported.db");
        double[] seconds = new double[WORKERS];
        MetricsWriteBench.onThreads(WORKERS, worker -> {
            try (WorkerMetrics metrics = WorkerMetrics.open(spool, new UUID(0, 1 + worker), "worker" + worker)) {
                long start = System.nanoTime();
                for (int step = 0; step < RECORDS; step++) {
                    metrics.log(step, "loss", step * 0.5);
                }
                seconds[worker] = MetricsWriteBench.seconds(start);
            }
        });
        double slowest = RECORDS / Arrays.stream(seconds).max().orElseThrow();
        long start = System.nanoTime();
        ImportReport report = MetricsImport.run(spool, file);
        double importSeconds = MetricsWriteBench.seconds(start);
        try (MetricsReader reader = MetricsReader.open(file)) {
            long found = reader.summary().stepMetricsCount();
            MetricsWriteBench.require(
                    found == (long) WORKERS * RECORDS,
                    "expected " + WORKERS * RECORDS + " records, found " + found + " (" + report + ")");
        }
        return List.of(
                Figure.atLeast(
                        "worker", "records a worker can append, " + WORKERS + " at once", slowest, "records/s", 80_000),
                Figure.atLeast(
                        "import", "records imported, synced", WORKERS * RECORDS / importSeconds, "records/s", 200_000));
    }
}
