package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Measures the metrics store in a temporary folder; see the parts for what and how. */
public final class MetricsBench {
    private static final BenchParts<Object> PARTS = new BenchParts<Object>()
            .with("latency", (folder, none) -> MetricsWriteBench.latency(folder))
            .with("throughput", (folder, none) -> MetricsWriteBench.throughput(folder))
            .with("room", (folder, none) -> MetricsWriteBench.room(folder))
            .with("aggregate", (folder, none) -> MetricsReadBench.aggregate(folder))
            .with("chart", (folder, none) -> MetricsReadBench.chart(folder))
            .with("report", (folder, none) -> MetricsReadBench.report(folder))
            .with("drain", (folder, none) -> MetricsDrainBench.drain(folder))
            .with("import", (folder, none) -> MetricsImportBench.workers(folder))
            .with("training", (folder, none) -> MetricsTrainBench.overhead(folder));

    /** Every part measures a fixed amount. */
    private static final Object NOTHING = new Object();

    private MetricsBench() {}

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return PARTS.names();
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if a record was lost or a result was wrong: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder) throws IOException, InterruptedException {
        return PARTS.run(parts, folder, NOTHING);
    }
}
