package dev.millrace.exafs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reference data beside the repository; tests that need it say that they are skipped without it. */
final class ExafsReference {
    static final Path DATA = Path.of("../shared/data/exafs");

    private ExafsReference() {}

    static void assumeHere() {
        assumeTrue(Files.isDirectory(DATA.resolve("reference")), "skipped: " + DATA + " is not there");
    }

    static JsonNode meta() {
        return JsonMapper.shared().readTree(DATA.resolve("reference/meta.json").toFile());
    }

    /** Names of reference paths and their files. */
    static Map<String, Path> paths() {
        Map<String, Path> paths = new LinkedHashMap<>();
        meta().get("paths")
                .properties()
                .forEach(entry ->
                        paths.put(entry.getKey(), DATA.resolve(entry.getValue().asString())));
        return paths;
    }

    /** All real path files. */
    static List<Path> realFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("xraylarch", "feff85exafs", "alc-dls")) {
            try (Stream<Path> found = Files.walk(DATA.resolve(folder))) {
                found.filter(file -> file.getFileName().toString().matches("feff.*\\.dat"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    /** A CSV of the references, by names of columns. */
    static Map<String, double[]> csv(String name) throws IOException {
        return csv(DATA.resolve("reference").resolve(name));
    }

    static Map<String, double[]> csv(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String[] names = lines.get(0).split(",", -1);
        Map<String, double[]> columns = new LinkedHashMap<>();
        for (int column = 0; column < names.length; column++) {
            int place = column;
            columns.put(
                    names[column],
                    lines.stream()
                            .skip(1)
                            .mapToDouble(line -> Double.parseDouble(line.split(",", -1)[place]))
                            .toArray());
        }
        return columns;
    }

    static double[] column(Map<String, double[]> table, String name) {
        double[] column = table.get(name);
        if (column == null) {
            throw new AssertionError("no column " + name + " among " + table.keySet());
        }
        return column;
    }

    /** The largest difference of two equally long columns; NaN counts as infinite. */
    static double difference(double[] left, double[] right) {
        if (left.length != right.length) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        for (int i = 0; i < left.length; i++) {
            double one = Math.abs(left[i] - right[i]);
            most = Double.isNaN(one) ? Double.POSITIVE_INFINITY : Math.max(most, one);
        }
        return most;
    }

    static ChiParameters parameters(JsonNode set, ChiParameters.Interpolation interpolation) {
        return new ChiParameters(
                number(set, "s02", 1),
                number(set, "e0", 0),
                number(set, "deltar", 0),
                number(set, "sigma2", 0),
                number(set, "third", 0),
                number(set, "fourth", 0),
                number(set, "ei", 0),
                set.has("degen") ? set.get("degen").asDouble() : null,
                interpolation,
                true);
    }

    private static double number(JsonNode set, String name, double unset) {
        return set.has(name) ? set.get(name).asDouble() : unset;
    }
}
