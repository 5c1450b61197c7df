package dev.millrace.cli;

import dev.millrace.kv.KvEntries;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.sqlite.DatabaseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace kv del}: removes entries. */
@Command(
        name = "del",
        description =
                "Remove keys, all entries of a namespace, or the namespace itself. All or nothing, and on the disk when"
                        + " this ends. The file keeps its size; compact gives the room back.",
        footer = {
            "",
            "Examples:",
            "  millrace kv del features.db CCO CCN --namespace embeddings",
            "  millrace kv del features.db --all --namespace embeddings",
            "A key that begins with a dash comes after --: millrace kv del features.db -- -x"
        })
final class KvDelCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY", description = "The keys.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--namespace", paramLabel = "N", description = "Namespace (default: main).")
    private String namespace = KvStore.DEFAULT_NAMESPACE;

    @Option(names = "--all", description = "Remove all entries of the namespace. Does not ask.")
    private boolean all;

    @Option(names = "--drop-namespace", description = "Remove the namespace with all its entries. Does not ask.")
    private boolean drop;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if ((keys.isEmpty() ? 0 : 1) + (all ? 1 : 0) + (drop ? 1 : 0) != 1) {
            throw new UsageException("Expected keys, --all or --drop-namespace, one of them, found "
                    + (keys.isEmpty() && !all && !drop ? "none." : "several."));
        }
        input.existing();
        long removed;
        List<String> absent = new ArrayList<>();
        try (KvSecret secret = input.secret();
                KvStore store = KvStore.builder()
                        .setFile(input.file())
                        .optSecret(secret)
                        .build()) {
            if (all || drop) {
                removed = Inputs.checked(() -> store.namespace(namespace)).size();
                if (drop) {
                    store.dropNamespace(namespace);
                } else if (removed > 0) {
                    store.namespace(namespace).clear();
                }
            } else {
                Set<String> wanted = new LinkedHashSet<>(keys);
                List<String> found = Inputs.checked(() -> new KvEntries(store, namespace).remove(List.copyOf(wanted)));
                removed = found.size();
                found.forEach(wanted::remove);
                absent.addAll(wanted);
            }
        } catch (DatabaseException e) {
            throw KvTarget.ending(e);
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", input.file().toString());
            fields.put("namespace", namespace);
            fields.put("removed", removed);
            fields.put("absent", absent);
            console.printJson(fields);
        } else {
            console.print(input.file() + ": " + KvText.entries(removed) + " of namespace '" + KvText.key(namespace)
                    + "' removed");
            absent.forEach(key -> console.warn("no such key: '" + KvText.key(key) + "'"));
        }
        return ExitCode.DONE.code();
    }
}
