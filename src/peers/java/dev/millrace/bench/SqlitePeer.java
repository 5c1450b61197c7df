package dev.millrace.bench;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** The baseline: a table, one transaction per put, one connection that threads take turns on. */
final class SqlitePeer implements KvPeer {
    private static final String PUT =
            "INSERT INTO entry (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    private static final String GET = "SELECT value FROM entry WHERE key = ?";
    private static final String GET_MANY =
            "SELECT j.key, e.value FROM json_each(?) j CROSS JOIN entry e ON e.key = j.value";

    private final Database database;

    SqlitePeer(Path folder, Access access) {
        database = Database.open(folder.resolve("sqlite.db"), access);
        database.execute("CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
    }

    @Override
    public synchronized void put(String key, byte[] value) throws SQLException {
        // Outside BEGIN and COMMIT every statement is a transaction; one round trip less than with them.
        PreparedStatement put = database.prepared(PUT);
        put.setString(1, key);
        put.setBytes(2, value);
        put.executeUpdate();
    }

    @Override
    public synchronized void putAll(List<String> keys, List<byte[]> values) {
        database.write("Cannot put a batch", open -> {
            PreparedStatement put = database.prepared(PUT);
            for (int i = 0; i < keys.size(); i++) {
                put.setString(1, keys.get(i));
                put.setBytes(2, values.get(i));
                put.addBatch();
            }
            put.executeBatch();
        });
    }

    @Override
    public synchronized byte[] get(String key) throws SQLException {
        PreparedStatement get = database.prepared(GET);
        get.setString(1, key);
        try (ResultSet row = get.executeQuery()) {
            return row.next() ? row.getBytes(1) : null;
        }
    }

    @Override
    public synchronized List<byte[]> getAll(List<String> keys) throws SQLException {
        byte[][] values = new byte[keys.size()][];
        PreparedStatement get = database.prepared(GET_MANY);
        // The keys of this benchmark need no escapes.
        get.setString(1, "[\"" + String.join("\",\"", keys) + "\"]");
        try (ResultSet row = get.executeQuery()) {
            while (row.next()) {
                values[row.getInt(1)] = row.getBytes(2);
            }
        }
        return Arrays.asList(values);
    }

    @Override
    public synchronized void sync() {
        database.queryLong("PRAGMA wal_checkpoint(FULL)");
    }

    @Override
    public synchronized void close() {
        database.close();
    }
}
