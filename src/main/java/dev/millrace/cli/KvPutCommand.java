package dev.millrace.cli;

import dev.millrace.kv.Codecs;
import dev.millrace.kv.KvEntries;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.kv.StoredValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace kv put}: one value. */
@Command(
        name = "put",
        description =
                "Put a value in place of what the key had. The store is made if it is not there. What is put is on the"
                        + " disk when this ends.",
        footer = {
            "",
            "Examples:",
            "  millrace kv put features.db greeting hello",
            "  millrace kv put features.db config '{\"rate\": 0.1}' --as json",
            "  millrace kv put features.db logo --file logo.png",
            "  curl … | millrace kv put features.db page - --as text",
            "  millrace kv put secrets.db token --file token.txt --encrypt --key-file secrets.key",
            "A key or value that begins with a dash comes after --: millrace kv put features.db -- -x -1"
        })
final class KvPutCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvTarget target = new KvTarget();

    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String key;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "VALUE",
            description = "The value; - reads it from standard input.")
    private @Nullable String value;

    @Option(names = "--file", paramLabel = "F", description = "Take the value from this file instead.")
    private @Nullable Path source;

    @Option(
            names = "--as",
            paramLabel = "FORMAT",
            description = "text, json, bytes, cbor or tensor (default: text for VALUE, bytes for --file and standard"
                    + " input). VALUE as cbor or tensor is written as JSON, [[1, 2], [3, 4]] for example, and stored as"
                    + " CBOR or float32.")
    private Codecs.@Nullable Format format;

    @Option(names = "--namespace", paramLabel = "N", description = "Namespace (default: main).")
    private String namespace = KvStore.DEFAULT_NAMESPACE;

    @Option(names = "--if-absent", description = "Leave a value that is there as it is, and end with exit code 1.")
    private boolean ifAbsent;

    @Override
    public Integer call() throws IOException {
        if ((value == null) == (source == null)) {
            throw new UsageException("Expected VALUE or --file, found " + (value == null ? "neither" : "both")
                    + ". A VALUE of - reads standard input.");
        }
        StoredValue read = Inputs.checked(this::read);
        boolean put = target.write(
                PersistMode.WRITE_THROUGH,
                console,
                store -> Inputs.checked(() -> {
                    KvEntries entries = new KvEntries(store, namespace);
                    if (ifAbsent) {
                        return entries.putIfAbsent(key, read);
                    }
                    entries.put(key, read);
                    return true;
                }));
        if (!put) {
            console.error(
                    "The key has a value already, which stays: '" + KvText.key(key) + "' (" + target.file() + ").");
            return ExitCode.FAILED.code();
        }
        console.note(target.file() + ": put '" + KvText.key(key) + "', " + read.format() + ", "
                + KvText.bytes(read.bytes().length));
        return ExitCode.DONE.code();
    }

    private StoredValue read() {
        try {
            if (source != null && !source.toString().equals("-")) {
                // A pipe may be read too; a folder may not.
                if (Files.isDirectory(source) || Files.notExists(source)) {
                    Inputs.file(source);
                }
                try (InputStream in = Files.newInputStream(source)) {
                    return bytes(in, source.toString());
                }
            }
            if (source != null || "-".equals(value)) {
                return bytes(System.in, "standard input");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot read the value: " + e.getMessage(), e);
        }
        StoredValue parsed = KvText.parse(String.valueOf(value), format == null ? Codecs.Format.TEXT : format);
        return KvEntries.checked(parsed);
    }

    private StoredValue bytes(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(KvStore.LARGEST_VALUE_BYTES + 1);
        if (bytes.length > KvStore.LARGEST_VALUE_BYTES) {
            throw new UsageException("Expected a value of at most " + KvText.bytes(KvStore.LARGEST_VALUE_BYTES)
                    + ", found more: " + name + ". Store it in parts, or its name.");
        }
        try {
            return KvEntries.checked(new StoredValue(format == null ? Codecs.Format.BYTES : format, bytes));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Cannot take the value of " + name + ": " + e.getMessage());
        }
    }
}
