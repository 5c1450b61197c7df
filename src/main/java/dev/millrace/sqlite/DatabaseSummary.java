package dev.millrace.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a Millrace file says about itself, whatever its kind. Immutable.
 *
 * @param kind kind of file
 * @param version version of its tables
 * @param info all entries of {@code dataset_info}
 * @param rowCounts rows of each table, by name
 * @param splitCounts ids of each split, by name; empty for a file without splits
 */
public record DatabaseSummary(
        String kind,
        long version,
        Map<String, String> info,
        Map<String, Long> rowCounts,
        Map<String, Long> splitCounts) {
    private static final String TABLES = """
            SELECT name
            FROM sqlite_schema
            WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY name""";

    /**
     * Reads the summary of a file. Counts scan each table once.
     *
     * @throws SchemaMismatchException if it is another program's file
     */
    public static DatabaseSummary read(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            String kind = Schema.kindOf(database);
            long version = database.queryLong("PRAGMA user_version");
            Map<String, Long> rowCounts = database.read("Cannot count rows", DatabaseSummary::countRows);
            Map<String, Long> splitCounts = new LinkedHashMap<>();
            if (rowCounts.containsKey("split_ids")) {
                for (String split : Manifest.splitNames(database)) {
                    splitCounts.put(split, database.queryLong("SELECT id_count FROM split_ids WHERE split = ?", split));
                }
            }
            return new DatabaseSummary(kind, version, Schema.info(database), rowCounts, splitCounts);
        }
    }

    private static Map<String, Long> countRows(Connection connection) throws SQLException {
        Map<String, Long> counts = new LinkedHashMap<>();
        try (PreparedStatement tables = connection.prepareStatement(TABLES);
                ResultSet names = tables.executeQuery()) {
            while (names.next()) {
                String name = names.getString(1);
                // The name comes from the file: quoted, with quotes doubled, it can only name a table.
                try (PreparedStatement count = connection.prepareStatement(
                                "SELECT count(*) FROM \"" + name.replace("\"", "\"\"") + '"');
                        ResultSet row = count.executeQuery()) {
                    counts.put(name, row.next() ? row.getLong(1) : 0L);
                }
            }
        }
        return counts;
    }
}
