package dev.millrace.kv;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a store's file holds beside its values: namespaces, keys, sizes, formats. Reads beside whoever writes to it, sees what is
 * committed, and needs no secret, because keys are not encrypted. Values are not read, so it is quick, and damage to them stays
 * unseen; see {@link KvVerification}. One thread at a time; who opens it closes it.
 */
public final class KvCatalog implements AutoCloseable {
    /** The kind of file, as it says itself. */
    public static final String KIND = KvSchema.KIND;

    private static final String NAMESPACES = "SELECT name, entry_count FROM namespaces ORDER BY name";
    /* Only of the header of a row: octet_length reads no value. */
    private static final String SIZES = "format, compression, raw_bytes, octet_length(value)";
    private static final String PAGE = "SELECT key COLUMNS FROM entries"
            + " WHERE namespace_id = (SELECT id FROM namespaces WHERE name = ?) AND key OPERATOR ? ORDER BY key LIMIT ?";
    private static final String GROUPS = "SELECT namespace_id, format, compression, count(*), sum(octet_length(value)),"
            + " sum(coalesce(raw_bytes, octet_length(value) - ?)) FROM entries GROUP BY 1, 2, 3";
    /* No statement stays open while its reader takes time: it would keep the log from being emptied. */
    private static final int PAGE_ENTRIES = 4_096;

    private final Database database;
    private final Map<String, String> info;

    private KvCatalog(Database database) {
        this.database = database;
        this.info = Schema.info(database);
    }

    /**
     * Opens a file.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no key-value store, or one of another version
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be opened
     */
    public static KvCatalog open(Path file) {
        Database database = Database.open(file, Access.READ);
        try {
            KvSchema.SCHEMA.check(database);
            return new KvCatalog(database);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** What opens a store. */
    public enum Protection {
        NONE,
        PASSWORD,
        KEY_FILE
    }

    /**
     * A key and its value's size.
     *
     * @param format name of the format; {@code unknown 17} for one of a later version
     * @param bytes of the value
     * @param storedBytes what they take in the file, compressed and encrypted
     */
    public record Listed(String key, String format, long bytes, long storedBytes) {}

    /**
     * Sizes of a namespace.
     *
     * @param entries how many there are
     * @param bytes of all values
     * @param storedBytes what they take in the file, compressed and encrypted; keys and SQLite's own take more
     * @param compressed entries whose values are compressed
     * @param formats entries of each format, in order of the formats
     */
    public record Sizes(long entries, long bytes, long storedBytes, long compressed, Map<String, Long> formats) {}

    /**
     * Sizes of a file.
     *
     * @param fileBytes of the file itself
     * @param logBytes of the {@code -wal} beside it, which belongs to it
     * @param freeBytes of pages that hold nothing: compaction gives them back
     */
    public record FileSizes(long fileBytes, long logBytes, long freeBytes) {}

    /** What opens this store. */
    public Protection protection() {
        if (!ValueCipher.isEncrypted(info)) {
            return Protection.NONE;
        }
        return "none".equals(info.get(CipherHeader.KDF)) ? Protection.KEY_FILE : Protection.PASSWORD;
    }

    /** Version of the tables. */
    public long version() {
        return database.queryLong("PRAGMA user_version");
    }

    /** Number of entries of each namespace, in order of the names. */
    public Map<String, Long> namespaces() {
        return database.read("Cannot read the namespaces", connection -> {
            Map<String, Long> found = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(NAMESPACES);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.put(row.getString(1), row.getLong(2));
                }
            }
            return found;
        });
    }

    /** Hands out keys that begin with a prefix, in order, at most {@code limit} of them, while {@code each} wants more. */
    public void keys(String namespace, String prefix, long limit, Predicate<String> each) {
        pages(namespace, prefix, limit, "", row -> row.getString(1), key -> key, each);
    }

    /** As {@link #keys}, with the sizes of the values. */
    public void list(String namespace, String prefix, long limit, Predicate<Listed> each) {
        pages(namespace, prefix, limit, ", " + SIZES, this::listed, Listed::key, each);
    }

    private Listed listed(ResultSet row) throws SQLException {
        long raw = row.getLong(4);
        boolean compressed = !row.wasNull();
        long stored = row.getLong(5);
        return new Listed(row.getString(1), format(row.getLong(2)), compressed ? raw : stored - overhead(), stored);
    }

    private <T> void pages(
            String namespace,
            String prefix,
            long limit,
            String columns,
            RowReader<T> reader,
            Function<T, String> key,
            Predicate<T> each) {
        String last = null;
        long left = limit;
        while (left > 0) {
            List<T> page = page(namespace, last == null ? prefix : last, last == null, columns, left, reader);
            for (T item : page) {
                if (!key.apply(item).startsWith(prefix) || !each.test(item)) {
                    return;
                }
            }
            if (page.size() < PAGE_ENTRIES) {
                return;
            }
            left -= page.size();
            last = key.apply(page.get(page.size() - 1));
        }
    }

    private <T> List<T> page(
            String namespace, String from, boolean inclusive, String columns, long limit, RowReader<T> reader) {
        String sql = PAGE.replace("COLUMNS", columns).replace("OPERATOR", inclusive ? ">=" : ">");
        return database.read("Cannot read the keys", connection -> {
            PreparedStatement select = database.prepared(sql);
            select.setString(1, namespace);
            select.setString(2, from);
            select.setLong(3, Math.min(limit, PAGE_ENTRIES));
            List<T> page = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    page.add(reader.read(row));
                }
            }
            return page;
        });
    }

    /** Makes something of a row. */
    @FunctionalInterface
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Sizes of each namespace, in order of the names. Reads every row's header: one scan of the table. */
    public Map<String, Sizes> sizes() {
        return database.readTogether("Cannot count entries", connection -> {
            Map<Long, Tally> tallies = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(GROUPS)) {
                select.setLong(1, overhead());
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        tallies.computeIfAbsent(row.getLong(1), id -> new Tally())
                                .add(row);
                    }
                }
            }
            Map<String, Sizes> sizes = new LinkedHashMap<>();
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT id, name FROM namespaces ORDER BY name");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    sizes.put(
                            row.getString(2),
                            tallies.getOrDefault(row.getLong(1), new Tally()).sizes());
                }
            }
            return sizes;
        });
    }

    private static final class Tally {
        private long entries;
        private long bytes;
        private long stored;
        private long compressed;
        private final Map<String, Long> formats = new LinkedHashMap<>();

        void add(ResultSet row) throws SQLException {
            long count = row.getLong(4);
            entries += count;
            stored += row.getLong(5);
            bytes += row.getLong(6);
            compressed += row.getLong(3) == 0 ? 0 : count;
            formats.merge(format(row.getLong(2)), count, Long::sum);
        }

        Sizes sizes() {
            return new Sizes(entries, bytes, stored, compressed, Collections.unmodifiableMap(formats));
        }
    }

    /** Sizes of the file and of what belongs to it. */
    public FileSizes fileSizes() {
        long page = database.queryLong("PRAGMA page_size");
        Path file = database.file();
        return new FileSizes(
                size(file),
                size(file.resolveSibling(file.getFileName() + "-wal")),
                page * database.queryLong("PRAGMA freelist_count"));
    }

    /** Asks the file system only: to open the file beside SQLite would drop its locks. */
    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long overhead() {
        return ValueCipher.isEncrypted(info) ? ValueCipher.OVERHEAD_BYTES : 0;
    }

    static String format(long code) {
        Codecs.Format known = code >= 0 && code <= Integer.MAX_VALUE ? Codecs.Format.byCode((int) code) : null;
        return known == null ? String.format(Locale.ROOT, "unknown %d", code) : known.toString();
    }

    @Override
    public void close() {
        database.close();
    }
}
