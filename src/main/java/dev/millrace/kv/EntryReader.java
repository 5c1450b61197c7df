package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.Compression;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Reads what is committed, through one connection. One thread at a time; who opens it closes it. */
final class EntryReader implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String COLUMNS = "format, compression, raw_bytes, entries.value, row_crc";
    private static final String GET = "SELECT " + COLUMNS + " FROM entries WHERE namespace_id = ? AND key = ?";
    private static final String HAS = "SELECT 1 FROM entries WHERE namespace_id = ? AND key = ?";
    private static final int NOT_PLAIN = -1;
    /* Each column that is read costs a call of the driver: of most rows four are enough, and a number instead of the key. */
    private static final String GET_ALL = "SELECT " + COLUMNS
            + ", wanted.key, iif(raw_bytes IS NULL AND compression = 0, format, " + NOT_PLAIN + ")"
            + " FROM json_each(?) AS wanted CROSS JOIN entries"
            + " ON entries.namespace_id = ? AND entries.key = wanted.value";
    private static final String AFTER =
            "SELECT " + COLUMNS + ", key FROM entries WHERE namespace_id = ? AND key > ? ORDER BY key";
    private static final String FROM =
            "SELECT " + COLUMNS + ", key FROM entries WHERE namespace_id = ? AND key >= ? ORDER BY key";
    private static final String NAMES = "SELECT id, name, entry_count, row_crc FROM namespaces ORDER BY name";

    private static final String READING = "Cannot read entries";
    private static final int VALUE_COLUMN = 4;
    private static final int CRC_COLUMN = 5;
    private static final int KEY_COLUMN = 6;
    /* Of GET_ALL. */
    private static final int PLACE_COLUMN = 6;
    private static final int PLAIN_FORMAT_COLUMN = 7;
    /* A page of entries is read at once, so that no statement stays open while its user takes time. */
    private static final int PAGE_ENTRIES = 256;
    private static final int PAGE_BYTES = 1 << 20;

    private final Database database;
    private final RowCoder coder;
    private final boolean byName;
    private final RowDigest namespaceDigest = new RowDigest(KvSchema.NAMESPACE_TABLE);

    private EntryReader(Database database, RowCoder coder, boolean byName) {
        this.database = database;
        this.coder = coder;
        this.byName = byName;
    }

    /** @param byName whether to look up the number of a namespace each time, because another process may change it */
    static EntryReader open(Path file, @Nullable ValueCipher cipher, boolean byName) {
        return new EntryReader(Database.open(file, Access.READ), new RowCoder(file, false, cipher), byName);
    }

    /**
     * A namespace as stored.
     *
     * @param entries how many it has
     */
    record StoredNamespace(int id, String name, long entries) {}

    @Nullable
    StoredValue get(Namespace namespace, String key) {
        return this.<Optional<StoredValue>>read(GET, namespace, (select, now) -> {
                    select.setInt(1, now.id());
                    select.setString(2, key);
                    try (ResultSet row = select.executeQuery()) {
                        return row.next() ? Optional.of(value(now, key, row)) : Optional.empty();
                    }
                })
                .orElse(null);
    }

    boolean contains(Namespace namespace, String key) {
        return read(HAS, namespace, (select, now) -> {
            select.setInt(1, now.id());
            select.setString(2, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
    }

    /** The values of keys in their order, null for absent ones, with one query. */
    @Nullable
    StoredValue[] getAll(Namespace namespace, List<String> keys) {
        return read(GET_ALL, namespace, (select, now) -> {
            select.setString(1, JSON.writeValueAsString(keys.toArray(String[]::new)));
            select.setInt(2, now.id());
            @Nullable StoredValue[] values = new StoredValue[keys.size()];
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int place = row.getInt(PLACE_COLUMN);
                    long format = row.getLong(PLAIN_FORMAT_COLUMN);
                    String key = keys.get(place);
                    values[place] = format == NOT_PLAIN
                            ? value(now, key, row)
                            : coder.decode(now.id(), now.name(), key, plain(format, row));
                }
            }
            return values;
        });
    }

    /**
     * Some entries in order of their keys.
     *
     * @param from the first key wanted
     * @param inclusive whether {@code from} itself is wanted
     */
    List<StoredEntry> page(Namespace namespace, String from, boolean inclusive) {
        return read(inclusive ? FROM : AFTER, namespace, (select, now) -> {
            select.setInt(1, now.id());
            select.setString(2, from);
            List<StoredEntry> page = new ArrayList<>();
            long bytes = 0;
            try (ResultSet row = select.executeQuery()) {
                while (page.size() < PAGE_ENTRIES && bytes < PAGE_BYTES && row.next()) {
                    String key = row.getString(KEY_COLUMN);
                    StoredValue value = value(now, key, row);
                    page.add(new StoredEntry(key, value));
                    bytes += value.bytes().length;
                }
            }
            return page;
        });
    }

    /** Number of entries of a namespace. */
    long count(Namespace namespace) {
        return byName
                ? database.queryLong("SELECT entry_count FROM namespaces WHERE name = ?", namespace.name())
                : database.queryLong("SELECT entry_count FROM namespaces WHERE id = ?", namespace.id());
    }

    /** All namespaces, in order of their names. */
    List<StoredNamespace> namespaces() {
        return database.read(READING, connection -> {
            List<StoredNamespace> found = new ArrayList<>();
            try (ResultSet row = database.prepared(NAMES).executeQuery()) {
                while (row.next()) {
                    int id = row.getInt(1);
                    String name = row.getString(2);
                    long crc = namespaceDigest.of(id, name);
                    if (crc != row.getLong(4)) {
                        throw new CorruptDatabaseException(
                                "Damaged namespace " + id + ", " + Keys.shown(String.valueOf(name))
                                        + ": expected row_crc " + row.getLong(4) + ", found " + crc + " ("
                                        + database.file() + "). Restore the file.",
                                database.file(),
                                null);
                    }
                    found.add(new StoredNamespace(id, name, row.getLong(3)));
                }
            }
            return found;
        });
    }

    private StoredValue value(Namespace namespace, String key, ResultSet row) throws SQLException {
        long rawBytes = row.getLong(3);
        Long length = row.wasNull() ? null : Long.valueOf(rawBytes);
        return coder.decode(
                namespace.id(),
                namespace.name(),
                key,
                new RowCoder.Row(row.getLong(1), row.getLong(2), length, bytes(row), row.getLong(CRC_COLUMN)));
    }

    /** A row that is not compressed. */
    private static RowCoder.Row plain(long format, ResultSet row) throws SQLException {
        return new RowCoder.Row(format, Compression.NONE.code(), null, bytes(row), row.getLong(CRC_COLUMN));
    }

    private static byte[] bytes(ResultSet row) throws SQLException {
        byte[] value = row.getBytes(VALUE_COLUMN);
        return value == null ? new byte[0] : value;
    }

    private <T> T read(String sql, Namespace namespace, Query<T> query) {
        return byName
                ? database.readTogether(READING, connection -> query.run(database.prepared(sql), now(namespace)))
                : database.read(READING, connection -> query.run(database.prepared(sql), namespace));
    }

    private Namespace now(Namespace namespace) {
        return new Namespace(
                (int) database.queryLong("SELECT id FROM namespaces WHERE name = ?", namespace.name()),
                namespace.name());
    }

    /** Something to ask with a prepared statement. */
    @FunctionalInterface
    private interface Query<T> {
        T run(PreparedStatement statement, Namespace now) throws SQLException;
    }

    @Override
    public void close() {
        database.close();
    }
}
