package dev.millrace.exafs;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is in a database, one of Millrace's or of the document's tables. Immutable.
 *
 * @param kind {@code exafs} or {@code document}
 * @param bytes size of the file
 * @param paths how many
 * @param absorbers distinct pairs of frame and atom
 * @param frames distinct frames
 * @param firstFrame the smallest; 0 without any
 * @param lastFrame the largest; 0 without any
 * @param minHalfLength smallest reff, Å; NaN without paths
 * @param maxHalfLength largest reff, Å; NaN without paths
 * @param types paths by type, the most frequent first
 * @param legs paths by number of legs
 * @param elements absorbers by element
 * @param parameterSets what χ was computed with
 * @param rejects files that cannot be used, by reason
 * @param incomplete absorbers of which a file was rejected
 * @param info what the file says of itself
 */
public record ExafsOverview(
        String kind,
        long bytes,
        long paths,
        long absorbers,
        long frames,
        long firstFrame,
        long lastFrame,
        double minHalfLength,
        double maxHalfLength,
        List<TypeCount> types,
        Map<String, Long> legs,
        Map<String, Long> elements,
        List<ParameterSet> parameterSets,
        Map<String, Long> rejects,
        long incomplete,
        Map<String, String> info) {
    /** Paths of one type, and the range of their half lengths, Å. */
    public record TypeCount(String pathType, int legCount, long paths, double minHalfLength, double maxHalfLength) {}

    /**
     * What χ was computed with.
     *
     * @param parameters as JSON
     * @param firstK Å⁻¹
     * @param lastK Å⁻¹
     * @param kCount values of k
     * @param storage element type, and compression if any
     */
    public record ParameterSet(String parameters, double firstK, double lastK, int kCount, String storage) {}

    /**
     * Reads them. Cost: one pass over the table of paths, not over χ.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is neither
     */
    public static ExafsOverview read(Path file) throws IOException {
        try (Database database = Database.open(file, Access.READ)) {
            boolean document = DocumentSchema.isDocument(database);
            if (!document) {
                ExafsSchema.SCHEMA.check(database);
            }
            // The views have the document's names, so the same statements count in both.
            return new ExafsOverview(
                    document ? "document" : ExafsSchema.KIND,
                    Files.size(file),
                    database.queryLong("SELECT count(*) FROM paths"),
                    database.queryLong("SELECT count(*) FROM (SELECT DISTINCT frame, atom_id FROM paths)"),
                    database.queryLong("SELECT count(DISTINCT frame) FROM paths"),
                    database.queryLong("SELECT min(frame) FROM paths"),
                    database.queryLong("SELECT max(frame) FROM paths"),
                    number(database, "SELECT min(reff) FROM paths"),
                    number(database, "SELECT max(reff) FROM paths"),
                    types(database),
                    counts(database, "SELECT nleg, count(*) FROM paths GROUP BY nleg ORDER BY nleg"),
                    counts(database, "SELECT element, count(*) FROM atoms GROUP BY element ORDER BY 2 DESC, 1"),
                    document ? List.of() : parameterSets(database),
                    document
                            ? Map.of()
                            : counts(database, "SELECT reason, count(*) FROM rejects GROUP BY reason ORDER BY reason"),
                    document ? 0 : database.queryLong("SELECT count(*) FROM absorbers WHERE reject_count > 0"),
                    document ? metadata(database) : Schema.info(database));
        }
    }

    /** Size of the file for each path; NaN without paths. */
    public double bytesPerPath() {
        return paths == 0 ? Double.NaN : (double) bytes / paths;
    }

    private static double number(Database database, String sql) {
        String text = database.queryText(sql);
        return text == null ? Double.NaN : Double.parseDouble(text);
    }

    private static List<TypeCount> types(Database database) {
        return list(
                database,
                "SELECT path_type, nleg, count(*), min(reff), max(reff) FROM paths GROUP BY path_type, nleg"
                        + " ORDER BY 3 DESC, 1",
                row -> new TypeCount(
                        row.getString(1), row.getInt(2), row.getLong(3), row.getDouble(4), row.getDouble(5)));
    }

    private static List<ParameterSet> parameterSets(Database database) {
        return list(
                database,
                "SELECT s.parameters, g.k, s.storage FROM parameter_sets s JOIN k_grids g ON g.grid_id = s.grid_id"
                        + " ORDER BY s.param_id",
                row -> {
                    double[] k = TensorBlob.parse(row.getBytes(2)).toDoubles();
                    return new ParameterSet(row.getString(1), k[0], k[k.length - 1], k.length, row.getString(3));
                });
    }

    private static Map<String, Long> counts(Database database, String sql) {
        Map<String, Long> counts = new LinkedHashMap<>();
        list(database, sql, row -> counts.put(String.valueOf(row.getString(1)), row.getLong(2)));
        return counts;
    }

    private static Map<String, String> metadata(Database database) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (database.queryLong("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'metadata'") > 0) {
            list(
                    database,
                    "SELECT key, value FROM metadata ORDER BY key",
                    row -> metadata.put(String.valueOf(row.getString(1)), String.valueOf(row.getString(2))));
        }
        return metadata;
    }

    private interface RowReading<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> List<T> list(Database database, String sql, RowReading<T> reading) {
        return database.read("Cannot read statistics", connection -> {
            List<T> found = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(reading.read(rows));
                }
            }
            return found;
        });
    }
}
