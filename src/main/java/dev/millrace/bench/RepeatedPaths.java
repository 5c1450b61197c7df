package dev.millrace.bench;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** A database of paths as large as wanted: the same absorbers again and again, in other frames. */
final class RepeatedPaths {
    private static final List<CheckedTable> TABLES = List.of(
            new CheckedTable(
                    "absorbers",
                    "absorber_id",
                    List.of(
                            "frame",
                            "atom_id",
                            "element",
                            "atomic_number",
                            "position_x",
                            "position_y",
                            "position_z",
                            "path_count",
                            "reject_count")),
            new CheckedTable(
                    "scattering_paths", "path_id", List.of("absorber_id", "path_num", "type_id", "degeneracy", "reff")),
            new CheckedTable("chi", "path_id", List.of("param_id", "chi_values")));

    private RepeatedPaths() {}

    /** Copies a database and repeats it until it has {@code paths} at least. */
    static Path write(Path from, Path to, int paths) throws IOException {
        Files.copy(from, to);
        try (Database database = Database.open(to, Access.BUILD)) {
            long own = database.queryLong("SELECT count(*) FROM scattering_paths");
            long absorbers = database.queryLong("SELECT max(absorber_id) FROM absorbers");
            long lastPath = database.queryLong("SELECT max(path_id) FROM scattering_paths");
            long frames = database.queryLong("SELECT max(frame) + 1 FROM absorbers");
            for (long copy = 1; copy * own < paths; copy++) {
                long turn = copy;
                database.write("Cannot repeat paths", connection -> {
                    for (CheckedTable table : TABLES) {
                        repeat(connection, table, turn * frames, turn * absorbers, turn * lastPath, own, absorbers);
                    }
                });
            }
            database.execute("ANALYZE");
        }
        return to;
    }

    private static void repeat(
            Connection connection,
            CheckedTable table,
            long frames,
            long absorbers,
            long paths,
            long ownPaths,
            long ownAbsorbers)
            throws SQLException {
        boolean ofAbsorbers = table.key().equals("absorber_id");
        String columns = String.join(", ", table.columns());
        String extra =
                ofAbsorbers ? ", folder" : table.name().equals("chi") ? "" : ", file_size, file_mtime, file_digest";
        String select = "SELECT " + table.key() + ", " + columns + extra + " FROM " + table.name() + " WHERE "
                + table.key() + " <= " + (ofAbsorbers ? ownAbsorbers : ownPaths) + " ORDER BY 1";
        int extras = extra.isEmpty() ? 0 : extra.split(",", -1).length - 1;
        int count = table.columns().size();
        String insert = "INSERT INTO " + table.name() + " (" + table.key() + ", " + columns + extra
                + ", row_crc) VALUES (" + "?, ".repeat(1 + count + extras) + "?)";
        RowDigest digest = new RowDigest(table);
        try (PreparedStatement read = connection.prepareStatement(select);
                PreparedStatement write = connection.prepareStatement(insert);
                ResultSet row = read.executeQuery()) {
            while (row.next()) {
                long key = row.getLong(1) + (ofAbsorbers ? absorbers : paths);
                Object[] values = new Object[count];
                for (int i = 0; i < count; i++) {
                    Object value = row.getObject(i + 2);
                    String column = table.columns().get(i);
                    values[i] = column.equals("frame")
                            ? (Object) (((Number) value).longValue() + frames)
                            : column.equals("absorber_id")
                                    ? (Object) (((Number) value).longValue() + absorbers)
                                    : value;
                    write.setObject(i + 2, values[i]);
                }
                for (int i = 0; i < extras; i++) {
                    write.setObject(count + 2 + i, row.getObject(count + 2 + i));
                }
                write.setLong(1, key);
                write.setLong(count + extras + 2, digest.of(key, values));
                write.executeUpdate();
            }
        }
    }
}
