package dev.millrace.bench;

import dev.millrace.metrics.Axis;
import dev.millrace.metrics.Envelope;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsReport;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What looking costs: an aggregate, a chart over a long series, a report. */
final class MetricsReadBench {
    private static final int DAY_POINTS = 86_400;
    private static final int LONG_SERIES = 10_000_000;
    private static final int BUCKETS = 1_000;
    private static final int VIEWS = 100;
    private static final int REPORT_METRICS = 20;
    private static final int REPORT_POINTS = 100_000;
    private static final Duration FLUSH = Duration.ofMinutes(5);

    /** The document's own statement. */
    private static final String AGGREGATE = """
            SELECT
                AVG(value) as avg_cpu,
                MAX(value) as max_cpu,
                MIN(value) as min_cpu
            FROM resource_metrics
            WHERE metric_type = 'cpu' AND metric_name = 'system_total'""";

    private MetricsReadBench() {}

    /** The average of a day of one value a second, in the words of a user. */
    static List<Figure> aggregate(Path folder) {
        Path file = folder.resolve("aggregate.db");
        write(file, (run, store) -> {
            for (int second = 0; second < DAY_POINTS; second++) {
                run.resource("cpu", "system_total", second % 100);
                run.resource("ram", "system_total", second % 97);
                if (second % 1_000 == 999) {
                    // Samples never wait for room, so they must be given some.
                    store.flush(FLUSH);
                }
            }
        });
        double[] millis = new double[20];
        try (Database database = Database.open(file, Access.READ)) {
            for (int i = 0; i < millis.length; i++) {
                long start = System.nanoTime();
                String average = database.queryText(AGGREGATE);
                millis[i] = (System.nanoTime() - start) / 1e6;
                MetricsWriteBench.require("49.5".equals(average), "the average is " + average);
            }
        }
        Arrays.sort(millis);
        return List.of(Figure.atMost(
                "aggregate",
                "average, highest and lowest of 86,400 values by SQL",
                millis[millis.length / 2],
                "ms",
                50));
    }

    /** Whole and zoomed views of a series of ten million points. */
    static List<Figure> chart(Path folder) {
        Path file = folder.resolve("long.db");
        write(file, (run, store) -> {
            SplittableRandom random = new SplittableRandom(1);
            for (int step = 1; step <= LONG_SERIES; step++) {
                run.log(step, "loss", 1 / Math.sqrt(step) + random.nextDouble());
            }
        });
        double[] millis = new double[VIEWS];
        SplittableRandom random = new SplittableRandom(2);
        try (MetricsReader reader = MetricsReader.open(file)) {
            SeriesInfo series = reader.seriesOf(1).get(0);
            for (int view = 0; view < VIEWS; view++) {
                double width = view % 4 == 0 ? LONG_SERIES : Math.pow(10, 2 + 5 * random.nextDouble());
                double from = random.nextDouble() * (LONG_SERIES - width);
                long start = System.nanoTime();
                Envelope drawn = reader.envelope(series, Axis.STEP, from, from + width, BUCKETS);
                millis[view] = (System.nanoTime() - start) / 1e6;
                MetricsWriteBench.require(drawn.size() > 50 && drawn.size() <= 4 * BUCKETS, drawn.size() + " buckets");
            }
        }
        Arrays.sort(millis);
        return List.of(
                Figure.atMost(
                        "chart_p95",
                        "chart over 10 million points, whole and zoomed, 95 of 100",
                        millis[VIEWS * 95 / 100],
                        "ms",
                        100),
                Figure.plain("chart_p50", "the same, median", millis[VIEWS / 2], "ms"));
    }

    /** The report of a long run. */
    static List<Figure> report(Path folder) throws IOException {
        Path file = folder.resolve("report.db");
        write(file, (run, store) -> {
            SplittableRandom random = new SplittableRandom(3);
            for (int step = 1; step <= REPORT_POINTS; step++) {
                for (int metric = 0; metric < REPORT_METRICS; metric++) {
                    run.log(step, "metric" + metric, metric + 10 / Math.sqrt(step) + random.nextDouble());
                }
            }
        });
        Path html = folder.resolve("report.html");
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            MetricsReport.writeHtml(file, 1, html);
            best = Math.min(best, MetricsWriteBench.seconds(start));
        }
        return List.of(
                Figure.atMost("report_seconds", "report of 20 metrics × 100,000 points, best of 3", best, "s", 2),
                Figure.atMost("report_size", "its size", Files.size(html) / 1e6, "MB", 2));
    }

    private static void write(Path file, Recording recording) {
        try (MetricsStore store = MetricsStore.open(file, MetricsWriteBench.patient())) {
            recording.record(store.startRun("bench", Map.of()), store);
            MetricsWriteBench.require(
                    store.flush(FLUSH) && !store.counts().anyLost(), "records were lost: " + store.counts());
        }
    }

    /** What goes into a file. */
    private interface Recording {
        void record(Run run, MetricsStore store);
    }
}
