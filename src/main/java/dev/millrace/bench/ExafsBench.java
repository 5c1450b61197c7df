package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures χ of scattering paths. All data is synthetic, made in a temporary folder and removed. */
public final class ExafsBench {
    private static final Map<String, Part> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("build", ExafsBuildBench::build);
        PARTS.put("size", ExafsBuildBench::size);
        PARTS.put("scale", ExafsBuildBench::scale);
        PARTS.put("average", ExafsAverageBench::average);
        PARTS.put("loader", (folder, options) -> ExafsLoaderBench.loader(folder, options.files()));
    }

    private ExafsBench() {}

    /**
     * How much to measure.
     *
     * @param files path files of the tree that a database is compared with
     * @param paths paths of the large database that is streamed; 0 leaves it out
     * @param scale path files of the large tree of the part scale; 0 leaves it out
     */
    public record Options(int files, int paths, int scale) {}

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
     * @throws IllegalStateException if the ways compared give different results: then no figure means anything
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
                GenomeBench.remove(temporary);
            }
        }
        return figures;
    }
}
