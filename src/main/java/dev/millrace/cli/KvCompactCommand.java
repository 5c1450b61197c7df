package dev.millrace.cli;

import dev.millrace.kv.KvCompaction;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace kv compact}: gives the room of removed entries back to the disk. */
@Command(
        name = "compact",
        description =
                "Write a store anew without the room that removed entries left, and without their remains. Nobody may"
                        + " write to it meanwhile; others may read it. Killed at any moment, the file is as it was.",
        footer = {"", "Example:", "  millrace kv compact features.db"})
final class KvCompactCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    // No password: pages are moved, values are not opened.
    @Parameters(paramLabel = "STORE.db", description = "The store's file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        KvCompaction result = KvCompaction.compact(Inputs.file(file));
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("bytes_before", result.bytesBefore());
            fields.put("bytes_after", result.bytesAfter());
            console.printJson(fields);
        } else {
            console.print(file + ": " + KvText.bytes(result.bytesBefore()) + " before, "
                    + KvText.bytes(result.bytesAfter()) + " after");
        }
        return ExitCode.DONE.code();
    }
}
