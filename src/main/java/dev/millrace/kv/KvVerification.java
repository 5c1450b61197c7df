package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The result of reading a store's file completely: SQLite's own structure, the tables and what the file says of itself, every row
 * against its checksum, every count against the rows, every value against its format. Immutable.
 *
 * @param file the file
 * @param rows entries read, by namespace
 * @param sealed entries of an encrypted store that were checked as they lie there, but not opened for want of the secret
 * @param faultCount how many faults there are
 * @param faults the first {@value #MOST_FAULTS} of them; empty for a sound file
 */
public record KvVerification(Path file, Map<String, Long> rows, long sealed, long faultCount, List<String> faults) {
    static final int MOST_FAULTS = 50;

    private static final String TYPES = "typeof(key) = 'text' AND typeof(value) = 'blob' AND typeof(format) = 'integer'"
            + " AND typeof(compression) = 'integer' AND typeof(raw_bytes) IN ('integer', 'null')";
    private static final String ENTRIES =
            "SELECT namespace_id, key, format, compression, raw_bytes, value, row_crc, id, " + TYPES
                    + " FROM entries ORDER BY id";
    private static final String NAMESPACES = "SELECT id, name, entry_count, row_crc FROM namespaces ORDER BY id";

    /** Whether nothing is wrong with what was checked. */
    public boolean isSound() {
        return faultCount == 0;
    }

    /**
     * Reads the whole file, as it is at one moment: also one that is being written, or was when its process died. Memory: the
     * largest value.
     *
     * @param secret opens the values of an encrypted store; null leaves them sealed
     * @param progress is told how many entries are read
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no key-value store, or another version's
     * @throws DecryptionException if the secret does not open the store
     * @throws DatabaseException if it cannot be opened at all
     */
    public static KvVerification verify(Path file, @Nullable KvSecret secret, LongConsumer progress) {
        try (Database database = Database.open(file, Access.READ)) {
            Check check = new Check(database, progress);
            try {
                KvSchema.SCHEMA.check(database);
            } catch (CorruptDatabaseException e) {
                check.fault(String.valueOf(e.getMessage()));
            }
            Map<String, String> info = check.info();
            try (ValueCipher cipher =
                    secret == null || check.faultCount > 0 ? null : ValueCipher.open(info, secret, database.file())) {
                check.run(cipher, ValueCipher.isEncrypted(info));
            }
            return new KvVerification(
                    database.file(),
                    Collections.unmodifiableMap(check.rows),
                    check.sealed,
                    check.faultCount,
                    List.copyOf(check.faults));
        }
    }

    /** What is known of a namespace. */
    private record Known(String name, long entries) {}

    private static final class Check {
        private final Database database;
        private final LongConsumer progress;
        private final Map<String, Long> rows = new LinkedHashMap<>();
        private final List<String> faults = new ArrayList<>();
        private long sealed;
        private long faultCount;
        private long done;

        Check(Database database, LongConsumer progress) {
            this.database = database;
            this.progress = progress;
        }

        void fault(String text) {
            faultCount++;
            if (faults.size() < MOST_FAULTS) {
                faults.add(text);
            }
        }

        Map<String, String> info() {
            try {
                return Schema.info(database);
            } catch (DatabaseException e) {
                fault("In dataset_info: " + e.getMessage());
                return Map.of();
            }
        }

        void run(@Nullable ValueCipher cipher, boolean encrypted) {
            guard("SQLite structure", () -> {
                String verdict = database.queryText("PRAGMA integrity_check(1)");
                if (!"ok".equals(verdict)) {
                    fault("SQLite structure: " + verdict);
                }
            });
            guard(
                    "entries",
                    () -> database.readTogether("Cannot read entries", connection -> {
                        entries(connection, cipher, encrypted);
                        return file();
                    }));
        }

        private Path file() {
            return database.file();
        }

        /* A damaged file may fail anywhere; the rest of it is looked at all the same. */
        private void guard(String what, Runnable work) {
            try {
                work.run();
            } catch (DatabaseException e) {
                fault("In " + what + ": " + e.getMessage());
            }
        }

        private void entries(Connection connection, @Nullable ValueCipher cipher, boolean encrypted)
                throws SQLException {
            Map<Integer, Known> namespaces = namespaces(connection);
            Map<Integer, Long> found = new HashMap<>();
            RowCoder coder = new RowCoder(file(), false, cipher);
            RowDigest digest = new RowDigest(KvSchema.ENTRY_TABLE);
            try (PreparedStatement select = connection.prepareStatement(ENTRIES);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int id = row.getInt(1);
                    found.merge(id, 1L, Long::sum);
                    Known namespace = namespaces.get(id);
                    if (namespace == null) {
                        fault("Row " + row.getLong(8) + " of table entries: expected one of a known namespace, found "
                                + row.getString(1) + ", key " + Keys.shown(String.valueOf(row.getString(2))));
                    } else {
                        rows.merge(namespace.name, 1L, Long::sum);
                        entry(id, namespace.name, row, coder, encrypted && cipher == null ? digest : null);
                    }
                    progress.accept(++done);
                }
            }
            namespaces.forEach((id, namespace) -> {
                long there = found.getOrDefault(id, 0L);
                if (there != namespace.entries) {
                    fault("Namespace " + Keys.shown(namespace.name) + ": expected " + namespace.entries
                            + " entries, found " + there);
                }
            });
        }

        private Map<Integer, Known> namespaces(Connection connection) throws SQLException {
            RowDigest digest = new RowDigest(KvSchema.NAMESPACE_TABLE);
            Map<Integer, Known> known = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(NAMESPACES);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int id = row.getInt(1);
                    String name = String.valueOf(row.getString(2));
                    long crc = digest.of(id, name);
                    if (crc != row.getLong(4) || id != row.getLong(1)) {
                        fault("Damaged namespace " + row.getLong(1) + ", " + Keys.shown(name) + ": expected row_crc "
                                + row.getLong(4) + ", found " + crc);
                    }
                    known.put(id, new Known(name, row.getLong(3)));
                    rows.put(name, 0L);
                }
            }
            return known;
        }

        /** @param sealedDigest not null if the value is encrypted and stays so */
        private void entry(
                int namespaceId, String namespace, ResultSet row, RowCoder coder, @Nullable RowDigest sealedDigest)
                throws SQLException {
            String key = String.valueOf(row.getString(2));
            long raw = row.getLong(5);
            Long rawBytes = row.wasNull() ? null : Long.valueOf(raw);
            byte[] value = row.getBytes(6);
            RowCoder.Row stored = new RowCoder.Row(
                    row.getLong(3), row.getLong(4), rawBytes, value == null ? new byte[0] : value, row.getLong(7));
            if (!row.getBoolean(9)) {
                fault("Entry " + Keys.shown(key) + " of namespace " + Keys.shown(namespace)
                        + ": expected a text as key and bytes as value, found other types");
                return;
            }
            try {
                if (sealedDigest == null) {
                    EntryLine.check(coder.decode(namespaceId, namespace, key, stored));
                } else {
                    sealed(namespaceId, key, stored, sealedDigest);
                }
            } catch (CorruptDatabaseException e) {
                // It says which entry.
                fault(String.valueOf(e.getMessage()));
            } catch (DecryptionException | IllegalArgumentException e) {
                fault("Entry " + Keys.shown(key) + " of namespace " + Keys.shown(namespace) + ": " + e.getMessage());
            }
        }

        private void sealed(int namespaceId, String key, RowCoder.Row row, RowDigest digest) {
            long crc = digest.of(namespaceId, key, row.format(), row.compression(), row.rawBytes(), row.value());
            if (crc != row.crc()) {
                throw new IllegalArgumentException("expected row_crc " + row.crc() + ", found " + crc);
            }
            if (KvCatalog.format(row.format()).startsWith("unknown")) {
                throw new IllegalArgumentException("expected a known format, found " + row.format());
            }
            if (row.value().length < ValueCipher.OVERHEAD_BYTES) {
                throw new IllegalArgumentException("expected an encrypted value of at least "
                        + ValueCipher.OVERHEAD_BYTES + " bytes, found " + row.value().length);
            }
            sealed++;
        }
    }
}
