package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Measures the metrics store in a temporary folder; see the parts for what and how. */
public final class MetricsBench {
    private static final Map<String, Part> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("latency", MetricsWriteBench::latency);
        PARTS.put("throughput", MetricsWriteBench::throughput);
        PARTS.put("room", MetricsWriteBench::room);
        PARTS.put("aggregate", MetricsReadBench::aggregate);
        PARTS.put("chart", MetricsReadBench::chart);
        PARTS.put("report", MetricsReadBench::report);
        PARTS.put("drain", MetricsDrainBench::drain);
        PARTS.put("import", MetricsImportBench::workers);
        PARTS.put("training", MetricsTrainBench::overhead);
    }

    private MetricsBench() {}

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return List.copyOf(PARTS.keySet());
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if a record was lost or a result was wrong: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder) throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        for (String name : parts) {
            Part part = PARTS.get(name);
            if (part == null) {
                throw new IllegalArgumentException(
                        "Expected a part of " + String.join(", ", parts()) + ", found '" + name + "'.");
            }
            Path temporary = Files.createTempDirectory(folder, "millrace-bench");
            try {
                figures.addAll(part.measure(temporary));
            } finally {
                remove(temporary);
            }
        }
        return figures;
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** One group of figures. */
    private interface Part {
        List<Figure> measure(Path folder) throws IOException, InterruptedException;
    }
}
