package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.kv.Codecs.Format;
import dev.millrace.kv.DictSqliteMigration.Refused;
import dev.millrace.kv.DictSqliteMigration.Report;
import dev.millrace.kv.DictSqliteMigration.Values;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DictSqliteMigrationTest {
    /** As DictSQLite v4.2 creates it. */
    private static final String TABLE =
            "CREATE TABLE IF NOT EXISTS kv_store (key TEXT PRIMARY KEY, value BLOB NOT NULL,"
                    + " tier INTEGER DEFAULT 2, access_count INTEGER DEFAULT 0, last_access INTEGER DEFAULT 0)";

    @TempDir
    private Path folder;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private Path file() {
        return folder.resolve("dict.db");
    }

    private static void insert(Database database, Map<String, byte[]> rows) {
        database.write("Cannot insert", connection -> {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO kv_store (key, value) VALUES (CAST(? AS TEXT), ?)")) {
                for (Map.Entry<String, byte[]> row : rows.entrySet()) {
                    insert.setBytes(1, utf8(row.getKey()));
                    insert.setBytes(2, row.getValue());
                    insert.executeUpdate();
                }
            }
        });
    }

    private Path created(String... statements) {
        try (Database database = Database.open(file(), Access.BUILD)) {
            database.execute(statements);
        }
        return file();
    }

    private Path created(Map<String, byte[]> rows) {
        try (Database database = Database.open(file(), Access.BUILD)) {
            database.execute(TABLE, "CREATE INDEX idx_access ON kv_store(access_count DESC, last_access DESC)");
            insert(database, rows);
        }
        return file();
    }

    /** Opened anew, so that it is what the file holds. */
    private Map<String, StoredValue> migrated(DictSqliteMigration migration) {
        Path target = folder.resolve("store.db");
        Map<String, StoredValue> entries = new LinkedHashMap<>();
        Report report;
        try (KvStore store = KvStore.builder()
                .setFile(target)
                .optPersistMode(PersistMode.LAZY)
                .build()) {
            report = migration.run(store);
        }
        try (KvStore store = KvStore.builder().setFile(target).optReadOnly(true).build()) {
            for (String namespace : store.namespaces()) {
                try (var found = store.storedEntries(namespace, "")) {
                    found.forEach(entry -> entries.put(namespace + "|" + entry.key(), entry.value()));
                }
            }
        }
        assertThat(report).isEqualTo(migration.scan());
        assertThat(entries).hasSize((int) report.entries());
        return entries;
    }

    private static Map<String, byte[]> keys(String... keys) {
        Map<String, byte[]> rows = new LinkedHashMap<>();
        for (String key : keys) {
            rows.put(key, utf8("value of " + key.replaceAll("\\p{Cntrl}", "")));
        }
        return rows;
    }

    @Test
    void scan_prefixesOfKeys_becomeNamespaces() {
        Path file = created(keys("a", "", "t:a", "t:b:c", ":x", "t:", ":", "ö 😀:k", "nul\0:x\0y", "a\nb", "http://x"));

        Report report = new DictSqliteMigration(file).scan();

        assertThat(report.byNamespace())
                .containsExactly(
                        Map.entry("", 2L),
                        Map.entry("http", 1L),
                        Map.entry("main", 3L),
                        Map.entry("nul\0", 1L),
                        Map.entry("t", 3L),
                        Map.entry("ö 😀", 1L));
        assertThat(report.entries()).isEqualTo(11);
        assertThat(report.refused()).isZero();
    }

    @Test
    void run_prefixesOfKeys_becomeNamespaces() {
        Path file = created(keys("a", "", "t:a", "t:b:c", ":x", "t:", ":", "ö 😀:k", "nul\0:x\0y", "a\nb", "http://x"));

        Map<String, StoredValue> entries = migrated(new DictSqliteMigration(file));

        assertThat(entries.keySet())
                .containsExactlyInAnyOrder(
                        "main|a",
                        "main|",
                        "t|a",
                        "t|b:c",
                        "|x",
                        "t|",
                        "|",
                        "ö 😀|k",
                        "nul\0|x\0y",
                        "main|a\nb",
                        "http|//x");
        assertThat(entries.get("t|b:c").bytes()).isEqualTo(utf8("value of t:b:c"));
    }

    @Test
    void run_wholeKeys_areKeptInOneNamespace() {
        Path file = created(keys("a", "t:a", "main:a", ""));

        Map<String, StoredValue> entries = migrated(new DictSqliteMigration(file).optWholeKeys("old"));

        assertThat(entries.keySet()).containsExactlyInAnyOrder("old|a", "old|t:a", "old|main:a", "old|");
    }

    @Test
    void scan_twoKeysThatWouldBecomeOne_refusesTheOneWithThePrefix() {
        Path file = created(keys("a", "main:a", "main:b", "main:c:d", "c:d", "", "main:", "z\0", "main:z\0", "main:z"));

        Report report = new DictSqliteMigration(file).scan();

        assertThat(report.refusedRows())
                .extracting(Refused::key)
                .containsExactlyInAnyOrder("main:a", "main:", "main:z\0");
        assertThat(report.refusedRows().get(0).reason()).contains("without the prefix");
        assertThat(report.entries()).isEqualTo(7);
    }

    /** One row a value, under its number. */
    private Report scan(Values values, byte[]... rows) {
        Map<String, byte[]> numbered = new LinkedHashMap<>();
        for (byte[] row : rows) {
            numbered.put(String.valueOf(numbered.size()), row);
        }
        return new DictSqliteMigration(created(numbered)).optValues(values).scan();
    }

    @ParameterizedTest
    @CsvSource({
        "7b2261223a317d, JSON", // {"a":1}
        "20 5b 5d 0a, JSON",
        "3132, JSON", // 12
        "2261 22, JSON",
        "6e756c6c, JSON",
        "2d31652b3939, JSON",
        "7b2261223a312c2261223a327d, TEXT", // a name twice
        "7b, TEXT",
        "4e614e, TEXT", // NaN
        "efbbbf31, TEXT", // byte order mark
        "68656c6c6f0a, TEXT",
        "c3b6, TEXT",
        "4e2e, TEXT", // None in protocol 0
        "00, BYTES",
        "68000a, BYTES",
        "7f, BYTES",
        "c285, BYTES", // a control character beyond ASCII
        "ff, BYTES",
        "80, BYTES", // MessagePack: {}
        "81a16101, BYTES", // MessagePack: {"a": 1}
        "a568656c6c6f, BYTES", // MessagePack: "hello"
        "80ff2e, BYTES",
        "8004, BYTES",
        "35, JSON", // MessagePack: 53, which nobody can tell from 5
    })
    void scan_plainValue_isOfTheFormatThatItLooksLike(String digits, Format expected) {
        Report report = scan(Values.AUTO, hex(digits.replace(" ", "")));

        assertThat(report.byFormat()).containsExactly(Map.entry(expected, 1L));
        assertThat(report.refused()).isZero();
    }

    @Test
    void scan_emptyValue_isBytes() {
        assertThat(scan(Values.AUTO, new byte[0]).byFormat()).containsExactly(Map.entry(Format.BYTES, 1L));
    }

    @Test
    void scan_pickles_areRefusedByName() {
        Report report = scan(
                Values.AUTO,
                hex("80049509000000000000008c0568656c6c6f942e"),
                hex("8002580500000068656c6c6f71002e"),
                hex("5668656c6c6f0a70300a2e"),
                utf8("\"hello\""));

        assertThat(report.entries()).isEqualTo(1);
        assertThat(report.refused()).isEqualTo(3);
        assertThat(report.refusedRows()).extracting(Refused::key).containsExactly("0", "1", "2");
        assertThat(report.refusedRows())
                .extracting(Refused::reason)
                .satisfiesExactly(
                        first -> assertThat(first).contains("pickled by Python (protocol 4)"),
                        second -> assertThat(second).contains("(protocol 2)"),
                        third -> assertThat(third).contains("(protocol 0 or 1)"));
    }

    @Test
    void scan_valuesSaidToBeOfAKind_areThatOrRefused() {
        byte[][] values = {utf8("{\"a\":1}"), utf8("text"), hex("ff"), hex("80044b052e"), new byte[0]};

        assertThat(scan(Values.BYTES, values).byFormat()).containsExactly(Map.entry(Format.BYTES, 5L));
        Report json = new DictSqliteMigration(file()).optValues(Values.JSON).scan();
        assertThat(json.byFormat()).containsExactly(Map.entry(Format.JSON, 1L));
        assertThat(json.refused()).isEqualTo(4);
        Report text = new DictSqliteMigration(file()).optValues(Values.TEXT).scan();
        assertThat(text.byFormat()).containsExactly(Map.entry(Format.TEXT, 3L));
        assertThat(text.refusedRows()).extracting(Refused::key).containsExactly("2", "3");
    }

    @Test
    void run_valuesOfEveryKind_keepTheirBytes() {
        Map<String, byte[]> rows = new LinkedHashMap<>();
        rows.put("json", utf8(" {\"a\" : 1.50 }\n"));
        rows.put("text", utf8("ö"));
        rows.put("bytes", hex("00ff"));
        rows.put("empty", new byte[0]);
        rows.put("pickle", hex("80044b052e"));

        Map<String, StoredValue> entries = migrated(new DictSqliteMigration(created(rows)));

        assertThat(entries.keySet()).containsExactlyInAnyOrder("main|json", "main|text", "main|bytes", "main|empty");
        entries.forEach((key, value) -> assertThat(value.bytes()).isEqualTo(rows.get(key.substring(5))));
        assertThat(entries.get("main|json").format()).isEqualTo(Format.JSON);
        assertThat(entries.get("main|text").format()).isEqualTo(Format.TEXT);
        assertThat(entries.get("main|bytes").format()).isEqualTo(Format.BYTES);
    }

    @Test
    void scan_rowsThatAreNoEntries_areRefusedByName() {
        Path file = created(
                "CREATE TABLE kv_store (key TEXT PRIMARY KEY, value)",
                "INSERT INTO kv_store VALUES ('null', NULL), ('integer', 5), ('real', 0.5), ('text', 'words'), ('blob', x'00')",
                "INSERT INTO kv_store VALUES (NULL, x'01'), (x'6162', x'01'), (CAST(x'ff61' AS TEXT), x'01'), (7, x'01')",
                "INSERT INTO kv_store VALUES (replace(hex(zeroblob(32768)), '00', 'ab'), x'01')",
                "INSERT INTO kv_store VALUES (replace(hex(zeroblob(32768)), '00', 'ab') || 'c', x'01')",
                "INSERT INTO kv_store VALUES (replace(hex(zeroblob(99999)), '00', 'ab'), x'01')",
                "INSERT INTO kv_store VALUES ('large', zeroblob(67108865)), ('largest', zeroblob(67108864))");

        Report report = new DictSqliteMigration(file).scan();

        assertThat(report.refusedRows())
                .extracting(row -> row.key().substring(0, Math.min(12, row.key().length())))
                .containsExactlyInAnyOrder(
                        "null",
                        "integer",
                        "real",
                        "(null)",
                        "x'6162'",
                        "x'ff61'",
                        "abababababab",
                        "abababababab",
                        "large");
        assertThat(report.refusedRows())
                .extracting(Refused::reason)
                .contains(
                        "expected a BLOB or TEXT as value, found null",
                        "expected a BLOB or TEXT as value, found integer",
                        "expected a BLOB or TEXT as value, found real",
                        "expected a text as key, found null",
                        "expected a text as key, found blob",
                        "expected the key in UTF-8, found other bytes",
                        "expected a key of at most 65,536 bytes, found 65,537",
                        "expected a key of at most 65,536 bytes, found 199,998",
                        "expected a value of at most 67,108,864 bytes, found 67,108,865");
        assertThat(report.refusedRows())
                .allSatisfy(row -> assertThat(row.key().length()).isLessThan(210));
        // The key 7 is a text: the column makes it one.
        assertThat(report.entries()).isEqualTo(5);
        assertThat(report.bytes()).isEqualTo(67_108_864 + 5 + 1 + 1 + 1);
    }

    @Test
    void scan_manyRefused_areCountedAndTheFirstListed() {
        created(TABLE);
        try (Database database = Database.open(file(), Access.BUILD)) {
            database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                    + " INSERT INTO kv_store (key, value) SELECT 'k' || i, x'80044b052e' FROM n");
        }
        List<Long> progress = new ArrayList<>();

        Report report =
                new DictSqliteMigration(file()).optProgress(progress::add).scan();

        assertThat(report.refused()).isEqualTo(2_500);
        assertThat(report.refusedRows()).hasSize(1_000);
        assertThat(progress).hasSize(2_500).endsWith(2_500L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16le", "UTF-16be"})
    void scan_fileInUtf16_isReadAsText(String encoding) {
        Path file = created(
                "PRAGMA encoding='" + encoding + "'",
                "CREATE TABLE kv_store (key TEXT PRIMARY KEY, value)",
                "INSERT INTO kv_store VALUES ('t:ö😀', 'Grüße'), ('a', '{\"ä\":1}'), ('main:a', x'6869')");

        Report report = new DictSqliteMigration(file).scan();

        assertThat(report.byNamespace()).containsExactly(Map.entry("main", 1L), Map.entry("t", 1L));
        assertThat(report.byFormat()).containsExactly(Map.entry(Format.TEXT, 1L), Map.entry(Format.JSON, 1L));
        assertThat(report.bytes()).isEqualTo(utf8("Grüße{\"ä\":1}").length);
        assertThat(report.refusedRows()).extracting(Refused::key).containsExactly("main:a");
    }

    @Test
    void scan_tableWithOtherColumnsToo_isRead() {
        Path file = created(
                "CREATE TABLE kv_store (VALUE BLOB, extra TEXT, Key TEXT)",
                "INSERT INTO kv_store VALUES (x'00', '', 'a')");

        assertThat(new DictSqliteMigration(file).scan().entries()).isEqualTo(1);
    }

    @Test
    void scan_fileWithAWal_readsItAndLeavesBothAlone() throws IOException {
        Path live = folder.resolve("live.db");
        try (Database database = Database.open(live, Access.LIVE)) {
            database.execute(TABLE);
            insert(database, keys("a", "t:b"));
            assertThat(new DictSqliteMigration(live).scan().entries()).isEqualTo(2);
            Files.copy(live, file());
            Files.copy(folder.resolve("live.db-wal"), folder.resolve("dict.db-wal"));
        }
        byte[] main = Files.readAllBytes(file());
        byte[] wal = Files.readAllBytes(folder.resolve("dict.db-wal"));
        assertThat(wal).isNotEmpty();

        Report report = new DictSqliteMigration(file()).scan();

        assertThat(report.byNamespace()).containsExactly(Map.entry("main", 1L), Map.entry("t", 1L));
        assertThat(Files.readAllBytes(file())).isEqualTo(main);
        assertThat(Files.readAllBytes(folder.resolve("dict.db-wal"))).isEqualTo(wal);
    }

    @Test
    void scan_closedFileOfAWal_isReadAndLeftAlone() throws IOException {
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute(TABLE);
            insert(database, keys("a"));
        }
        byte[] before = Files.readAllBytes(file());

        assertThat(new DictSqliteMigration(file()).scan().entries()).isEqualTo(1);
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE x (a)|found the tables x",
                "CREATE TABLE kv_store (key TEXT, data BLOB)|found the columns key, data",
                "CREATE VIEW kv_store AS SELECT 'a' AS key, x'00' AS value|found the tables kv_store",
                "PRAGMA user_version=1|found no table",
                "CREATE TABLE main (key TEXT PRIMARY KEY, value TEXT)|found table 'main' of key and value, the layout of DictSQLite 1 and 2",
            })
    void scan_fileOfOtherTables_isRefusedWithWhatItHas(String statement, String found) {
        Path file = created(statement);

        assertThatExceptionOfType(SchemaMismatchException.class)
                .isThrownBy(() -> new DictSqliteMigration(file).scan())
                .withMessageContaining("expected table kv_store with the columns key and value")
                .withMessageContaining(found)
                .withMessageContaining(file.toString());
    }

    @Test
    void scan_millraceFile_isRefusedByItsKind() {
        try (Database database = Database.open(file(), Access.BUILD)) {
            new Schema("spectra", 1, List.of(TABLE.replace("IF NOT EXISTS ", "")), List.of()).create(database);
        }

        assertThatExceptionOfType(SchemaMismatchException.class)
                .isThrownBy(() -> new DictSqliteMigration(file()).scan())
                .withMessageContaining("Millrace file of kind 'spectra'");
    }

    @Test
    void scan_noDatabase_isRefused() throws IOException {
        assertThatExceptionOfType(DatabaseException.class)
                .isThrownBy(() -> new DictSqliteMigration(file()).scan())
                .withMessageContaining("found none");
        Files.writeString(file(), "no database, but long enough to be asked for its header".repeat(99));
        assertThatExceptionOfType(CorruptDatabaseException.class)
                .isThrownBy(() -> new DictSqliteMigration(file()).scan());
    }
}
