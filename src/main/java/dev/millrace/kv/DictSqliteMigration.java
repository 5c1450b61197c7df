package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the entries of a DictSQLite v4.2 file into a store. The file is only read; a {@code -wal} beside it counts.
 *
 * <p>DictSQLite has one table {@code kv_store} of keys and values. Its "tables" are prefixes of keys, {@code name:key}, of which
 * the first colon counts: they become namespaces. A key without a colon goes to {@code main}, as DictSQLite lists it. So a key
 * {@code http://x} of its main table, too, becomes key {@code //x} of namespace {@code http}, unless
 * {@link #optWholeKeys(String)} keeps the keys as they are. Where two keys would become one ({@code x} and {@code main:x}), that
 * with the prefix is refused.
 *
 * <p>What wrote a value is not stored in the file: {@link Values} says it, or how it is guessed. The bytes of a value stay as
 * they are in every case; what is decided is whether they are called bytes, text or JSON. Encrypted values are nothing but
 * bytes. How often an entry was read, and when, is not taken over.
 *
 * <p>What cannot be taken is refused by name, and the rest goes on: {@link #scan} tells it beforehand. Nothing that Python pickled
 * is ever carried out. Rows are read one by one, in one read transaction.
 *
 * <p>One thread at a time. Holds nothing open between its calls.
 */
public final class DictSqliteMigration {
    private static final String TABLE = "kv_store";
    private static final int MAX_REFUSED_LISTED = 1_000;
    private static final int LONGEST_KEY_SHOWN = 200;

    /** What the values of a file are. */
    public enum Values {
        /**
         * Guessed from the bytes of each: pickles are refused; one JSON document in UTF-8 is JSON; other UTF-8 without control
         * characters (but tab and line ends) is text; all else, the empty value too, is bytes. Bytes that begin with 0x80 and 2
         * to 5 and end with a full stop are taken for a pickle; others that begin with 0x80 are bytes. A text that happens to be
         * a JSON document, {@code 12} for example, is called JSON. MessagePack, which DictSQLite wrote in its mode
         * {@code jsonb}, is bytes, except that some of its numbers look like one or two characters (the integer 53 is the byte
         * of the digit 5): say {@link #BYTES} for files of that mode.
         */
        AUTO,
        /** Bytes, whatever they look like: pickles too are kept, unread. */
        BYTES,
        /** One JSON document each: written in mode {@code json}. Others are refused. */
        JSON,
        /** Text in UTF-8. Others are refused. */
        TEXT
    }

    /**
     * A row that was not taken.
     *
     * @param key shortened if it is long; in hexadecimal if it is no text
     * @param reason what was found
     */
    public record Refused(String key, String reason) {}

    /**
     * What a file holds, or what was put. Immutable.
     *
     * @param entries taken
     * @param bytes of their values
     * @param byNamespace entries taken of each, in order of the names
     * @param byFormat entries taken of each format that there is
     * @param refused rows not taken
     * @param refusedRows the first 1,000 of them
     */
    public record Report(
            long entries,
            long bytes,
            Map<String, Long> byNamespace,
            Map<Codecs.Format, Long> byFormat,
            long refused,
            List<Refused> refusedRows) {}

    private final Path file;
    private Values values = Values.AUTO;
    private @Nullable String wholeKeys;
    private LongConsumer progress = done -> {};

    /** @param file written by DictSQLite v4.2, and by nobody meanwhile or it counts as it is when the reading begins */
    public DictSqliteMigration(Path file) {
        this.file = file;
    }

    /** What the values are; {@link Values#AUTO} by default. */
    public DictSqliteMigration optValues(Values value) {
        values = value;
        return this;
    }

    /** Keeps all keys as they are, colons and all, in one namespace. */
    public DictSqliteMigration optWholeKeys(String namespace) {
        wholeKeys = namespace;
        return this;
    }

    /** Is told how many rows are done, after each, on the calling thread. */
    public DictSqliteMigration optProgress(LongConsumer value) {
        progress = value;
        return this;
    }

    /**
     * Says what {@link #run} would do, and does nothing.
     *
     * @throws SchemaMismatchException if it is no such file
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be read
     */
    public Report scan() {
        return read((namespace, key, value) -> {});
    }

    /**
     * Puts what can be taken over what the store has. When it returns, all is committed; when it fails, a part may be, and to
     * run it again is harmless. In a WRITE_THROUGH store every entry is a commit of its own; open the store LAZY.
     *
     * @throws SchemaMismatchException if it is no such file
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be read, or the store not be written
     */
    public Report run(KvStore store) {
        Report report = read(store::putStored);
        store.flushWriteBuffer();
        return report;
    }

    /** Takes entries; an {@link IllegalArgumentException} refuses one. */
    @FunctionalInterface
    private interface Target {
        void put(String namespace, String key, StoredValue value);
    }

    private Report read(Target target) {
        try (Database database = Database.open(file, Access.READ)) {
            requireLayout(database);
            Charset charset = charset(database);
            return database.readTogether(
                    "Cannot read table " + TABLE, connection -> new Pass(connection, charset, target).run());
        }
    }

    private static Charset charset(Database database) {
        String encoding = database.queryText("PRAGMA encoding");
        return switch (String.valueOf(encoding)) {
            case "UTF-16le" -> StandardCharsets.UTF_16LE;
            case "UTF-16be" -> StandardCharsets.UTF_16BE;
            default -> StandardCharsets.UTF_8;
        };
    }

    private void requireLayout(Database database) {
        if (database.queryLong("PRAGMA application_id") == Schema.APPLICATION_ID) {
            throw mismatch(
                    SchemaMismatchException.Kind.OTHER_KIND,
                    "a Millrace file of kind '" + Schema.kindOf(database)
                            + "', which needs no migration. Of a key-value store, kv export and kv import move entries");
        }
        // Only a table proper: a view or a virtual table would run what the file says.
        long proper = database.queryLong(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? AND rootpage > 0", TABLE);
        long columns = database.queryLong(
                "SELECT count(*) FROM pragma_table_info(?) WHERE lower(name) IN ('key', 'value')", TABLE);
        if (proper == 1 && columns == 2) {
            return;
        }
        String older = database.queryText(
                "SELECT s.name FROM sqlite_schema s WHERE s.type = 'table' AND s.rootpage > 0 AND s.name <> ?"
                        + " AND (SELECT group_concat(lower(name)) FROM (SELECT name FROM pragma_table_info(s.name)"
                        + " ORDER BY cid)) = 'key,value' ORDER BY s.name LIMIT 1",
                TABLE);
        if (proper == 0 && older != null) {
            throw mismatch(
                    SchemaMismatchException.Kind.TOO_OLD,
                    "table '" + older
                            + "' of key and value, the layout of DictSQLite 1 and 2. Copy it with DictSQLite 4.2 first");
        }
        throw mismatch(SchemaMismatchException.Kind.FOREIGN, found(database, proper));
    }

    private static String found(Database database, long proper) {
        String names = database.queryText(
                proper == 1
                        ? "SELECT 'the columns ' || coalesce(group_concat(name, ', '), 'none') FROM"
                                + " (SELECT name FROM pragma_table_info('" + TABLE + "') LIMIT 20)"
                        : "SELECT CASE count(*) WHEN 0 THEN 'no table' ELSE 'the tables ' || group_concat(name, ', ') END FROM"
                                + " (SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name LIMIT 20)");
        return String.valueOf(names);
    }

    private SchemaMismatchException mismatch(SchemaMismatchException.Kind kind, String found) {
        return new SchemaMismatchException(
                kind,
                "Not a DictSQLite v4.2 file: expected table " + TABLE + " with the columns key and value, found "
                        + found + " (" + file + ").",
                file);
    }

    /** One pass over the table. */
    private final class Pass {
        private static final String ROWS = "SELECT typeof(key), octet_length(key),"
                + " CAST(CASE WHEN octet_length(key) <= " + 2 * Keys.LONGEST
                + " THEN key ELSE substr(key, 1, 300) END AS BLOB),"
                + " typeof(value), octet_length(value),"
                + " CASE WHEN typeof(value) IN ('blob', 'text') AND octet_length(value) <= "
                + KvStore.LARGEST_VALUE_BYTES
                + " THEN CAST(value AS BLOB) END FROM " + TABLE;

        private final Connection connection;
        private final Charset charset;
        private final Target target;
        private final Map<String, Long> byNamespace = new TreeMap<>();
        private final Map<Codecs.Format, Long> byFormat = new EnumMap<>(Codecs.Format.class);
        private final List<Refused> refusedRows = new ArrayList<>();
        private long entries;
        private long bytes;
        private long refused;

        Pass(Connection connection, Charset charset, Target target) {
            this.connection = connection;
            this.charset = charset;
            this.target = target;
        }

        Report run() throws SQLException {
            try (PreparedStatement rows = connection.prepareStatement(ROWS);
                    PreparedStatement twin =
                            connection.prepareStatement("SELECT 1 FROM " + TABLE + " WHERE key = CAST(? AS TEXT)");
                    ResultSet row = rows.executeQuery()) {
                while (row.next()) {
                    row(row, twin);
                    progress.accept(entries + refused);
                }
            }
            return new Report(
                    entries,
                    bytes,
                    Collections.unmodifiableMap(byNamespace),
                    Collections.unmodifiableMap(byFormat),
                    refused,
                    List.copyOf(refusedRows));
        }

        private void row(ResultSet row, PreparedStatement twin) throws SQLException {
            byte[] rawKey = row.getBytes(3);
            String shown = shown(row.getString(1), rawKey);
            try {
                String whole = key(row.getString(1), row.getLong(2), rawKey);
                int colon = wholeKeys == null ? whole.indexOf(':') : -1;
                String name = wholeKeys != null
                        ? wholeKeys
                        : colon < 0 ? KvStore.DEFAULT_NAMESPACE : whole.substring(0, colon);
                String key = whole.substring(colon + 1);
                if (colon >= 0 && name.equals(KvStore.DEFAULT_NAMESPACE) && key.indexOf(':') < 0 && exists(key, twin)) {
                    throw new IllegalArgumentException("its key without the prefix is there too, and only one can be "
                            + Keys.shown(key) + " of namespace " + Keys.shown(name));
                }
                byte[] value = value(row);
                Codecs.Format format = DictSqliteValues.formatOf(value, values);
                target.put(name, key, new StoredValue(format, value));
                entries++;
                bytes += value.length;
                byNamespace.merge(name, 1L, Long::sum);
                byFormat.merge(format, 1L, Long::sum);
            } catch (IllegalArgumentException e) {
                refused++;
                if (refusedRows.size() < MAX_REFUSED_LISTED) {
                    refusedRows.add(new Refused(shown, String.valueOf(e.getMessage())));
                }
            }
        }

        private boolean exists(String key, PreparedStatement twin) throws SQLException {
            twin.setBytes(1, key.getBytes(charset));
            try (ResultSet found = twin.executeQuery()) {
                return found.next();
            }
        }

        private String key(String type, long length, byte @Nullable [] raw) {
            if (!type.equals("text")) {
                throw new IllegalArgumentException("expected a text as key, found " + type);
            }
            // An empty one may be handed over as null.
            String key = raw == null ? "" : decoded("the key", raw);
            if (length > 2 * Keys.LONGEST || key.getBytes(StandardCharsets.UTF_8).length > Keys.LONGEST) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "expected a key of at most %,d bytes, found %,d", Keys.LONGEST, length));
            }
            return key;
        }

        private byte[] value(ResultSet row) throws SQLException {
            String type = row.getString(4);
            boolean isText = type.equals("text");
            if (!isText && !type.equals("blob")) {
                throw new IllegalArgumentException("expected a BLOB or TEXT as value, found " + type);
            }
            if (row.getLong(5) > KvStore.LARGEST_VALUE_BYTES) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "expected a value of at most %,d bytes, found %,d",
                        KvStore.LARGEST_VALUE_BYTES,
                        row.getLong(5)));
            }
            byte[] raw = row.getBytes(6);
            if (raw == null) {
                // An empty BLOB may be handed over so.
                return new byte[0];
            }
            return isText && !charset.equals(StandardCharsets.UTF_8)
                    ? decoded("the value", raw).getBytes(StandardCharsets.UTF_8)
                    : raw;
        }

        private String decoded(String what, byte[] raw) {
            try {
                return charset.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("expected " + what + " in " + charset + ", found other bytes", e);
            }
        }

        private String shown(String type, byte @Nullable [] raw) {
            if (raw == null) {
                return type.equals("text") ? "" : "(" + type + ")";
            }
            if (type.equals("text") || type.equals("integer") || type.equals("real")) {
                try {
                    return clipped(
                            charset.newDecoder().decode(ByteBuffer.wrap(raw)).toString());
                } catch (CharacterCodingException e) {
                    // Not what it says: shown as the bytes that it is.
                }
            }
            return clipped("x'" + HexFormat.of().formatHex(raw) + "'");
        }

        private static String clipped(String text) {
            return text.length() <= LONGEST_KEY_SHOWN ? text : text.substring(0, LONGEST_KEY_SHOWN) + "…";
        }
    }
}
