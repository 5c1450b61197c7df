package dev.millrace.cli;

import dev.millrace.sqlite.DatabaseSummary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace inspect}: what a file says about itself. */
@Command(name = "inspect", description = "Show the kind, the origin and the row counts of a Millrace file of any kind.")
final class InspectCommand implements Runnable {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "D.db", description = "The file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public void run() {
        DatabaseSummary summary = DatabaseSummary.read(Inputs.file(file));
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("kind", summary.kind());
            fields.put("version", summary.version());
            fields.put("dataset_info", summary.info());
            fields.put("tables", summary.rowCounts());
            fields.put("splits", summary.splitCounts());
            console.printJson(fields);
            return;
        }
        console.print(file + ": " + summary.kind() + ", version " + summary.version());
        printTable("table", "rows", summary.rowCounts());
        if (!summary.splitCounts().isEmpty()) {
            printTable("split", "ids", summary.splitCounts());
        }
        printTable("dataset_info", "value", summary.info());
    }

    private void printTable(String key, String value, Map<String, ?> entries) {
        console.print("");
        console.printTable(
                List.of(key, value),
                entries.entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), String.valueOf(entry.getValue())))
                        .toList());
    }
}
