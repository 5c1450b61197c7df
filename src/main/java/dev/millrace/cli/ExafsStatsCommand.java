package dev.millrace.cli;

import dev.millrace.exafs.ExafsOverview;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace exafs stats}: what is in a database. */
@Command(
        name = "stats",
        description = {
            "Count paths, frames, atoms and path types of an EXAFS database, and show what χ was computed with.",
            "For example: millrace exafs stats chi.db --json"
        })
final class ExafsStatsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsFile file = new ExafsFile();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path path = file.path();
        ExafsOverview stats = ExafsOverview.read(path);
        if (json) {
            console.printJson(fields(path, stats));
        } else {
            print(path, stats);
        }
        return ExitCode.DONE.code();
    }

    private static Map<String, Object> fields(Path path, ExafsOverview stats) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", path.toString());
        fields.put("kind", stats.kind());
        fields.put("bytes", stats.bytes());
        fields.put("bytes_per_path", number(stats.bytesPerPath()));
        fields.put("paths", stats.paths());
        fields.put("atoms", stats.absorbers());
        fields.put("frames", stats.frames());
        fields.put("first_frame", stats.firstFrame());
        fields.put("last_frame", stats.lastFrame());
        fields.put("min_reff", number(stats.minHalfLength()));
        fields.put("max_reff", number(stats.maxHalfLength()));
        List<Map<String, Object>> types = new ArrayList<>();
        for (ExafsOverview.TypeCount type : stats.types()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("path_type", type.pathType());
            row.put("nleg", type.legCount());
            row.put("paths", type.paths());
            row.put("min_reff", type.minHalfLength());
            row.put("max_reff", type.maxHalfLength());
            types.add(row);
        }
        fields.put("path_types", types);
        fields.put("legs", stats.legs());
        fields.put("elements", stats.elements());
        List<Map<String, Object>> sets = new ArrayList<>();
        for (ExafsOverview.ParameterSet set : stats.parameterSets()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("parameters", set.parameters());
            row.put("kmin", set.firstK());
            row.put("kmax", set.lastK());
            row.put("k_count", set.kCount());
            row.put("storage", set.storage());
            sets.add(row);
        }
        fields.put("parameter_sets", sets);
        fields.put("rejects", stats.rejects());
        fields.put("incomplete_atoms", stats.incomplete());
        fields.put("info", stats.info());
        return fields;
    }

    /** JSON has no NaN. */
    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private void print(Path path, ExafsOverview stats) {
        if (stats.paths() == 0) {
            console.print(String.format(Locale.ROOT, "%s: no paths, %.1f MB", path, stats.bytes() / 1e6));
        } else {
            printPaths(path, stats);
        }
        printRest(stats);
    }

    private void printPaths(Path path, ExafsOverview stats) {
        console.print(String.format(
                Locale.ROOT,
                "%s: %,d paths of %,d atoms in %,d frames (%d … %d), reff %s … %s Å, %.1f MB (%,.0f bytes a path)%s",
                path,
                stats.paths(),
                stats.absorbers(),
                stats.frames(),
                stats.firstFrame(),
                stats.lastFrame(),
                length(stats.minHalfLength()),
                length(stats.maxHalfLength()),
                stats.bytes() / 1e6,
                stats.bytesPerPath(),
                stats.kind().equals("document") ? ", in MD-EXAFS's tables" : ""));
        console.print("");
        console.printTable(
                List.of("path type", "legs", "paths", "min reff", "max reff"),
                stats.types().stream()
                        .map(type -> List.of(
                                type.pathType(),
                                Integer.toString(type.legCount()),
                                Long.toString(type.paths()),
                                length(type.minHalfLength()),
                                length(type.maxHalfLength())))
                        .toList());
    }

    private void printRest(ExafsOverview stats) {
        for (ExafsOverview.ParameterSet set : stats.parameterSets()) {
            console.print("");
            console.print(String.format(
                    Locale.ROOT,
                    "χ as %s for k %s … %s Å⁻¹, %d values, with %s",
                    set.storage(),
                    set.firstK(),
                    set.lastK(),
                    set.kCount(),
                    set.parameters()));
        }
        if (!stats.rejects().isEmpty()) {
            console.print("");
            console.print(
                    "files that cannot be used: " + stats.rejects() + "; atoms that lack paths: " + stats.incomplete());
        }
        console.print("");
        console.printTable(
                List.of("key", "value"),
                stats.info().entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), entry.getValue()))
                        .toList());
    }

    private static String length(double halfLength) {
        return Double.isNaN(halfLength) ? "-" : String.format(Locale.ROOT, "%.4f", halfLength);
    }
}
