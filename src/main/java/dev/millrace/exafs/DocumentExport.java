package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a database in the tables of the source document, for its own programs: about 8 KB for each path, as every path has its k
 * grid beside it. Ids stay; χ is float64 whatever it is stored as.
 */
public final class DocumentExport {
    /** One row of χ and its k grid fill a third of a page of 16 KiB; half a page of 4 KiB would be empty. */
    private static final int PAGE_BYTES = 1 << 14;

    private static final String SELECT = """
            SELECT p.path_id, a.frame, a.atom_id, p.path_num, t.nleg, p.degeneracy, p.reff, t.path_type, t.atom_sequence,
                   g.grid_id, g.k, c.chi_values
            FROM scattering_paths p
            JOIN absorbers a ON a.absorber_id = p.absorber_id
            JOIN path_types t ON t.type_id = p.type_id
            JOIN chi c ON c.path_id = p.path_id
            JOIN parameter_sets s ON s.param_id = c.param_id
            JOIN k_grids g ON g.grid_id = s.grid_id
            ORDER BY p.path_id""";

    private static final String SELECT_ATOMS = """
            SELECT absorber_id, frame, atom_id, element, position_x, position_y, position_z
            FROM absorbers
            ORDER BY absorber_id""";

    private DocumentExport() {}

    /**
     * Writes the file; it appears whole or not at all.
     *
     * @return paths written
     * @throws dev.millrace.sqlite.SchemaMismatchException if the database is no EXAFS database of Millrace
     */
    public static long write(Path database, Path out, BuildProgress progress) throws IOException {
        try (Database source = Database.open(database, Access.READ)) {
            ExafsSchema.SCHEMA.check(source);
            Map<String, String> info = Schema.info(source);
            try (DatabaseBuild build = DatabaseBuild.beginForeign(out)) {
                Database target = build.database();
                target.execute("PRAGMA page_size=" + PAGE_BYTES);
                DocumentSchema.TABLES.forEach(target::execute);
                long paths;
                try (BulkWriter rows = new BulkWriter(target, BulkWriter.DEFAULT_ROWS)) {
                    paths = copyPaths(source, rows, progress);
                    copyAtoms(source, rows);
                    metadata(info)
                            .forEach((key, value) ->
                                    rows.insert("INSERT INTO metadata (key, value) VALUES (?, ?)", key, value));
                }
                DocumentSchema.INDEXES.forEach(target::execute);
                build.publish();
                return paths;
            }
        }
    }

    private static long copyPaths(Database source, BulkWriter rows, BuildProgress progress) {
        BuildProgress.Meter meter =
                new BuildProgress.Meter(progress, "export", source.queryLong("SELECT count(*) FROM scattering_paths"));
        Map<Long, byte[]> grids = new HashMap<>();
        long count = source.read("Cannot read the paths", connection -> {
            long written = 0;
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long id = row.getLong(1);
                    byte[] k = grids.get(row.getLong(10));
                    if (k == null) {
                        k = raw(row.getBytes(11));
                        grids.put(row.getLong(10), k);
                    }
                    rows.insert(
                            "INSERT INTO paths (id, frame, atom_id, path_num, nleg, deg, reff, path_type, atom_sequence)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            id,
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getDouble(6),
                            row.getDouble(7),
                            row.getString(8),
                            row.getString(9));
                    rows.insert(
                            "INSERT INTO chi_data (id, path_id, k_grid, chi_values) VALUES (?, ?, ?, ?)",
                            id,
                            id,
                            k,
                            raw(row.getBytes(12)));
                    meter.advanceTo(++written);
                }
            }
            return written;
        });
        meter.finish();
        return count;
    }

    private static void copyAtoms(Database source, BulkWriter rows) {
        source.read("Cannot read the absorbers", connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_ATOMS);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.insert(
                            "INSERT INTO atoms (id, frame, atom_id, element, position_x, position_y, position_z)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                            row.getLong(1),
                            row.getLong(2),
                            row.getLong(3),
                            row.getString(4),
                            row.getObject(5),
                            row.getObject(6),
                            row.getObject(7));
                }
            }
            return rows;
        });
    }

    private static Map<String, String> metadata(Map<String, String> info) {
        return Map.of(
                "schema_version",
                DocumentSchema.VERSION,
                "created_timestamp",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                "exported_by",
                "millrace",
                "parameters",
                info.getOrDefault("parameters", ""));
    }

    /** Little-endian float64. */
    private static byte[] raw(byte[] blob) {
        double[] values = TensorBlob.parse(blob).toDoubles();
        ByteBuffer raw = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asDoubleBuffer().put(values);
        return raw.array();
    }
}
