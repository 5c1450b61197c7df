package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a kind of Millrace file consists of. Every file carries {@link #APPLICATION_ID}, its version in
 * {@code user_version}, and a table {@code dataset_info} of keys and values, {@code kind} among them.
 *
 * <p>Immutable, thread-safe.
 *
 * @param kind name of the kind of file, {@code spectra} for example
 * @param version raised with every change of the tables
 * @param tables one CREATE TABLE statement each; a file whose tables read otherwise is refused
 * @param afterwards statements that run when the rows are in: indexes
 * @param upgrade how a file of the version before becomes one of this; null where it has to be built again
 */
@Internal
public record Schema(
        String kind,
        int version,
        List<String> tables,
        List<String> afterwards,
        @Nullable Upgrade upgrade) {
    /** "Mill" in ASCII. */
    public static final int APPLICATION_ID = 0x4D696C6C;

    private static final String INFO_TABLE = """
            CREATE TABLE dataset_info (
              key TEXT PRIMARY KEY,
              value TEXT NOT NULL
            ) WITHOUT ROWID""";
    private static final String CRC_KEY = "info_crc";
    private static final Pattern OBJECT_NAME = Pattern.compile("CREATE (INDEX|VIEW) (\\w+)");
    private static final Pattern TABLE_NAME = Pattern.compile("CREATE TABLE (\\w+)");

    public Schema {
        tables = List.copyOf(tables);
        afterwards = List.copyOf(afterwards);
    }

    /** A schema whose older files are built again. */
    public Schema(String kind, int version, List<String> tables, List<String> afterwards) {
        this(kind, version, tables, afterwards, null);
    }

    /**
     * The way from one version to the next.
     *
     * @param from what a file consists of before
     * @param advice what to do with an older file that was opened for reading; FILE in it stands for its path
     * @param work changes the tables, inside a transaction that also raises the version
     */
    public record Upgrade(Schema from, String advice, SqlTask work) {}

    /** Creates the tables in an empty file and marks it. */
    public void create(Database database) {
        database.execute("PRAGMA application_id=" + APPLICATION_ID, "PRAGMA user_version=" + version, INFO_TABLE);
        tables.forEach(database::execute);
        putInfo(database, Map.of("kind", kind));
    }

    /** Runs the statements that come after the rows. */
    public void finish(Database database) {
        afterwards.forEach(database::execute);
    }

    /**
     * Accepts a file of exactly this kind and version, with tables (no views, no triggers in their place) that read as
     * they were created.
     *
     * @throws SchemaMismatchException naming what differs and what to do
     * @throws CorruptDatabaseException if {@code dataset_info} is not what was written
     */
    public void check(Database database) {
        long foundVersion = requireKind(database);
        if (foundVersion != version) {
            boolean newer = foundVersion > version;
            throw new SchemaMismatchException(
                    newer ? SchemaMismatchException.Kind.TOO_NEW : SchemaMismatchException.Kind.TOO_OLD,
                    "Database is too " + (newer ? "new" : "old") + ": expected version " + version + " of kind '" + kind
                            + "', found " + foundVersion + " (" + database.file() + "). "
                            + (newer ? "Use a newer Millrace." : adviceFor(database.file())),
                    database.file());
        }
        for (String table : tables) {
            checkTable(database, table);
        }
        checkInfo(database);
    }

    /**
     * Accepts a file whose indexes and views read as {@link #afterwards} made them: a query over a view is only as good as
     * the view.
     *
     * @throws SchemaMismatchException naming the first that differs
     */
    public void checkAfterwards(Database database) {
        for (String sql : afterwards) {
            Matcher matcher = OBJECT_NAME.matcher(sql);
            if (matcher.lookingAt()) {
                String name = matcher.group(2);
                String found = database.queryText(
                        "SELECT sql FROM sqlite_schema WHERE type = ? AND name = ?",
                        matcher.group(1).toLowerCase(Locale.ROOT),
                        name);
                requireSame(database, matcher.group(1).toLowerCase(Locale.ROOT), name, sql, found);
            }
        }
    }

    /** Statements that take away what {@link #finish} made, where it is there. */
    List<String> dropsOfAfterwards() {
        List<String> drops = new ArrayList<>();
        for (String sql : afterwards) {
            Matcher matcher = OBJECT_NAME.matcher(sql);
            if (matcher.lookingAt()) {
                drops.add("DROP " + matcher.group(1) + " IF EXISTS " + matcher.group(2));
            }
        }
        return drops;
    }

    /** The version of a file, which is at least of this kind. */
    long requireKind(Database database) {
        String found = kindOf(database);
        if (!found.equals(kind)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_KIND,
                    "Wrong kind of database: expected '" + kind + "', found '" + found + "' (" + database.file() + ").",
                    database.file());
        }
        return database.queryLong("PRAGMA user_version");
    }

    private String adviceFor(Path file) {
        return upgrade == null
                ? "Build it again with this Millrace."
                : upgrade.advice().replace("FILE", file.toString());
    }

    /**
     * The kind of a Millrace file.
     *
     * @throws SchemaMismatchException if it is another program's file
     */
    public static String kindOf(Database database) {
        long applicationId = database.queryLong("PRAGMA application_id");
        boolean hasInfo = INFO_TABLE.equals(tableSql(database, "dataset_info"));
        String kind =
                applicationId == APPLICATION_ID && hasInfo ? info(database).get("kind") : null;
        if (kind == null) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.FOREIGN,
                    "Not a Millrace database: expected application_id 0x" + Integer.toHexString(APPLICATION_ID)
                            + " and a kind in table dataset_info, found application_id 0x"
                            + Long.toHexString(applicationId) + " and "
                            + (hasInfo ? "dataset_info without a kind" : "no such table") + " (" + database.file()
                            + ").",
                    database.file());
        }
        return kind;
    }

    /** All entries of {@code dataset_info}. */
    public static Map<String, String> info(Database database) {
        return database.read("Cannot read dataset_info", connection -> {
            Map<String, String> entries = new LinkedHashMap<>();
            try (PreparedStatement statement =
                            connection.prepareStatement("SELECT key, value FROM dataset_info ORDER BY key");
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    entries.put(rows.getString(1), rows.getString(2));
                }
            }
            return entries;
        });
    }

    /** Sets entries of {@code dataset_info}, and the checksum over all of them. */
    public static void putInfo(Database database, Map<String, String> entries) {
        database.write("Cannot write dataset_info", connection -> putInfo(database, connection, entries));
    }

    /** As {@link #putInfo(Database, Map)}, within a transaction of the caller's. */
    static void putInfo(Database database, Connection connection, Map<String, String> entries) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT OR REPLACE INTO dataset_info (key, value) VALUES (?, ?)")) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                statement.setString(1, entry.getKey());
                statement.setString(2, entry.getValue());
                statement.executeUpdate();
            }
            statement.setString(1, CRC_KEY);
            statement.setString(2, infoCrc(database));
            statement.executeUpdate();
        }
    }

    /**
     * Compares the entries of {@code dataset_info} with their checksum: settings among them decide what the rows mean.
     *
     * @throws CorruptDatabaseException if it is another
     */
    static void checkInfo(Database database) {
        String expected = info(database).get(CRC_KEY);
        String found = infoCrc(database);
        if (!found.equals(expected)) {
            throw new CorruptDatabaseException(
                    "Damaged dataset_info: expected " + CRC_KEY + " " + expected + ", found " + found + " ("
                            + database.file() + "). Restore the file or build it again.",
                    database.file(),
                    null);
        }
    }

    private static String infoCrc(Database database) {
        return LineChecksum.of(
                database,
                "SELECT quote(key) || ' ' || quote(value) FROM dataset_info WHERE key <> '" + CRC_KEY + "' ORDER BY 1");
    }

    private static void checkTable(Database database, String sql) {
        Matcher matcher = TABLE_NAME.matcher(sql);
        if (!matcher.lookingAt()) {
            throw new IllegalArgumentException("Expected CREATE TABLE name, found: " + sql);
        }
        String name = matcher.group(1);
        String found = tableSql(database, name);
        requireSame(database, "table", name, sql, found);
    }

    private static void requireSame(
            Database database, String type, String name, String expected, @Nullable String found) {
        if (!expected.equals(found)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_TABLES,
                    "Unexpected " + type + " '" + name + "': expected <" + oneLine(expected) + ">, found <"
                            + (found == null ? "no " + type : oneLine(found)) + "> (" + database.file()
                            + "). Build the file again.",
                    database.file());
        }
    }

    private static @Nullable String tableSql(Database database, String name) {
        return database.queryText("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", name);
    }

    private static String oneLine(String sql) {
        return sql.replaceAll("\\s+", " ");
    }
}
