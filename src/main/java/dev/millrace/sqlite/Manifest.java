package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What a finished file must contain: the ids of every split, and for each table, as a whole and by split, how many rows it
 * has and the sum of their digests. Finds rows that are gone, doubled or in another's place, which no row can tell by itself.
 *
 * <pre>
 *   split_ids  one packed {@link IdList} per split, so that opening a split is one read
 *   manifest   one line per (table, split); split '' is the whole table with all its columns,
 *              split 'train' … the covered columns of a {@link CheckedTable} for the ids of that split
 *   digest     sum modulo 2^64 over rows of mix(key, row_crc), row_crc as in {@link RowDigest}; for a whole table also of
 *              the storage classes, as a text and a blob of equal bytes have equal checksums
 * </pre>
 *
 * {@code dataset_info} holds {@code manifest_crc}: CRC-32C over all lines of both tables, the version and the
 * statements that created the tables.
 */
@Internal
public final class Manifest {
    /** The statements that create the two tables; part of every dataset's {@link Schema}. */
    public static final List<String> TABLES = List.of("""
            CREATE TABLE split_ids (
              split TEXT PRIMARY KEY,
              id_count INTEGER NOT NULL,
              ids BLOB NOT NULL,
              crc INTEGER NOT NULL
            ) WITHOUT ROWID""", """
            CREATE TABLE manifest (
              table_name TEXT NOT NULL,
              split TEXT NOT NULL,
              key_column TEXT NOT NULL,
              columns TEXT NOT NULL,
              row_count INTEGER NOT NULL,
              digest INTEGER NOT NULL,
              PRIMARY KEY (table_name, split)
            ) WITHOUT ROWID""");

    static final String WHOLE_TABLE = "";
    static final String CRC_KEY = "manifest_crc";

    private Manifest() {}

    /**
     * Writes both tables; call it when all rows are in.
     *
     * @param checked the tables that training reads
     * @param splits ids by split name, ascending
     */
    public static void write(Database database, List<CheckedTable> checked, Map<String, long[]> splits) {
        write(database, checked, splits, new ManifestSums());
    }

    /**
     * As {@link #write(Database, List, Map)}, without reading the tables that {@code sums} knows: what was summed up while the
     * rows went in is what must be there. Replaces what an interrupted call left.
     *
     * @throws IllegalArgumentException if the sums of a table are over other columns than it has
     */
    public static void write(
            Database database, List<CheckedTable> checked, Map<String, long[]> splits, ManifestSums sums) {
        List<CheckedTable> whole = dataTables(database);
        sums.requireKnown(checked, whole);
        database.write("Cannot write the manifest", connection -> {
            try (Statement delete = connection.createStatement()) {
                delete.executeUpdate("DELETE FROM split_ids");
                delete.executeUpdate("DELETE FROM manifest");
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO split_ids (split, id_count, ids, crc) VALUES (?, ?, ?, ?)")) {
                for (Map.Entry<String, long[]> split : splits.entrySet()) {
                    byte[] packed = IdList.pack(split.getValue());
                    insert.setString(1, split.getKey());
                    insert.setInt(2, split.getValue().length);
                    insert.setBytes(3, packed);
                    insert.setLong(4, crc(packed));
                    insert.executeUpdate();
                }
            }
        });
        List<TableScan> scans = new ArrayList<>();
        for (CheckedTable table : checked) {
            scans.add(
                    sums.knows(table)
                            ? sums.bySplit(table, splits)
                            : TableScan.bySplit(table, splits).run(database));
        }
        for (CheckedTable table : whole) {
            scans.add(
                    sums.knows(table)
                            ? sums.whole(table)
                            : TableScan.whole(table).run(database));
        }
        database.write("Cannot write the manifest", connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO manifest (table_name, split, key_column, columns, row_count, digest)"
                            + " VALUES (?, ?, ?, ?, ?, ?)")) {
                for (TableScan scan : scans) {
                    for (TableScan.Part part : scan.parts()) {
                        insert.setString(1, scan.table().name());
                        insert.setString(2, part.split());
                        insert.setString(3, scan.table().key());
                        insert.setString(4, String.join(",", scan.table().columns()));
                        insert.setLong(5, part.rowCount());
                        insert.setLong(6, part.digest());
                        insert.executeUpdate();
                    }
                }
            }
        });
        Schema.putInfo(database, Map.of(CRC_KEY, linesCrc(database)));
    }

    /**
     * What a finished file must contain, to be gone on with when rows are added. The rows themselves are not read, so that damage
     * among them stays what it is and never becomes what is expected.
     *
     * @param others tables of which no sum is wanted, because {@link #write} is to read them again; for the same reason they are
     *     compared with the manifest now
     * @throws CorruptDatabaseException if the manifest, or one of the other tables, is not what was written
     */
    public static ManifestSums sums(Database database, String... others) {
        check(database);
        for (CheckedTable table : dataTables(database)) {
            if (List.of(others).contains(table.name())) {
                requireLine(database, table, sum(database, table));
            }
        }
        ManifestSums sums = new ManifestSums();
        database.read("Cannot read the manifest", connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT table_name, split, key_column, columns, row_count, digest FROM manifest");
                    ResultSet line = select.executeQuery()) {
                while (line.next()) {
                    if (List.of(others).contains(line.getString(1))) {
                        continue;
                    }
                    List<String> columns = List.of(line.getString(4).split(",", -1));
                    sums.of(new CheckedTable(line.getString(1), line.getString(3), columns), line.getString(2))
                            .add(line.getLong(5), line.getLong(6));
                }
            }
            return sums;
        });
        return sums;
    }

    /**
     * As {@link #write(Database, List, Map)}, of a finished file to which rows were added: of each table only those beyond a key
     * are read, and added to what the manifest says of the others.
     *
     * @param lastKey largest key of every table before; all new rows have larger ones
     */
    public static void extend(Database database, List<CheckedTable> checked, Map<String, long[]> splits, long lastKey) {
        ManifestSums sums = sums(database);
        for (CheckedTable table : checked) {
            add(sums, TableScan.bySplit(table, splits).beyond(lastKey).run(database));
        }
        for (CheckedTable table : dataTables(database)) {
            // Other people's tables are in no manifest yet.
            if (sums.knows(table)) {
                add(sums, TableScan.whole(table).beyond(lastKey).run(database));
            }
        }
        write(database, checked, splits, sums);
    }

    private static void add(ManifestSums sums, TableScan scan) {
        for (TableScan.Part part : scan.parts()) {
            sums.of(scan.table(), part.split()).add(part.rowCount(), part.digest());
        }
    }

    /**
     * Changes tables of a finished file and what the manifest says of them, in one transaction: afterwards the file is as it
     * was, or changed and sound. What the tables hold before is compared with the manifest first, so that damage does not
     * become what is expected.
     *
     * @param database opened with {@link Access#AMEND}
     * @param action what fails, for errors
     * @param tables names of the tables that {@code change} writes to; whole tables without a {@code row_crc}
     * @param change inserts and deletes rows, on the connection given
     * @throws CorruptDatabaseException if one of the tables, or the manifest, is not what was written
     */
    public static void amend(Database database, String action, List<String> tables, SqlTask change) {
        amend(database, action, tables, Map.of(), change);
    }

    /**
     * As {@link #amend(Database, String, List, SqlTask)}, with entries of {@code dataset_info} that say what was done.
     *
     * @throws CorruptDatabaseException if one of the tables, or the manifest, is not what was written
     */
    public static void amend(
            Database database, String action, List<String> tables, Map<String, String> info, SqlTask change) {
        List<CheckedTable> whole = dataTables(database).stream()
                .filter(table -> tables.contains(table.name()))
                .toList();
        if (whole.size() != tables.size()) {
            throw new IllegalArgumentException("Expected tables " + tables + ", found " + whole + ".");
        }
        database.write(action, connection -> {
            check(database);
            Schema.checkInfo(database);
            for (CheckedTable table : whole) {
                requireLine(database, table, sum(database, table));
            }
            change.run(connection);
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE manifest SET row_count = ?, digest = ? WHERE table_name = ? AND split = ''")) {
                for (CheckedTable table : whole) {
                    TableScan.Part part = sum(database, table);
                    update.setLong(1, part.rowCount());
                    update.setLong(2, part.digest());
                    update.setString(3, table.name());
                    update.executeUpdate();
                }
            }
            Map<String, String> entries = new java.util.HashMap<>(info);
            entries.put(CRC_KEY, linesCrc(database));
            Schema.putInfo(database, connection, entries);
        });
    }

    private static TableScan.Part sum(Database database, CheckedTable table) {
        return TableScan.whole(table).run(database).parts().get(0);
    }

    private static void requireLine(Database database, CheckedTable table, TableScan.Part found) {
        String expected = database.queryText(
                "SELECT row_count || ' rows with digest ' || digest FROM manifest WHERE table_name = ? AND split = ''",
                table.name());
        String there = found.rowCount() + " rows with digest " + found.digest();
        if (!there.equals(expected)) {
            throw new CorruptDatabaseException(
                    "Damaged table " + table.name() + ": expected " + (expected == null ? "no rows" : expected)
                            + ", found " + there + " (" + database.file() + "). Restore the file or build it again.",
                    database.file(),
                    null);
        }
    }

    /**
     * Ids of a split, ascending; of all splits together for {@code all}.
     *
     * @throws CorruptDatabaseException if the list is damaged
     * @throws DatabaseException if the file has no such split
     */
    public static long[] ids(Database database, String split) {
        if (!split.equals("all")) {
            return splitIds(database, split);
        }
        check(database);
        long[] all = new long[0];
        for (String name : splitNames(database)) {
            long[] part = splitIds(database, name);
            long[] joined = java.util.Arrays.copyOf(all, all.length + part.length);
            System.arraycopy(part, 0, joined, all.length, part.length);
            all = joined;
        }
        java.util.Arrays.sort(all);
        return all;
    }

    /** Names of the splits in the file. */
    public static List<String> splitNames(Database database) {
        return database.read("Cannot read split_ids", connection -> {
            List<String> names = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT split FROM split_ids ORDER BY split");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    // Null in a damaged file only; there is no such split, as the next look-up says.
                    names.add(String.valueOf(rows.getString(1)));
                }
            }
            return names;
        });
    }

    /**
     * Identifies what training sees of a split, {@code all} included: equal for equal content, whenever it was built.
     *
     * @throws CorruptDatabaseException if the manifest or the list of splits is not what was written
     */
    public static String digest(Database database, String split) {
        check(database);
        return database.read("Cannot read the manifest", connection -> {
            long sum = 0;
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT table_name, digest FROM manifest WHERE split <> '' AND (split = ?1 OR ?1 = 'all')")) {
                select.setString(1, split);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        sum += rows.getString(1).hashCode() * 31L ^ rows.getLong(2);
                    }
                }
            }
            return split + ":" + Long.toHexString(sum);
        });
    }

    private static long[] splitIds(Database database, String split) {
        return database.read("Cannot read split_ids", connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT id_count, ids, crc FROM split_ids WHERE split = ?")) {
                select.setString(1, split);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw new SchemaMismatchException(
                                SchemaMismatchException.Kind.OTHER_SETTINGS,
                                "No split '" + split + "': expected one of " + splitNames(database) + " ("
                                        + database.file() + ").",
                                database.file());
                    }
                    return unpack(database, split, row);
                }
            }
        });
    }

    private static long[] unpack(Database database, String split, ResultSet row) throws SQLException {
        byte[] packed = row.getBytes(2);
        if (packed != null && crc(packed) == row.getLong(3)) {
            try {
                return IdList.unpack(packed, row.getInt(1));
            } catch (IllegalArgumentException e) {
                throw damagedIds(database, split, e);
            }
        }
        throw damagedIds(database, split, null);
    }

    private static CorruptDatabaseException damagedIds(
            Database database, String split, @org.jspecify.annotations.Nullable Throwable cause) {
        return new CorruptDatabaseException(
                "The id list of split '" + split + "' is damaged (" + database.file()
                        + ", split_ids). Run 'millrace verify " + database.file() + "'.",
                database.file(),
                cause);
    }

    /** Every table that holds data, with all its columns but the checksum, keyed by its INTEGER primary key. */
    static List<CheckedTable> dataTables(Database database) {
        List<String> names = texts(
                database,
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                        + " AND name NOT IN ('split_ids', 'manifest', 'dataset_info', 'build_progress') ORDER BY name");
        List<CheckedTable> tables = new ArrayList<>();
        for (String name : names) {
            List<String> columns = texts(
                    database,
                    "SELECT name FROM pragma_table_info(?) WHERE name <> '" + CheckedTable.CRC_COLUMN
                            + "' ORDER BY cid",
                    name);
            List<String> keys = texts(
                    database,
                    "SELECT name FROM pragma_table_info(?) WHERE pk > 0 AND type = 'INTEGER' ORDER BY pk",
                    name);
            tables.add(new CheckedTable(name, keys.isEmpty() ? columns.get(0) : keys.get(0), columns));
        }
        return tables;
    }

    /**
     * Compares both tables, the ids themselves apart, with their checksum.
     *
     * @throws CorruptDatabaseException if it is another
     */
    static void check(Database database) {
        String expected = Schema.info(database).get(CRC_KEY);
        String found = linesCrc(database);
        if (!found.equals(expected)) {
            throw new CorruptDatabaseException(
                    "Damaged manifest: expected " + CRC_KEY + " " + expected + ", found " + found + " ("
                            + database.file() + "). Run 'millrace verify " + database.file() + "'.",
                    database.file(),
                    null);
        }
    }

    /* Indexes and other people's tables may come later: they are left out. */
    private static String linesCrc(Database database) {
        return LineChecksum.of(
                database,
                "SELECT quote(split) || ' ' || quote(id_count) || ' ' || typeof(ids) || ' ' || quote(crc)"
                        + " FROM split_ids UNION ALL SELECT quote(table_name) || ' ' || quote(split) || ' '"
                        + " || quote(key_column) || ' ' || quote(columns) || ' ' || quote(row_count) || ' '"
                        + " || quote(digest) FROM manifest UNION ALL SELECT quote(sql) FROM sqlite_schema"
                        + " WHERE type = 'table' AND name IN (SELECT table_name FROM manifest UNION ALL"
                        + " VALUES ('split_ids'), ('manifest'), ('dataset_info')) UNION ALL"
                        + " SELECT user_version FROM pragma_user_version ORDER BY 1");
    }

    private static List<String> texts(Database database, String sql, String... arguments) {
        return database.read("Cannot read the table list", connection -> {
            List<String> values = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                for (int i = 0; i < arguments.length; i++) {
                    select.setString(i + 1, arguments[i]);
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        values.add(rows.getString(1));
                    }
                }
            }
            return values;
        });
    }

    private static long crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }
}
