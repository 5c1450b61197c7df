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

/**
 * The parts of a benchmark by their names, each measured in a temporary folder of its own that is removed. One thread.
 *
 * @param <O> what says how much to measure
 */
final class BenchParts<O> {
    private final Map<String, Part<O>> parts = new LinkedHashMap<>();

    /** One group of figures. */
    interface Part<O> {
        List<Figure> measure(Path folder, O options) throws IOException, InterruptedException;
    }

    /** Adds a part, which runs after those before. */
    BenchParts<O> with(String name, Part<O> part) {
        parts.put(name, part);
        return this;
    }

    /** In the order in which they run. */
    List<String> names() {
        return List.copyOf(parts.keySet());
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folders are made
     * @throws IllegalArgumentException if there is no part of a name
     */
    List<Figure> run(List<String> names, Path folder, O options) throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        for (String name : names) {
            Part<O> part = parts.get(name);
            if (part == null) {
                throw new IllegalArgumentException(
                        "Expected a part of " + String.join(", ", names()) + ", found '" + name + "'.");
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

    /** Removes a folder with all that is in it. */
    static void remove(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
