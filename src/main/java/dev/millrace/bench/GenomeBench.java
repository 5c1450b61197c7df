package dev.millrace.bench;

import dev.millrace.build.BuildProgress;
import dev.millrace.genome.GenomeConvert;
import dev.millrace.genome.GenomeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures windows of genomes: a store against the original's way over the original's files, in the same run and on the same
 * bases. All data is synthetic, made in a temporary folder and removed.
 */
public final class GenomeBench {
    private static final Map<String, Part> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("latency", GenomeReadBench::latency);
        PARTS.put("loader", GenomeLoaderBench::loader);
        PARTS.put("index", GenomeScaleBench::index);
        PARTS.put("scale", GenomeScaleBench::scale);
    }

    private GenomeBench() {}

    /**
     * How much to measure.
     *
     * @param megabases bases of each store of the parts latency and loader
     * @param gigabases bases of the largest store of the part scale; 0 leaves it out
     */
    public record Options(int megabases, double gigabases) {}

    /** One group of figures. */
    private interface Part {
        List<Figure> measure(Path folder, Options options) throws IOException, InterruptedException;
    }

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return List.copyOf(PARTS.keySet());
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if the ways compared read different windows: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder, Options options)
            throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        for (String name : parts) {
            Part part = PARTS.get(name);
            if (part == null) {
                throw new IllegalArgumentException(
                        "Expected a part of " + String.join(", ", parts()) + ", found '" + name + "'.");
            }
            Path temporary = Files.createTempDirectory(folder, "millrace-bench");
            try {
                figures.addAll(part.measure(temporary, options));
            } finally {
                remove(temporary);
            }
        }
        return figures;
    }

    /** The same contigs as files of samples. */
    static Path sharded(Path store, Path folder) throws IOException {
        try (GenomeStore from = GenomeStore.open(store)) {
            new GenomeConvert(BuildProgress.NONE).toSharded(from, folder, false);
        }
        return folder;
    }

    static void remove(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
