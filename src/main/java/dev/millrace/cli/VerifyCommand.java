package dev.millrace.cli;

import dev.millrace.kv.KvCatalog;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.Verification;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace verify}: reads a dataset completely and says whether anything in it is damaged or missing. */
@Command(
        name = "verify",
        description = "Check every row of a dataset against its checksum, and every table against the manifest.")
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "D.db", description = "The file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (KvCatalog.KIND.equals(kind(Inputs.file(file)))) {
            return KvVerifyCommand.verify(file, null, json, console);
        }
        Verification found = Verification.verify(file);
        long rows = found.rows().values().stream().mapToLong(Long::longValue).sum();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("kind", found.kind());
            fields.put("sound", found.isSound());
            fields.put("rows", found.rows());
            fields.put("faults", found.faults());
            console.printJson(fields);
        } else if (found.isSound()) {
            console.print(file + ": sound; " + rows + " rows of kind " + found.kind() + " checked");
        } else {
            found.faults().forEach(console::print);
        }
        if (found.isSound()) {
            return ExitCode.DONE.code();
        }
        console.error(file + " is damaged: " + found.faults().size() + " faults found. Restore it or build it again.");
        return ExitCode.DATABASE.code();
    }

    private static String kind(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return Schema.kindOf(database);
        }
    }
}
