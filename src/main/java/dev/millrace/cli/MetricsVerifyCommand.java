package dev.millrace.cli;

import dev.millrace.metrics.MetricsSql;
import dev.millrace.metrics.MetricsVerification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics verify}: reads a metrics file completely and says whether anything in it is damaged. */
@Command(
        name = "verify",
        description = "Check a metrics file: SQLite's structure, the tables and views, the numbering of every series,"
                + " every rollup against its points. Works while a run records, and after a crash.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics verify runs/demo/run",
            "  millrace metrics verify old.db --upgrade",
            "Exit code 4 says that the file is damaged."
        })
final class MetricsVerifyCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(
            names = "--upgrade",
            description = "First bring a file of an earlier version to this one; the file as it was is kept beside it.")
    private boolean upgrade;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** What lies in the spool folder. */
    private record Spool(int files, long bytes) {}

    @Override
    public Integer call() throws IOException {
        Path file = MetricsInput.file(named);
        Path copy = upgrade ? MetricsSql.upgrade(file).orElse(null) : null;
        MetricsVerification found = MetricsVerification.verify(file);
        Spool spool = spool(file);
        if (json) {
            printJson(file, copy, found, spool);
        } else {
            print(file, copy, found, spool);
        }
        if (found.isSound()) {
            return ExitCode.DONE.code();
        }
        console.error(file + " is damaged: " + found.faults().size()
                + " faults found. Export what can be read, and restore it or record into another file.");
        return ExitCode.DATABASE.code();
    }

    private void print(Path file, @Nullable Path copy, MetricsVerification found, Spool spool) {
        if (copy != null) {
            console.print("upgraded; as it was the file is " + copy);
        } else if (upgrade) {
            console.print("no upgrade needed");
        }
        if (found.isSound()) {
            console.print(file + ": sound");
            List<List<String>> rows = found.rows().entrySet().stream()
                    .map(entry -> List.of(entry.getKey(), String.valueOf(entry.getValue())))
                    .toList();
            console.printTable(List.of("table", "rows"), rows);
        } else {
            found.faults().forEach(console::print);
        }
        if (spool.files > 0) {
            console.print("spool: " + spool.files + " files, " + spool.bytes + " bytes");
        }
    }

    private void printJson(Path file, @Nullable Path copy, MetricsVerification found, Spool spool) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("sound", found.isSound());
        if (copy != null) {
            fields.put("copy", copy.toString());
        }
        fields.put("rows", found.rows());
        fields.put("faults", found.faults());
        fields.put("spool_files", spool.files);
        fields.put("spool_bytes", spool.bytes);
        console.printJson(fields);
    }

    private static Spool spool(Path file) throws IOException {
        Path folder = file.resolveSibling(file.getFileName() + ".spool");
        if (!Files.isDirectory(folder)) {
            return new Spool(0, 0);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found = files.filter(Files::isRegularFile).toList();
            long bytes = 0;
            for (Path each : found) {
                bytes += Files.size(each);
            }
            return new Spool(found.size(), bytes);
        }
    }
}
