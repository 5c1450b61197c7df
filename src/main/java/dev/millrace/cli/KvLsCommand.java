package dev.millrace.cli;

import dev.millrace.kv.KvCatalog;
import dev.millrace.kv.KvStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace kv ls}: keys. */
@Command(
        name = "ls",
        description =
                "List the keys of a namespace in order, or the namespaces. Values are not read, and of an encrypted store"
                        + " no password is needed: keys are not encrypted. Also while a program writes.",
        footer = {
            "",
            "Examples:",
            "  millrace kv ls features.db --namespaces",
            "  millrace kv ls features.db --namespace embeddings --prefix CC --limit 20 --long",
            "Control characters in keys are written as \\n or \\u001b; --json has keys as they are."
        })
final class KvLsCommand implements Callable<Integer> {
    private static final String LINE = "%-8s %12s %12s  %s";
    private static final int MOST_NAMED = 10;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Option(names = "--namespace", paramLabel = "N", description = "Namespace (default: main).")
    private String namespace = KvStore.DEFAULT_NAMESPACE;

    @Option(names = "--prefix", paramLabel = "P", description = "Only keys that begin so.")
    private String prefix = "";

    @Option(names = "--limit", paramLabel = "N", description = "The first N keys only (default: all).")
    private @Nullable Long limit;

    @Option(
            names = {"-l", "--long"},
            description = "With the format of each value, its bytes, and what they take in the file.")
    private boolean isLong;

    @Option(names = "--namespaces", description = "List the namespaces and how many entries they have, instead.")
    private boolean namespaces;

    @Option(names = "--json", description = "Print JSON, with all that --long shows.")
    private boolean json;

    @Override
    public Integer call() {
        if (limit != null) {
            Inputs.range("--limit", limit, 0, Long.MAX_VALUE);
        }
        try (KvCatalog catalog = KvCatalog.open(input.existing())) {
            if (namespaces) {
                printNamespaces(catalog.namespaces());
            } else {
                printKeys(catalog);
            }
        }
        return ExitCode.DONE.code();
    }

    private void printNamespaces(Map<String, Long> found) {
        if (json) {
            List<Map<String, Object>> list = new ArrayList<>();
            found.forEach((name, entries) -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("namespace", name);
                fields.put("entries", entries);
                list.add(fields);
            });
            console.printJson(list);
        } else if (found.isEmpty()) {
            console.print("no namespace yet");
        } else {
            console.printTable(
                    List.of("entries", "namespace"),
                    found.entrySet().stream()
                            .map(entry -> List.of(String.valueOf(entry.getValue()), KvText.key(entry.getKey())))
                            .toList());
        }
    }

    private void printKeys(KvCatalog catalog) {
        long most = limit == null ? Long.MAX_VALUE : limit;
        long[] count = new long[1];
        if (json) {
            // Element by element: there may be millions.
            Predicate<KvCatalog.Listed> element = listed -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("key", listed.key());
                fields.put("format", listed.format());
                fields.put("bytes", listed.bytes());
                fields.put("stored_bytes", listed.storedBytes());
                console.print(
                        (count[0]++ == 0 ? "[ " : ", ") + JsonMapper.shared().writeValueAsString(fields));
                return console.isRead();
            };
            catalog.list(namespace, prefix, most, element);
            console.print(count[0] == 0 ? "[ ]" : "]");
            return;
        }
        if (isLong) {
            catalog.list(namespace, prefix, most, listed -> {
                if (count[0]++ == 0) {
                    console.print(String.format(Locale.ROOT, LINE, "format", "bytes", "stored", "key"));
                }
                console.print(String.format(
                        Locale.ROOT,
                        LINE,
                        listed.format(),
                        listed.bytes(),
                        listed.storedBytes(),
                        KvText.key(listed.key())));
                return console.isRead();
            });
        } else {
            catalog.keys(namespace, prefix, most, key -> {
                count[0]++;
                console.print(KvText.key(key));
                return console.isRead();
            });
        }
        if (count[0] == 0) {
            explain(catalog.namespaces());
        }
    }

    private void explain(Map<String, Long> found) {
        if (found.getOrDefault(namespace, 0L) > 0) {
            console.note(
                    "no key of namespace '" + KvText.key(namespace) + "' begins with '" + KvText.key(prefix) + "'");
            return;
        }
        List<String> others = found.entrySet().stream()
                .filter(other -> other.getValue() > 0)
                .map(other -> "'" + KvText.key(other.getKey()) + "'")
                .toList();
        console.note("no entry in namespace '" + KvText.key(namespace) + "'"
                + (others.isEmpty()
                        ? ", nor any other"
                        : "; there are " + others.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                                + (others.size() > MOST_NAMED ? " and others" : "")));
    }
}
