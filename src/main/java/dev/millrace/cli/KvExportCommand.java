package dev.millrace.cli;

import dev.millrace.kv.KvExport;
import dev.millrace.kv.KvStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace kv export}: entries as text. */
@Command(
        name = "export",
        description =
                "Write entries as JSON lines, from which import makes the same entries byte by byte: namespace, key,"
                        + " format, and value or base64. Of an encrypted store the values are written open. Also while a program"
                        + " writes.",
        footer = {
            "",
            "Examples:",
            "  millrace kv export features.db --out features.jsonl.gz",
            "  millrace kv export features.db --namespace embeddings --prefix CC --out - | head"
        })
final class KvExportCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Option(names = "--namespace", paramLabel = "N", description = "Only this namespace (default: all).")
    private @Nullable String namespace;

    @Option(names = "--prefix", paramLabel = "P", description = "Only keys that begin so.")
    private String prefix = "";

    @Option(
            names = "--out",
            paramLabel = "F",
            required = true,
            description = "File to write, packed if it ends in .gz; - for standard output.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String out;

    @Option(names = "--json", description = "Print the number of entries as JSON; not with --out -.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        input.existing();
        boolean toScreen = out.equals("-");
        if (toScreen && json) {
            throw new UsageException("--json: expected --out with a file, found standard output.");
        }
        Path target = toScreen ? null : KvOutput.file(Path.of(out), input);
        try (KvStore store = input.open();
                Progress progress = console.progress("export", -1)) {
            KvExport export = new KvExport(store).optPrefix(prefix);
            if (namespace != null) {
                requireNamespace(store, namespace);
                export.optNamespace(namespace);
            }
            if (target == null) {
                console.printBytes(export::write);
                progress.end();
                return ExitCode.DONE.code();
            }
            long entries = export.optProgress(progress::at).write(target);
            if (json) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("file", target.toString());
                fields.put("entries", entries);
                console.printJson(fields);
            } else {
                console.print(target + ": " + KvText.entries(entries));
            }
        }
        return ExitCode.DONE.code();
    }

    /** An empty file would be taken for an empty namespace. */
    private void requireNamespace(KvStore store, String name) {
        if (!store.namespaces().contains(name)) {
            throw new UsageException("No entry in namespace '" + KvText.key(name) + "' (" + input.file()
                    + "). millrace kv ls " + input.file() + " --namespaces lists those that have some.");
        }
    }
}
