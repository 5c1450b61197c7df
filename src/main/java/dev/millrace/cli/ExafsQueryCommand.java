package dev.millrace.cli;

import dev.millrace.build.CsvLine;
import dev.millrace.build.PublishedFile;
import dev.millrace.exafs.PathCriteria;
import dev.millrace.exafs.PathEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace exafs query}: which paths match. */
@Command(
        name = "query",
        description = "List the paths that match, or count them by type.",
        footer = {
            "",
            "Examples:",
            "  millrace exafs query --database chi.db --paths U-O --max-distance 4",
            "  millrace exafs query --database chi.db --nleg 3-4 --format csv --out paths.csv",
            "  millrace exafs query --database chi.db --count"
        })
final class ExafsQueryCommand implements Callable<Integer> {
    /** How paths are listed. */
    enum Format {
        TABLE,
        CSV,
        JSON
    }

    private static final int SHOWN = 50;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsInput input = new ExafsInput();

    @Mixin
    private final ExafsSelection selection = new ExafsSelection();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Option(names = "--count", description = "Count paths and atoms by path type instead.")
    private boolean counts;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "table, csv or json (default: table, or as --out ends).")
    private @Nullable Format format;

    @Option(names = "--json", description = "The same as --format json.")
    private boolean json;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Show the first N paths only (default: " + SHOWN + " in a table, all in csv and json).")
    private @Nullable Long limit;

    @Option(names = "--out", paramLabel = "F", description = "File to write csv or json to (default: print).")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        Format chosen = json ? Format.JSON : format != null ? format : named();
        if (limit != null) {
            Inputs.range("--limit", limit, 0, Long.MAX_VALUE);
        }
        if (out != null) {
            if (chosen == Format.TABLE || counts) {
                throw new UsageException("--out: expected --format csv or json and no --count beside it.");
            }
            Inputs.output(out, input.database() == null ? new Path[0] : new Path[] {input.database()});
        }
        PathCriteria criteria = selection.criteria();
        if (counts) {
            count(criteria, chosen);
        } else if (chosen == Format.TABLE) {
            table(criteria);
        } else {
            list(criteria, chosen == Format.CSV ? PathTable.Format.CSV : PathTable.Format.JSON);
        }
        return ExitCode.DONE.code();
    }

    /** The format that the name of --out asks for. */
    private Format named() {
        return out == null
                ? Format.TABLE
                : switch (ChiFile.of(out)) {
                    case CSV -> Format.CSV;
                    case JSON -> Format.JSON;
                    case TEXT -> Format.TABLE;
                };
    }

    /** What there is of a type. */
    private static final class Count {
        private long paths;
        private long atoms;
        private long lastFrame = Long.MIN_VALUE;
        private long lastAtom = Long.MIN_VALUE;
        private double least = Double.POSITIVE_INFINITY;
        private double most = Double.NEGATIVE_INFINITY;

        void add(PathEntry path) {
            paths++;
            atoms += path.frame() == lastFrame && path.atomId() == lastAtom ? 0 : 1;
            lastFrame = path.frame();
            lastAtom = path.atomId();
            least = Math.min(least, path.reff());
            most = Math.max(most, path.reff());
        }
    }

    private void count(PathCriteria criteria, Format chosen) throws IOException {
        Count all = new Count();
        Map<String, Count> byType = input.with(console, source -> {
            Map<String, Count> types = new TreeMap<>();
            source.paths(criteria, path -> {
                types.computeIfAbsent(path.type().name(), name -> new Count()).add(path);
                all.add(path);
            });
            source.warnings(criteria).forEach(console::warn);
            return types;
        });
        List<Map.Entry<String, Count>> sorted = new ArrayList<>(byType.entrySet());
        sorted.sort((a, b) -> Long.compare(b.getValue().paths, a.getValue().paths));
        if (chosen == Format.JSON) {
            List<Map<String, Object>> types = new ArrayList<>();
            sorted.forEach(entry -> types.add(fields(entry.getKey(), entry.getValue())));
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("paths", all.paths);
            fields.put("atoms", all.atoms);
            fields.put("types", types);
            console.printJson(fields);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        sorted.forEach(entry -> rows.add(cells(entry.getKey(), entry.getValue())));
        List<String> head = List.of("path_type", "paths", "atoms", "min_reff", "max_reff");
        if (chosen == Format.CSV) {
            console.print(String.join(",", head));
            rows.forEach(row -> {
                CsvLine line = new CsvLine(false);
                row.forEach(line::text);
                console.print(line.toString());
            });
            return;
        }
        console.printTable(head, rows);
        console.print(all.paths + " paths of " + all.atoms + " atoms");
    }

    private static Map<String, Object> fields(String type, Count count) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path_type", type);
        fields.put("paths", count.paths);
        fields.put("atoms", count.atoms);
        fields.put("min_reff", count.least);
        fields.put("max_reff", count.most);
        return fields;
    }

    private static List<String> cells(String type, Count count) {
        return List.of(
                type,
                String.valueOf(count.paths),
                String.valueOf(count.atoms),
                String.valueOf(count.least),
                String.valueOf(count.most));
    }

    private void table(PathCriteria criteria) throws IOException {
        long shown = limit == null ? SHOWN : limit;
        List<List<String>> rows = new ArrayList<>();
        Count all = new Count();
        input.with(console, source -> {
            rows.clear();
            source.paths(criteria, path -> {
                all.add(path);
                if (rows.size() < shown) {
                    rows.add(PathTable.cells(path).stream()
                            .map(cell -> cell == null ? "-" : cell.toString())
                            .toList());
                }
            });
            source.warnings(criteria).forEach(console::warn);
            return true;
        });
        console.printTable(PathTable.PATH, rows);
        console.print(String.format(Locale.ROOT, "%d paths of %d atoms", all.paths, all.atoms)
                + (rows.size() < all.paths ? ", the first " + rows.size() + " shown (--limit)" : ""));
    }

    private void list(PathCriteria criteria, PathTable.Format listed) throws IOException {
        if (out == null) {
            PrintWriter screen = spec.commandLine().getOut();
            write(criteria, listed, screen);
            screen.flush();
            return;
        }
        long[] count = new long[1];
        PublishedFile.write(out, writer -> count[0] = write(criteria, listed, writer));
        console.print(out + ": " + count[0] + " paths");
    }

    private long write(PathCriteria criteria, PathTable.Format listed, java.io.Writer writer) throws IOException {
        long most = limit == null ? Long.MAX_VALUE : limit;
        PathTable table = new PathTable(writer, listed, PathTable.PATH, new double[0], 0);
        table.begin();
        input.with(console, source -> {
            source.paths(criteria, path -> {
                if (table.rows() < most) {
                    table.row(PathTable.cells(path));
                }
            });
            source.warnings(criteria).forEach(console::warn);
            return true;
        });
        table.end();
        return table.rows();
    }
}
