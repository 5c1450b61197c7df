package dev.millrace.cli;

import dev.millrace.kv.Codecs;
import dev.millrace.kv.KvEntries;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.StoredValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace kv get}: the values of keys. */
@Command(
        name = "get",
        description =
                "Print the value of a key: text and JSON as they are, CBOR as JSON, tensors in short, bytes as they"
                        + " are unless that is to a terminal. Of several keys one line each. Also while a program writes.",
        footer = {
            "",
            "Examples:",
            "  millrace kv get features.db CCO --namespace embeddings",
            "  millrace kv get features.db logo --out logo.png",
            "  millrace kv get features.db a b c --json",
            "A key that begins with a dash comes after --: millrace kv get features.db -- -x",
            "Exit code 1 says that a key is not there."
        })
final class KvGetCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final KvInput input = new KvInput();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "The keys.")
    private List<String> keys = new ArrayList<>();

    @Option(names = "--namespace", paramLabel = "N", description = "Namespace (default: main).")
    private String namespace = KvStore.DEFAULT_NAMESPACE;

    @Option(names = "--out", paramLabel = "F", description = "File to write the bytes of the value to, as stored.")
    private @Nullable Path out;

    @Option(
            names = "--json",
            description =
                    "Print a line of JSON for each key: key, format, and value or base64; of a tensor dtype, shape"
                            + " and value.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path file = input.existing();
        if (out != null) {
            if (keys.size() > 1 || json) {
                throw new UsageException("--out: expected one key and no --json beside it.");
            }
            KvOutput.file(out, input);
        }
        List<@Nullable StoredValue> values;
        try (KvStore store = input.open()) {
            values = Inputs.checked(() -> new KvEntries(store, namespace).get(keys));
        }
        int absent = 0;
        for (int i = 0; i < keys.size(); i++) {
            StoredValue value = values.get(i);
            if (value == null) {
                absent++;
                console.error("No such key in namespace '" + KvText.key(namespace) + "': '" + KvText.key(keys.get(i))
                        + "' (" + file + ").");
            } else if (json) {
                console.print(JsonMapper.shared().writeValueAsString(KvText.fields(keys.get(i), value)));
            } else if (keys.size() > 1) {
                console.print(KvText.line(keys.get(i)) + "\t" + KvText.oneLine(value));
            } else if (out != null) {
                write(out, value.bytes());
            } else {
                print(value);
            }
        }
        return (absent == 0 ? ExitCode.DONE : ExitCode.FAILED).code();
    }

    private void print(StoredValue value) throws IOException {
        boolean terminal = Terminal.isTerminal();
        if (value.format() == Codecs.Format.TENSOR) {
            console.print(KvText.tensor(Codecs.TENSOR.decode(value.bytes())));
        } else if (value.format() != Codecs.Format.BYTES) {
            String text = KvText.text(value);
            console.print(terminal ? KvText.harmless(text) : text);
        } else if (terminal) {
            console.print(KvText.bytes(value.bytes().length) + ": " + KvText.preview(value.bytes()));
            console.note("All of them: --out F, or > F, or --json.");
        } else {
            console.printBytes(stream -> stream.write(value.bytes()));
        }
    }

    private void write(Path target, byte[] bytes) throws IOException {
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try {
            Files.write(partial, bytes);
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IOException("Cannot write " + target + ": " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(partial);
        }
        console.note(target + ": " + KvText.bytes(bytes.length));
    }
}
