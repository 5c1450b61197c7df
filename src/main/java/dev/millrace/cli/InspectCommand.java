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
            console.printJson(fields);
            return;
        }
        console.print(file + ": " + summary.kind() + ", version " + summary.version());
        console.print("");
        console.printTable(
                List.of("table", "rows"),
                summary.rowCounts().entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), entry.getValue().toString()))
                        .toList());
        console.print("");
        console.printTable(
                List.of("dataset_info", "value"),
                summary.info().entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), entry.getValue()))
                        .toList());
    }
}
