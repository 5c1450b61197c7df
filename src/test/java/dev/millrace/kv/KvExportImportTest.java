package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.kv.Codecs.Format;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KvExportImportTest {
    private static final String LINE = "{\"namespace\":\"n\",\"key\":\"%s\",\"format\":\"text\",\"value\":\"v\"}\n";

    @TempDir
    private Path folder;

    private KvStore store;

    @BeforeEach
    void open() {
        store = store("store.db");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private KvStore store(String name) {
        return KvStore.builder()
                .setFile(folder.resolve(name))
                .optPersistMode(PersistMode.LAZY)
                .build();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void put(String namespace, String key, Format format, byte[] bytes) {
        store.putStored(namespace, key, new StoredValue(format, bytes));
    }

    private void fill() {
        put("main", "text", Format.TEXT, utf8("Grüße\n𝕏"));
        put("main", "json", Format.JSON, utf8("{\"a\": [1.50, -0.0, 12345678901234567890.1]}"));
        put("main", "pretty", Format.JSON, utf8("{\n  \"a\": 1\n}\n"));
        put("main", "bytes", Format.BYTES, new byte[] {0, -1, 10});
        put("main", "", Format.BYTES, new byte[0]);
        put("ö:\"\n", "a\0b", Format.CBOR, new byte[] {(byte) 0xF9, 0x7E, 0});
        put(
                "ö:\"\n",
                "tensor",
                Format.TENSOR,
                TensorCodec.ofFloats(new float[99], Compression.LZ4, 99).toBytes());
    }

    private static Map<String, String> contents(KvStore store) {
        Map<String, String> contents = new TreeMap<>();
        for (String namespace : store.namespaces()) {
            try (Stream<StoredEntry> entries = store.storedEntries(namespace, "")) {
                entries.forEach(entry -> contents.put(
                        namespace + "|" + entry.key(),
                        entry.value().format() + Arrays.toString(entry.value().bytes())));
            }
        }
        return contents;
    }

    private String exported(KvExport export) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        export.write(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private KvImport imports() {
        return new KvImport(store);
    }

    private long read(KvImport into, String lines) throws IOException {
        return into.read(new ByteArrayInputStream(utf8(lines)), "lines");
    }

    @ParameterizedTest
    @ValueSource(strings = {"export.jsonl", "export.jsonl.gz"})
    void read_exportedFile_givesTheSameEntries(String name) throws IOException {
        fill();
        Path file = folder.resolve(name);
        List<Long> progress = new ArrayList<>();

        long written = new KvExport(store).optProgress(progress::add).write(file);

        assertThat(written).isEqualTo(7);
        assertThat(progress).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        progress.clear();
        try (KvStore other = store("other.db")) {
            assertThat(new KvImport(other).optProgress(progress::add).read(file))
                    .isEqualTo(7);
            assertThat(contents(other)).isEqualTo(contents(store)).hasSize(7);
            // Once more, over what is there.
            assertThat(new KvImport(other).read(file)).isEqualTo(7);
            assertThat(contents(other)).isEqualTo(contents(store));
        }
        assertThat(progress).hasSize(7);
    }

    @Test
    void write_gzName_isGzipOfTheSameLines() throws IOException {
        fill();
        Path file = folder.resolve("export.jsonl.gz");
        new KvExport(store).write(file);

        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(exported(new KvExport(store)));
        }
    }

    @Test
    void write_entries_areInOrderAsDocumented() throws IOException {
        put("b", "z", Format.TEXT, utf8("1"));
        put("b", "a", Format.JSON, utf8("1.0"));
        put("a", "k", Format.BYTES, new byte[] {1});

        assertThat(exported(new KvExport(store))).isEqualTo("""
                        {"namespace":"a","key":"k","format":"bytes","base64":"AQ=="}
                        {"namespace":"b","key":"a","format":"json","value":1.0}
                        {"namespace":"b","key":"z","format":"text","value":"1"}
                        """);
    }

    @Test
    void write_namespaceAndPrefix_exportsOnlyThose() throws IOException {
        fill();
        put("other", "text", Format.TEXT, utf8(""));

        String lines = exported(new KvExport(store).optNamespace("main").optPrefix("te"));

        assertThat(lines.lines()).hasSize(1);
        assertThat(lines).contains("\"namespace\":\"main\",\"key\":\"text\"");
        assertThat(exported(new KvExport(store).optNamespace("absent"))).isEmpty();
    }

    @Test
    void write_existingFile_isReplacedAndNothingLeftBeside() throws IOException {
        put("n", "k", Format.TEXT, utf8("v"));
        Path file = Files.writeString(folder.resolve("export.jsonl"), "old");

        new KvExport(store).write(file);

        assertThat(Files.readString(file)).isEqualTo(String.format(LINE, "k"));
        assertThat(folder.resolve("export.jsonl.partial")).doesNotExist();
    }

    @Test
    void write_valueThatIsNotOfItsFormat_leavesTheOldFile() throws IOException {
        put("n", "sound", Format.TEXT, utf8("v"));
        put("n", "unsound", Format.JSON, utf8("{"));
        Path file = Files.writeString(folder.resolve("export.jsonl"), "old");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvExport(store).write(file))
                .withMessageContaining("'unsound' of namespace 'n'");
        assertThat(Files.readString(file)).isEqualTo("old");
        assertThat(folder.resolve("export.jsonl.partial")).doesNotExist();
    }

    @Test
    void write_folderAsFile_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvExport(store).write(folder))
                .withMessageContaining(folder.toString());
    }

    @Test
    void write_streamThatFails_throwsWhatItThrew() {
        put("n", "k", Format.BYTES, new byte[1 << 20]);

        assertThatIOException()
                .isThrownBy(() -> new KvExport(store).write(new OutputStream() {
                    @Override
                    public void write(int octet) throws IOException {
                        throw new IOException("pipe closed");
                    }
                }))
                .withMessage("pipe closed");
    }

    @Test
    void read_malformedLine_isNamedAndWhatCameBeforeStays() throws IOException {
        String lines =
                String.format(LINE, "a") + String.format(LINE, "b") + "{\"namespace\":\n" + String.format(LINE, "c");

        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> read(imports(), lines))
                .withMessageStartingWith("Cannot import lines, line 3: expected ")
                .withMessageContaining("2 entries before it were stored")
                .satisfies(e -> {
                    assertThat(e.line()).isEqualTo(3);
                    assertThat(e.stored()).isEqualTo(2);
                });
        assertThat(contents(store).keySet()).containsExactly("n|a", "n|b");
        assertThat(read(imports(), lines.replace("{\"namespace\":\n", ""))).isEqualTo(3);
        assertThat(contents(store).keySet()).containsExactly("n|a", "n|b", "n|c");
    }

    @Test
    void read_blankLine_isRefused() {
        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> read(imports(), "\n" + String.format(LINE, "a")))
                .withMessageContaining("line 1")
                .withMessageContaining("Nothing was stored");
    }

    @Test
    void read_keyThatTheStoreRefuses_isNamedByItsLine() {
        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> read(imports(), String.format(LINE, "a") + String.format(LINE, "k".repeat(70_000))))
                .withMessageContaining("line 2");
    }

    @Test
    void read_noLines_putsNothing() throws IOException {
        assertThat(read(imports(), "")).isZero();
    }

    @Test
    void read_lastLineWithoutItsEnd_isPut() throws IOException {
        assertThat(read(imports(), String.format(LINE, "a").strip())).isEqualTo(1);
    }

    @Test
    void read_intoANamespace_putsAllThere() throws IOException {
        read(imports().optNamespace("here"), String.format(LINE, "a"));

        assertThat(contents(store).keySet()).containsExactly("here|a");
    }

    @Test
    void read_damagedGzip_isRefusedWithWhatWasStored() throws IOException {
        fill();
        Path file = folder.resolve("export.jsonl.gz");
        new KvExport(store).write(file);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 12));

        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> imports().read(file))
                .withMessageContaining("damaged or cut");
        Files.writeString(file, String.format(LINE, "a"));
        assertThatExceptionOfType(MalformedEntryException.class)
                .isThrownBy(() -> imports().read(file))
                .withMessageContaining("expected gzip");
    }

    @Test
    void read_absentFile_isAnError() {
        assertThatIOException().isThrownBy(() -> imports().read(folder.resolve("absent.jsonl")));
    }
}
