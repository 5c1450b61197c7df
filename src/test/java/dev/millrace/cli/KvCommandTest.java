package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kv.Codecs;
import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace kv}, as a user types it. */
final class KvCommandTest {
    private static final String HOSTILE = "\u001b[31mkey\nnext\u202e";
    private static final byte[] PICKLE = HexFormat.of().parseHex("80049506000000000000007d948c0161942e");

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("store.db");
    }

    @Test
    void put_everyFormat_isWhatGetPrints() throws IOException {
        Path blob = Files.write(folder.resolve("blob"), new byte[] {0, 1, -1});
        assertThat(kv("put", file, "text", "hello").errorLines()).containsExactly(file + ": put 'text', text, 5 bytes");
        assertThat(kv("put", file, "text2", "", "-q")).isEqualTo(new Shell(0, "", ""));
        assertThat(kv("put", file, "json", "{\"a\": 1.50}", "--as", "json").code())
                .isZero();
        assertThat(kv("put", file, "cbor", "[1,null]", "--as", "cbor").code()).isZero();
        assertThat(kv("put", file, "tensor", "[[1,2.5],[3,0.1]]", "--as", "tensor")
                        .code())
                .isZero();
        assertThat(kv("put", file, "bytes", "--file", blob).code()).isZero();
        assertThat(kv("put", file, "--", "-x", "-1").code()).isZero();

        assertThat(kv("get", file, "text").out()).isEqualTo("hello\n");
        assertThat(kv("get", file, "text2").out()).isEqualTo("\n");
        assertThat(kv("get", file, "json").out()).isEqualTo("{\"a\": 1.50}\n");
        assertThat(kv("get", file, "cbor").out()).isEqualTo("[1,null]\n");
        assertThat(kv("get", file, "tensor").out()).isEqualTo("float32[2, 2]: 1.0 2.5 3.0 0.1\n");
        assertThat(kv("get", file, "--", "-x").out()).isEqualTo("-1\n");
        assertThat(kv("get", file, "text", "bytes", "json", "text").out())
                .isEqualTo("text\thello\nbytes\tAAH/\njson\t{\"a\": 1.50}\ntext\thello\n");
        assertThat(kv("get", file, "tensor", "bytes", "json", "--json").out().lines())
                .containsExactly(
                        "{\"key\":\"tensor\",\"format\":\"tensor\",\"dtype\":\"float32\",\"shape\":[2,2],"
                                + "\"value\":[1.0,2.5,3.0,0.1]}",
                        "{\"key\":\"bytes\",\"format\":\"bytes\",\"base64\":\"AAH/\"}",
                        "{\"key\":\"json\",\"format\":\"json\",\"value\":{\"a\":1.5}}");
        Path out = folder.resolve("out");
        assertThat(kv("get", file, "bytes", "--out", out).code()).isZero();
        assertThat(out).hasBinaryContent(new byte[] {0, 1, -1});
    }

    @Test
    void get_bytes_arePrintedAsTheyAre() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (KvStore store = KvStore.builder().setFile(file).build()) {
            store.namespace("main").put("k", all);
        }
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int code = Main.run(
                new BytePrinter(stream), new PrintWriter(new StringWriter()), "kv", "get", file.toString(), "k");
        assertThat(code).isZero();
        assertThat(stream.toByteArray()).isEqualTo(all);
    }

    @Test
    void get_absentKey_isExitCode1WithOneLineAndNothingOnStandardOutput() {
        kv("put", file, "k", "v");
        assertThat(kv("get", file, "nope"))
                .isEqualTo(new Shell(1, "", "error: No such key in namespace 'main': 'nope' (" + file + ").\n"));
        assertThat(kv("get", file, "k", "--namespace", "other").code()).isEqualTo(1);
        Shell some = kv("get", file, "nope", "k");
        assertThat(some.code()).isEqualTo(1);
        assertThat(some.out()).isEqualTo("k\tv\n");
    }

    @Test
    void get_whileAProgramWrites_seesWhatIsCommittedAndLeavesTheWriterAlone() {
        try (KvStore store = KvStore.builder().setFile(file).build()) {
            KvNamespace<String> texts = store.namespace("main", Codecs.TEXT);
            texts.put("k", "1");
            assertThat(kv("get", file, "k").out()).isEqualTo("1\n");
            assertThat(kv("verify", file).code()).isZero();
            assertThat(kv("stats", file).out()).contains("-wal");
            assertThat(kv("export", file, "--out", folder.resolve("e.jsonl")).code())
                    .isZero();
            for (Shell refused : List.of(
                    kv("put", file, "k", "2"),
                    kv("del", file, "k"),
                    kv("compact", file),
                    kv("import", file, folder.resolve("e.jsonl")))) {
                assertThat(refused.code()).isEqualTo(1);
                assertThat(refused.errorLines()).hasSize(1).first().asString().contains("is writing to it");
            }
            texts.put("k", "3");
        }
        assertThat(kv("get", file, "k").out()).isEqualTo("3\n");
    }

    @Test
    void put_ifAbsent_leavesWhatIsThere() {
        assertThat(kv("put", file, "k", "1", "--if-absent").code()).isZero();
        assertThat(kv("put", file, "k", "2", "--if-absent").code()).isEqualTo(1);
        assertThat(kv("get", file, "k").out()).isEqualTo("1\n");
    }

    @Test
    void put_standardInput_isRead() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("häi\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(kv("put", file, "k", "-", "--as", "text").code()).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(kv("get", file, "k").out()).isEqualTo("häi\n\n");
    }

    @Test
    void put_whatCannotBeStored_isWrongUsageAndMakesNoStore() throws IOException {
        Path noTensor = Files.writeString(folder.resolve("no-tensor"), "x");
        for (Shell refused : List.of(
                kv("put", file, "k"),
                kv("put", file, "k", "v", "--file", noTensor),
                kv("put", file, "k", "{", "--as", "json"),
                kv("put", file, "k", "[1,[2]]", "--as", "tensor"),
                kv("put", file, "k", "NaN", "--as", "cbor"),
                kv("put", file, "k", "--file", noTensor, "--as", "tensor"),
                kv("put", file, "k", "--file", folder.resolve("none")),
                kv("put", file, "k", "--file", folder),
                kv("put", folder.resolve("none/s.db"), "k", "v"),
                kv("put", folder, "k", "v"))) {
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.errorLines()).singleElement().asString().startsWith("error: ");
        }
        assertThat(file).doesNotExist();
        assertThat(kv("put", file, "k".repeat(65_537), "v").code()).isEqualTo(2);
    }

    @Test
    void del_keys_saysHowManyAndWhichWereAbsent() {
        Stream.of("a", "b", "c").forEach(key -> kv("put", file, key, "v"));
        Shell some = kv("del", file, "a", "nope", "a", "b");
        assertThat(some.code()).isZero();
        assertThat(some.out()).isEqualTo(file + ": 2 entries of namespace 'main' removed\n");
        assertThat(some.errorLines()).containsExactly("warning: no such key: 'nope'");
        assertThat(kv("ls", file).out()).isEqualTo("c\n");
        assertThat(kv("del", file).code()).isEqualTo(2);
        assertThat(kv("del", file, "c", "--all").code()).isEqualTo(2);
        assertThat(kv("del", file, "--all").out()).contains("1 entry of");
        assertThat(kv("ls", file, "--namespaces").out()).contains("0  main");
        assertThat(kv("del", file, "--drop-namespace").code()).isZero();
        assertThat(kv("ls", file, "--namespaces").out()).isEqualTo("no namespace yet\n");
        assertThat(kv("verify", file).code()).isZero();
    }

    @Test
    void del_damagedEntry_isRemoved() {
        kv("put", file, "k", "value");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE entries SET value = x'00'");
        }
        assertThat(kv("get", file, "k").code()).isEqualTo(4);
        assertThat(kv("verify", file).code()).isEqualTo(4);
        assertThat(kv("verify", file).out()).contains("'k'");
        assertThat(Shell.millrace("verify", file).code()).isEqualTo(4);
        assertThat(kv("del", file, "k").code()).isZero();
        assertThat(kv("verify", file).code()).isZero();
    }

    @Test
    void ls_prefixAndLimit_listsInOrderOverPages() {
        try (KvStore store =
                KvStore.builder().setFile(file).optPersistMode(PersistMode.LAZY).build()) {
            KvNamespace<String> texts = store.namespace("n", Codecs.TEXT);
            for (int i = 0; i < 10_000; i++) {
                texts.put("k" + i, "v");
            }
            texts.put("x", "v");
        }
        assertThat(kv("ls", file, "--namespace", "n").out().lines())
                .hasSize(10_001)
                .isSorted();
        assertThat(kv("ls", file, "--namespace", "n", "--prefix", "k", "--limit", 5_000)
                        .out()
                        .lines())
                .hasSize(5_000);
        assertThat(kv("ls", file, "--namespace", "n", "--prefix", "k999").out())
                .isEqualTo("k999\nk9990\nk9991\nk9992\nk9993\nk9994\nk9995\nk9996\nk9997\nk9998\nk9999\n");
        assertThat(kv("ls", file, "--namespace", "n", "--limit", 0).out()).isEmpty();
        JsonNode json = JsonMapper.shared()
                .readTree(kv("ls", file, "--namespace", "n", "--json").out());
        assertThat(json.size()).isEqualTo(10_001);
        assertThat(json.get(10_000).get("bytes").asInt()).isEqualTo(1);
        Shell none = kv("ls", file);
        assertThat(none.code()).isZero();
        assertThat(none.out()).isEmpty();
        assertThat(none.error()).contains("there are 'n'");
    }

    @Test
    void ls_hostileKeys_areHarmlessLinesAndExactInJson() {
        kv("put", file, HOSTILE, HOSTILE, "--namespace", HOSTILE);
        for (Shell shell : List.of(
                kv("ls", file, "--namespace", HOSTILE),
                kv("ls", file, "--namespaces"),
                kv("stats", file),
                kv("get", file, HOSTILE, HOSTILE, "--namespace", HOSTILE),
                kv("del", file, "nope", HOSTILE + HOSTILE, "--namespace", HOSTILE))) {
            assertThat(shell.code()).isZero();
            assertThat(shell.out() + shell.error()).doesNotContain("\u001b", "\u202e");
        }
        assertThat(kv("ls", file, "--namespace", HOSTILE, "--long").out().lines())
                .hasSize(2);
        assertThat(JsonMapper.shared()
                        .readTree(
                                kv("ls", file, "--namespace", HOSTILE, "--json").out())
                        .get(0)
                        .get("key")
                        .asString())
                .isEqualTo(HOSTILE);
    }

    @Test
    void stats_compressedValues_addsUp() {
        kv("put", file, "long", "a".repeat(10_000), "--compress");
        kv("put", file, "short", "a", "--compress");
        kv("put", file, "j", "[]", "--as", "json", "--namespace", "other");
        JsonNode json = JsonMapper.shared().readTree(kv("stats", file, "--json").out());
        JsonNode main = json.get("namespaces").get(0);
        assertThat(main.get("entries").asInt()).isEqualTo(2);
        assertThat(main.get("bytes").asInt()).isEqualTo(10_001);
        assertThat(main.get("stored_bytes").asInt()).isBetween(10, 500);
        assertThat(main.get("compressed").asInt()).isEqualTo(1);
        assertThat(json.get("namespaces").get(1).get("formats").get("json").asInt())
                .isEqualTo(1);
        assertThat(json.get("file_bytes").asLong()).isEqualTo(file.toFile().length());
        assertThat(kv("stats", file, "--namespace", "other").out()).doesNotContain("main");
        assertThat(kv("stats", file, "--namespace", "nope").code()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"e.jsonl", "e.jsonl.gz"})
    void export_thenImport_givesTheSameEntries(String name) throws IOException {
        kv("put", file, HOSTILE, "text", "--namespace", "ü");
        kv("put", file, "j", "{\"a\": 1.50}", "--as", "json");
        kv("put", file, "t", "[1,2]", "--as", "tensor");
        Path out = folder.resolve(name);
        assertThat(kv("export", file, "--out", out).out()).isEqualTo(out + ": 3 entries\n");
        Path copy = folder.resolve("copy.db");
        assertThat(kv("import", copy, out, "--compress").out()).isEqualTo(copy + ": 3 entries imported\n");
        assertThat(export(copy)).isEqualTo(export(file));
        assertThat(kv("export", file, "--out", out, "--namespace", "ü", "--json")
                        .out())
                .contains("\"entries\" : 1");
        assertThat(kv("import", copy, out, "--namespace", "moved").code()).isZero();
        assertThat(kv("get", copy, HOSTILE, "--namespace", "moved").out()).isEqualTo("text\n");

        assertThat(kv("export", file, "--out", file).code()).isEqualTo(2);
        assertThat(kv("export", file, "--out", file + "-wal").code()).isEqualTo(2);
        assertThat(kv("export", file, "--out", out, "--namespace", "nope").code())
                .isEqualTo(2);
        assertThat(kv("import", file, file).code()).isEqualTo(2);
    }

    @Test
    void import_aLineThatIsNone_isExitCode3AndSaysWhatIsThere() throws IOException {
        Path lines = Files.writeString(
                folder.resolve("bad.jsonl"),
                "{\"namespace\":\"main\",\"key\":\"a\",\"format\":\"text\",\"value\":\"1\"}\nbad\n");
        Shell shell = kv("import", file, lines);
        assertThat(shell.code()).isEqualTo(3);
        assertThat(shell.error()).contains("line 2");
        assertThat(kv("ls", file).out()).isEqualTo("a\n");
    }

    @Test
    void import_firstLineIsNone_makesNoStore() throws IOException {
        Path lines = Files.writeString(folder.resolve("bad.jsonl"), "no entry\n");
        Shell refused = kv("import", file, lines);
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.error()).contains("line 1").contains("Nothing was stored");
        Path key = folder.resolve("key");
        assertThat(kv("import", file, lines, "--encrypt", "--key-file", key).code())
                .isEqualTo(3);
        assertThat(file).doesNotExist();
        assertThat(key).doesNotExist();
    }

    @Test
    void put_jsonThatBreaksOff_saysWhatIsMissingAndNoMore() {
        assertThat(kv("put", file, "k", "{\"a\":1", "--as", "json").error())
                .contains("expected close marker for Object.")
                .doesNotContain("Source", "REDACTED");
    }

    @Test
    void import_dictSqlite_refusesPickledValuesByNameAndWritesNothing() {
        Path dict = dictSqlite();
        Shell refused = kv("import", file, dict);
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.error()).contains("warning: 'users:p'", "Nothing was written");
        assertThat(file).doesNotExist();

        assertThat(kv("import", file, dict, "--skip-refused").code()).isZero();
        assertThat(kv("get", file, "a").out()).isEqualTo("text\n");
        assertThat(kv("get", file, "j", "--namespace", "users").out()).isEqualTo("{\"x\":1}\n");
        assertThat(kv("get", file, "p", "--namespace", "users").code()).isEqualTo(1);

        Path whole = folder.resolve("whole.db");
        assertThat(kv("import", whole, dict, "--whole-keys", "all", "--values", "bytes", "--json")
                        .out())
                .contains("\"entries\" : 3");
        assertThat(kv("ls", whole, "--namespace", "all").out()).isEqualTo("a\nusers:j\nusers:p\n");
        assertThat(kv("import", file, dict, "--from", "jsonl").code()).isEqualTo(3);
        assertThat(kv("import", file, dict, "--namespace", "n").code()).isEqualTo(2);
    }

    private Path dictSqlite() {
        Path dict = folder.resolve("dict.db");
        try (Database database = Database.open(dict, Access.BUILD)) {
            database.execute("CREATE TABLE kv_store (key TEXT PRIMARY KEY, value BLOB NOT NULL, tier INTEGER DEFAULT 2,"
                    + " access_count INTEGER DEFAULT 0, last_access INTEGER DEFAULT 0)");
            database.execute("INSERT INTO kv_store (key, value) VALUES ('a', CAST('text' AS BLOB)),"
                    + " ('users:j', CAST('{\"x\":1}' AS BLOB)), ('users:p', x'"
                    + HexFormat.of().formatHex(PICKLE) + "')");
        }
        return dict;
    }

    @Test
    void encrypted_store_opensWithItsSecretOnly() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "secret\nmore\n");
        Path other = Files.writeString(folder.resolve("other"), "secre\n");
        assertThat(kv("put", file, "k", "v", "--password-file", password).code())
                .isEqualTo(2);
        assertThat(kv("put", file, "k", "v", "--encrypt").code()).isEqualTo(2);
        assertThat(file).doesNotExist();
        assertThat(kv("put", file, "k", "v", "--encrypt", "--password-file", password)
                        .code())
                .isZero();
        assertThat(kv("get", file, "k", "--password-file", password).out()).isEqualTo("v\n");
        assertThat(kv("get", file, "k", "--password-file", other).code()).isEqualTo(2);
        assertThat(kv("get", file, "k").code()).isEqualTo(2);
        assertThat(kv("get", file, "k").error()).contains("--password-file");
        assertThat(kv("get", file, "k", "--key-file", newKey()).code()).isEqualTo(2);
        assertThat(kv("ls", file).out()).isEqualTo("k\n");
        assertThat(kv("stats", file).out()).contains("AES-256-GCM, by password");
        assertThat(kv("verify", file).out()).contains("1 entry are encrypted and were not opened");
        assertThat(kv("verify", file, "--password-file", password).out()).doesNotContain("not opened");
        assertThat(kv("compact", file).code()).isZero();
        assertThat(kv("export", file, "--password-file", password, "--out", password)
                        .code())
                .isEqualTo(2);
        assertThat(Files.readString(password)).startsWith("secret");
    }

    @Test
    void encrypt_keyFileThatIsNotThere_isMadeForANewStoreOnly() throws IOException {
        Path key = folder.resolve("key");
        assertThat(kv("put", file, "k", "v", "--key-file", key).code()).isEqualTo(2);
        assertThat(key).doesNotExist();
        Shell made = kv("put", file, "k", "v", "--encrypt", "--key-file", key);
        assertThat(made.code()).isZero();
        assertThat(made.error()).contains("made a new key");
        assertThat(kv("get", file, "k", "--key-file", key).out()).isEqualTo("v\n");
        assertThat(kv("get", file, "k", "--key-file", folder.resolve("none")).code())
                .isEqualTo(2);

        Path plain = folder.resolve("plain.db");
        kv("put", plain, "k", "v");
        assertThat(kv("put", plain, "k", "v", "--encrypt", "--key-file", key).error())
                .contains("is there and not encrypted");
        assertThat(kv("get", plain, "k", "--key-file", key).code()).isEqualTo(2);

        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE entries SET value = CAST(value || x'00' AS BLOB)");
        }
        assertThat(kv("get", file, "k", "--key-file", key).code()).isEqualTo(4);
    }

    private Path newKey() throws IOException {
        Path key = folder.resolve("another.key");
        if (Files.notExists(key)) {
            KvSecret.newKeyFile(key);
        }
        return key;
    }

    @Test
    void compact_afterRemovals_makesTheFileSmaller() {
        kv("put", file, "k", "x".repeat(200_000));
        kv("del", file, "k");
        long before = file.toFile().length();
        assertThat(kv("compact", file).code()).isZero();
        assertThat(file.toFile().length()).isLessThan(before - 190_000);
    }

    @Test
    void everyCommand_onWhatIsNoStore_saysSo() throws IOException {
        Path none = folder.resolve("none.db");
        Path text = Files.writeString(folder.resolve("text.db"), "no database, but some text that is long enough");
        Path metrics = folder.resolve("metrics.db");
        MetricsStore.open(metrics).close();
        kv("put", file, "k", "v");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("PRAGMA user_version=99");
        }
        for (List<Object> rest : List.<List<Object>>of(
                List.of("get", "k"),
                List.of("del", "k"),
                List.of("ls"),
                List.of("stats"),
                List.of("export", "--out", folder.resolve("out")),
                List.of("verify"),
                List.of("compact"),
                List.of("put", "k", "v"))) {
            boolean makes = rest.get(0).equals("put");
            if (!makes) {
                assertRefused(none, rest, 2, "No such file");
            }
            assertRefused(text, rest, 4, "no SQLite database");
            assertRefused(metrics, rest, 4, "expected 'key-value', found 'metrics'");
            assertRefused(file, rest, 4, "too new");
        }
        assertThat(none).doesNotExist();
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private static void assertRefused(Path store, List<Object> rest, int code, String message) {
        Stream<Object> words =
                Stream.concat(Stream.of(rest.get(0), store), rest.stream().skip(1));
        Shell shell = kv(words.toArray());
        assertThat(shell.code()).as(rest + " " + store).isEqualTo(code);
        assertThat(shell.errorLines())
                .as(rest + " " + store)
                .singleElement()
                .asString()
                .contains(message);
    }

    @Test
    void verifyAndInspect_ofAnyKind_knowAStore() {
        kv("put", file, "k", "v");
        assertThat(Shell.millrace("verify", file, "-q").out()).isEqualTo(file + ": sound; 1 entry checked\n");
        assertThat(Shell.millrace("verify", file, "--json").out()).contains("\"kind\" : \"key-value\"");
        assertThat(Shell.millrace("inspect", file).out()).contains("key-value, version 1");
    }

    private static String export(Path store) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int code = Main.run(
                new BytePrinter(stream),
                new PrintWriter(new StringWriter()),
                "kv",
                "export",
                store.toString(),
                "--out",
                "-");
        assertThat(code).isZero();
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static Shell kv(Object... args) {
        return Shell.millrace(Stream.concat(Stream.of("kv"), Stream.of(args)).toArray());
    }
}
