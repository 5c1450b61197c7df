package dev.millrace.bench;

import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.KvStoreBuilder;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the key-value benchmarks put: keys {@code key-00000000} on in a random order, values of 100 random bytes, all from a seed.
 * And the baseline: the table of DictSQLite, one transaction for each put.
 */
final class KvBenchEntries {
    private static final int VALUE_BYTES = 100;

    private static final String CREATE = """
            CREATE TABLE kv_store (
              key TEXT PRIMARY KEY,
              value BLOB NOT NULL,
              tier INTEGER DEFAULT 2,
              access_count INTEGER DEFAULT 0,
              last_access INTEGER DEFAULT 0
            )""";
    private static final String PUT = "INSERT OR REPLACE INTO kv_store (key, value) VALUES (?, ?)";

    private static final String CREATE_ENTRIES = """
            CREATE TABLE entries (
              id INTEGER PRIMARY KEY,
              namespace_id INTEGER NOT NULL,
              key TEXT NOT NULL,
              format INTEGER NOT NULL,
              compression INTEGER NOT NULL,
              raw_bytes INTEGER,
              value BLOB NOT NULL,
              row_crc INTEGER NOT NULL,
              UNIQUE (namespace_id, key)
            )""";
    private static final String PUT_ENTRY = """
            INSERT OR IGNORE INTO entries (namespace_id, key, format, compression, value, row_crc)
            VALUES (1, ?, 0, 0, ?, ?)""";

    private final String[] keys;
    private final byte[][] values;

    KvBenchEntries(int count) {
        SplittableRandom random = new SplittableRandom(count);
        keys = new String[count];
        values = new byte[count][VALUE_BYTES];
        for (int i = 0; i < count; i++) {
            String digits = Integer.toString(100_000_000 + i);
            keys[i] = "key-" + digits.substring(1);
            random.nextBytes(values[i]);
        }
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            String key = keys[i];
            keys[i] = keys[other];
            keys[other] = key;
        }
    }

    int count() {
        return keys.length;
    }

    String key(int place) {
        return keys[place];
    }

    byte[] value(int place) {
        return values[place];
    }

    void requireValue(int place, byte @Nullable [] found) {
        if (!Arrays.equals(values[place], found)) {
            throw new IllegalStateException(
                    "Expected the value that was put for " + keys[place] + ", found another or none.");
        }
    }

    /** Reads a store from its file and compares every entry. */
    void requireStored(KvStoreBuilder reading) {
        try (KvStore store = reading.build()) {
            KvNamespace<byte[]> entries = store.namespace(KvStore.DEFAULT_NAMESPACE);
            for (int place = 0; place < keys.length; place++) {
                requireValue(place, entries.get(keys[place]));
            }
        }
    }

    /** Puts per second, the first {@code count} entries in one transaction each. */
    double oneByOne(Path file, Access access, int count) {
        try (Database database = Database.open(file, access)) {
            database.execute(CREATE);
            long start = System.nanoTime();
            for (int place = 0; place < count; place++) {
                String key = keys[place];
                byte[] value = values[place];
                database.write("Cannot put", connection -> putOne(database.prepared(PUT), key, value));
            }
            double rate = rate(count, start);
            if (database.queryLong("SELECT count(*) FROM kv_store") != count) {
                throw new IllegalStateException("Expected " + count + " entries, found others.");
            }
            return rate;
        }
    }

    /**
     * Puts per second in the most favourable way that SQLite has for a table like the store's: sorted batches, one transaction
     * each, no cache, no checksum, nobody who waits.
     */
    double inBatches(Path file, Access access, int batch) {
        try (Database database = Database.open(file, access)) {
            database.execute(CREATE_ENTRIES);
            long start = System.nanoTime();
            for (int first = 0; first < keys.length; first += batch) {
                int from = first;
                database.write(
                        "Cannot put", connection -> putSorted(database, from, Math.min(batch, keys.length - from)));
            }
            return rate(keys.length, start);
        }
    }

    private void putSorted(Database database, int from, int count) throws SQLException {
        int[] places = IntStream.range(from, from + count)
                .boxed()
                .sorted(Comparator.comparing(this::key))
                .mapToInt(Integer::intValue)
                .toArray();
        PreparedStatement put = database.prepared(PUT_ENTRY);
        for (int place : places) {
            put.setString(1, keys[place]);
            put.setBytes(2, values[place]);
            put.setInt(3, place);
            put.addBatch();
        }
        put.executeBatch();
    }

    private static void putOne(PreparedStatement put, String key, byte[] value) throws SQLException {
        put.setString(1, key);
        put.setBytes(2, value);
        put.executeUpdate();
    }

    static double rate(long count, long startNanos) {
        return count * 1e9 / (System.nanoTime() - startNanos);
    }
}
