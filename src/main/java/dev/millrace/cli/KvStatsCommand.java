package dev.millrace.cli;

import dev.millrace.kv.KvCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace kv stats}: how much is in a store. */
@Command(
        name = "stats",
        description =
                "Show how many entries a store has, of which formats, and what they and the file take. Values are not"
                        + " read, and of an encrypted store no password is needed. Also while a program writes.",
        footer = {"", "Example:", "  millrace kv stats features.db"})
final class KvStatsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Option(names = "--namespace", paramLabel = "N", description = "Only this namespace (default: all).")
    private @Nullable String namespace;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Path file = input.existing();
        try (KvCatalog catalog = KvCatalog.open(file)) {
            Map<String, KvCatalog.Sizes> sizes = new LinkedHashMap<>(catalog.sizes());
            if (namespace != null) {
                if (!sizes.containsKey(namespace)) {
                    throw new UsageException("No such namespace: '" + KvText.key(namespace) + "' (" + file
                            + "). millrace kv ls " + file + " --namespaces lists them.");
                }
                sizes.keySet().retainAll(List.of(namespace));
            }
            if (json) {
                printJson(file, catalog, sizes);
            } else {
                print(file, catalog, sizes);
            }
        }
        return ExitCode.DONE.code();
    }

    private void print(Path file, KvCatalog catalog, Map<String, KvCatalog.Sizes> sizes) {
        KvCatalog.FileSizes bytes = catalog.fileSizes();
        console.print(file + ": key-value store, version " + catalog.version());
        console.print("file: " + KvText.bytes(bytes.fileBytes())
                + (bytes.freeBytes() > 0 ? ", " + KvText.bytes(bytes.freeBytes()) + " of them free (kv compact)" : ""));
        if (bytes.logBytes() > 0) {
            console.print("log: " + KvText.bytes(bytes.logBytes())
                    + " in the -wal file beside it, which belongs to the store");
        }
        console.print("encryption: " + KvInput.words(catalog.protection()));
        console.print("");
        if (sizes.isEmpty()) {
            console.print("no entry yet");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        sizes.forEach((name, size) -> rows.add(List.of(
                String.valueOf(size.entries()),
                String.valueOf(size.bytes()),
                String.valueOf(size.storedBytes()),
                String.format(Locale.ROOT, "%.0f%%", 100.0 * size.compressed() / Math.max(1, size.entries())),
                size.formats().entrySet().stream()
                        .map(format -> format.getKey() + " " + format.getValue())
                        .collect(Collectors.joining(", ")),
                KvText.key(name))));
        console.printTable(List.of("entries", "bytes", "stored", "compressed", "formats", "namespace"), rows);
    }

    private void printJson(Path file, KvCatalog catalog, Map<String, KvCatalog.Sizes> sizes) {
        KvCatalog.FileSizes bytes = catalog.fileSizes();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("version", catalog.version());
        fields.put("file_bytes", bytes.fileBytes());
        fields.put("log_bytes", bytes.logBytes());
        fields.put("free_bytes", bytes.freeBytes());
        fields.put("encryption", catalog.protection().name().toLowerCase(Locale.ROOT));
        List<Map<String, Object>> list = new ArrayList<>();
        sizes.forEach((name, size) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("namespace", name);
            one.put("entries", size.entries());
            one.put("bytes", size.bytes());
            one.put("stored_bytes", size.storedBytes());
            one.put("compressed", size.compressed());
            one.put("formats", size.formats());
            list.add(one);
        });
        fields.put("namespaces", list);
        console.printJson(fields);
    }
}
