package dev.millrace.cli;

import dev.millrace.kv.DictSqliteMigration;
import dev.millrace.kv.KvImport;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace kv import}: entries of an export, or of a DictSQLite file. */
@Command(
        name = "import",
        description = {
            "Put entries into a store, over those that are there: of JSON lines as export writes them, or of a DictSQLite v4.2"
                    + " file. The store is made if it is not there.",
            "Of DictSQLite, prefixes of keys (name:key) become namespaces. Values that Python pickled are refused by name, never"
                    + " carried out; then nothing is written."
        },
        footer = {
            "",
            "Examples:",
            "  millrace kv import features.db features.jsonl.gz",
            "  zcat features.jsonl.gz | grep CCO | millrace kv import some.db -",
            "  millrace kv import features.db dictsqlite.db --values json",
            "  millrace kv import secrets.db plain.jsonl --encrypt --key-file secrets.key --compress",
            "Exit code 3 says that the input has what cannot be taken."
        })
final class KvImportCommand implements Callable<Integer> {
    private static final byte[] SQLITE = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_SHOWN = 20;

    /** What the entries come from. */
    enum Source {
        DICTSQLITE,
        JSONL
    }

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvTarget target = new KvTarget();

    @Parameters(
            index = "1",
            paramLabel = "FILE",
            description =
                    "The file to import: JSON lines, packed if it ends in .gz, or DictSQLite; - for JSON lines from"
                            + " standard input.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path source;

    @Option(
            names = "--from",
            paramLabel = "KIND",
            description = "dictsqlite or jsonl (default: dictsqlite if FILE is an SQLite file).")
    private @Nullable Source kind;

    @Option(
            names = "--namespace",
            paramLabel = "N",
            description = "Put all entries of JSON lines into this namespace (default: as they say).")
    private @Nullable String namespace;

    @Option(
            names = "--values",
            paramLabel = "KIND",
            description = "What the values of DictSQLite are: auto, bytes, json or text (default: auto, as they look).")
    private DictSqliteMigration.@Nullable Values values;

    @Option(
            names = "--whole-keys",
            paramLabel = "N",
            description = "Keep the keys of DictSQLite whole, colons and all, in this namespace.")
    private @Nullable String wholeKeys;

    @Option(names = "--skip-refused", description = "Take the rest of a DictSQLite file where some values are refused.")
    private boolean skipRefused;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        boolean fromInput = source.toString().equals("-");
        if (!fromInput) {
            Inputs.file(source);
            if (Files.exists(target.file()) && Files.isSameFile(source, target.file())) {
                throw new UsageException("Expected two files, found one for two purposes: " + source
                        + " would be read and written. Import into another store.");
            }
        }
        Source chosen = kind != null ? kind : !fromInput && isSqlite(source) ? Source.DICTSQLITE : Source.JSONL;
        if (chosen == Source.DICTSQLITE) {
            if (namespace != null || fromInput) {
                throw new UsageException(
                        fromInput
                                ? "--from dictsqlite: expected a file, found standard input."
                                : "--namespace: expected JSON lines, found a DictSQLite file. --whole-keys N puts all into"
                                        + " one namespace.");
            }
            return dictSqlite();
        }
        if (values != null || wholeKeys != null || skipRefused) {
            throw new UsageException(
                    "--values, --whole-keys, --skip-refused: expected a DictSQLite file beside them, found JSON lines.");
        }
        jsonLines(fromInput);
        return ExitCode.DONE.code();
    }

    private static boolean isSqlite(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(SQLITE.length), SQLITE);
        }
    }

    /** What is put is on the disk when the import ends, not put by put. */
    private <R> R write(Import<R> work) throws IOException {
        return target.write(PersistMode.LAZY, console, store -> {
            try (Progress progress = console.progress("import", -1)) {
                return work.run(store, progress::at);
            }
        });
    }

    /** Puts entries and tells how many. */
    @FunctionalInterface
    private interface Import<R> {
        R run(KvStore store, LongConsumer progress) throws IOException;
    }

    private void jsonLines(boolean fromInput) throws IOException {
        if (!fromInput) {
            KvImport.checkBeginning(source);
        }
        long entries = write((store, progress) -> {
            KvImport jsonLines = new KvImport(store).optProgress(progress);
            if (namespace != null) {
                String name = namespace;
                Inputs.checked(() -> store.namespace(name));
                jsonLines.optNamespace(name);
            }
            return fromInput ? jsonLines.read(System.in, "standard input") : jsonLines.read(source);
        });
        print(entries, Map.of());
    }

    private int dictSqlite() throws IOException {
        DictSqliteMigration migration = new DictSqliteMigration(source);
        if (values != null) {
            migration.optValues(values);
        }
        if (wholeKeys != null) {
            migration.optWholeKeys(wholeKeys);
        }
        if (!skipRefused) {
            DictSqliteMigration.Report before;
            try (Progress progress = console.progress("check", -1)) {
                before = migration.optProgress(progress::at).scan();
            }
            if (before.refused() > 0) {
                refusals(before);
                console.error("Cannot import " + source + ": " + KvText.entries(before.refused())
                        + " cannot be taken, of " + KvText.entries(before.refused() + before.entries())
                        + ". Nothing was written. --skip-refused takes the others.");
                return ExitCode.REJECTED.code();
            }
        }
        DictSqliteMigration.Report report =
                write((store, progress) -> migration.optProgress(progress).run(store));
        if (report.refused() > 0) {
            refusals(report);
            console.warn(KvText.entries(report.refused()) + " could not be taken and were left out");
        }
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("refused", report.refused());
        more.put("namespaces", report.byNamespace());
        Map<String, Long> formats = new LinkedHashMap<>();
        report.byFormat().forEach((format, count) -> formats.put(format.toString(), count));
        more.put("formats", formats);
        print(report.entries(), more);
        return ExitCode.DONE.code();
    }

    private void refusals(DictSqliteMigration.Report report) {
        List<DictSqliteMigration.Refused> rows = report.refusedRows();
        rows.stream()
                .limit(MOST_SHOWN)
                .forEach(row -> console.warn("'" + KvText.key(row.key()) + "': " + KvText.key(row.reason())));
        if (report.refused() > MOST_SHOWN) {
            console.warn("and " + (report.refused() - MOST_SHOWN) + " more");
        }
    }

    private void print(long entries, Map<String, Object> more) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", target.file().toString());
            fields.put("source", source.toString());
            fields.put("entries", entries);
            fields.putAll(more);
            console.printJson(fields);
            return;
        }
        console.print(target.file() + ": " + KvText.entries(entries) + " imported");
        if (more.get("formats") instanceof Map<?, ?> formats && !formats.isEmpty()) {
            console.print("formats: "
                    + KvText.key(formats.toString().replaceAll("[{}]", "").replace("=", " ")));
        }
        if (more.get("namespaces") instanceof Map<?, ?> namespaces && namespaces.size() > 1) {
            console.printTable(
                    List.of("entries", "namespace"),
                    namespaces.entrySet().stream()
                            .map(entry -> List.of(
                                    String.valueOf(entry.getValue()), KvText.key(String.valueOf(entry.getKey()))))
                            .toList());
        }
    }
}
