package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the tests of the store share. */
final class KvTests {
    private KvTests() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> texts(List<byte[]> values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(text(value)));
        return texts;
    }

    static KvStore writeThrough(Path file) {
        return KvStore.builder().setFile(file).build();
    }

    /** Writes only what is flushed, as long as less than 10,000 writes wait. */
    static KvStore lazy(Path file) {
        return KvStore.builder()
                .setFile(file)
                .optPersistMode(PersistMode.LAZY)
                .optBufferSize(10_000)
                .optFlushInterval(java.time.Duration.ofHours(1))
                .build();
    }

    static KvStore readOnly(Path file) {
        return KvStore.builder().setFile(file).optReadOnly(true).build();
    }

    /** The value of a key as committed; null if it is absent. */
    static String stored(Path file, String namespace, String key) {
        try (KvStore store = readOnly(file)) {
            return text(store.namespace(namespace).get(key));
        }
    }

    /** All entries of a namespace as committed. */
    static Map<String, String> stored(Path file, String namespace) {
        try (KvStore store = readOnly(file)) {
            Map<String, String> entries = new HashMap<>();
            store.namespace(namespace).entries().forEach(entry -> entries.put(entry.getKey(), text(entry.getValue())));
            return entries;
        }
    }

    /** Nothing in the file contradicts anything else in it. */
    static void checkSound(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(database.queryLong("""
                            SELECT count(*) FROM namespaces
                            WHERE entry_count <> (SELECT count(*) FROM entries WHERE namespace_id = namespaces.id)"""))
                    .as("namespaces whose entry_count is wrong")
                    .isZero();
            assertThat(database.queryLong(
                            "SELECT count(*) FROM entries WHERE namespace_id NOT IN (SELECT id FROM namespaces)"))
                    .as("entries of no namespace")
                    .isZero();
            checkRows(database);
        }
    }

    private static void checkRows(Database database) {
        RowDigest digest = new RowDigest(KvSchema.ENTRY_TABLE);
        String sql = "SELECT namespace_id, key, format, compression, raw_bytes, value, row_crc FROM entries";
        database.read("Cannot check rows", connection -> {
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery(sql)) {
                while (row.next()) {
                    long rawBytes = row.getLong(5);
                    Long length = row.wasNull() ? null : Long.valueOf(rawBytes);
                    long crc = digest.of(
                            row.getInt(1), row.getString(2), row.getLong(3), row.getLong(4), length, row.getBytes(6));
                    assertThat(row.getLong(7))
                            .as("row_crc of %s", row.getString(2))
                            .isEqualTo(crc);
                }
            }
            return 0;
        });
    }
}
