package dev.millrace.cli;

import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvVerification;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace kv verify}: reads a store completely and says whether anything in it is damaged. */
@Command(
        name = "verify",
        description =
                "Check a store: SQLite's structure, the tables, every entry against its checksum and format, every"
                        + " count against the entries. Works while a program writes, and after a crash.",
        footer = {
            "",
            "Examples:",
            "  millrace kv verify features.db",
            "  millrace kv verify secrets.db --key-file secrets.key",
            "Of an encrypted store without its password or key, values are checked as they lie there, but not opened.",
            "Exit code 4 says that the store is damaged."
        })
final class KvVerifyCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Path file = input.existing();
        try (KvSecret secret = input.secretIfGiven()) {
            return verify(file, secret, json, console);
        }
    }

    /** Verifies and prints; also for who finds out that a file is a store. */
    static int verify(Path file, @Nullable KvSecret secret, boolean json, Console console) {
        KvVerification found;
        try (Progress progress = console.progress("verify", -1)) {
            found = KvVerification.verify(file, secret, progress::at);
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("kind", dev.millrace.kv.KvCatalog.KIND);
            fields.put("sound", found.isSound());
            fields.put("rows", found.rows());
            fields.put("not_opened", found.sealed());
            fields.put("fault_count", found.faultCount());
            fields.put("faults", found.faults());
            console.printJson(fields);
        } else {
            print(file, found, console);
        }
        if (found.isSound()) {
            return ExitCode.DONE.code();
        }
        console.error(file + " is damaged: " + found.faultCount() + (found.faultCount() == 1 ? " fault" : " faults")
                + " found. Restore it, or remove or put again the entries that are named.");
        return ExitCode.DATABASE.code();
    }

    private static void print(Path file, KvVerification found, Console console) {
        found.faults().forEach(fault -> console.print(KvText.key(fault)));
        if (found.faultCount() > found.faults().size()) {
            console.print("and " + (found.faultCount() - found.faults().size()) + " more");
        }
        if (found.isSound()) {
            long entries =
                    found.rows().values().stream().mapToLong(Long::longValue).sum();
            console.print(file + ": sound; " + KvText.entries(entries) + " checked");
            if (found.rows().size() > 1) {
                console.printTable(
                        List.of("entries", "namespace"),
                        found.rows().entrySet().stream()
                                .map(row -> List.of(String.valueOf(row.getValue()), KvText.key(row.getKey())))
                                .toList());
            }
        }
        if (found.sealed() > 0) {
            console.print("the values of " + KvText.entries(found.sealed())
                    + " are encrypted and were not opened: without --password-file or --key-file only their checksums"
                    + " are checked");
        }
    }
}
