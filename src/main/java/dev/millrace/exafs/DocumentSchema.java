package dev.millrace.exafs;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables of the source document, as version 1.0 of its program writes them: {@code paths}, {@code chi_data}, {@code atoms} and
 * {@code metadata}. {@code k_grid} and {@code chi_values} are raw little-endian float64 of equal lengths.
 *
 * <p>Such a file is made by others and may lack what it should have; {@link ExafsVerification} looks.
 */
final class DocumentSchema {
    static final String VERSION = "1.0";

    /** One statement for each table, then the indexes that its queries use. */
    static final List<String> TABLES = List.of("""
                    CREATE TABLE paths (
                      id INTEGER PRIMARY KEY,
                      frame INTEGER NOT NULL,
                      atom_id INTEGER NOT NULL,
                      path_num INTEGER NOT NULL,
                      nleg INTEGER NOT NULL,
                      deg REAL NOT NULL,
                      reff REAL NOT NULL,
                      path_type TEXT NOT NULL,
                      atom_sequence TEXT NOT NULL,
                      UNIQUE(frame, atom_id, path_num)
                    )""", """
                    CREATE TABLE chi_data (
                      id INTEGER PRIMARY KEY,
                      path_id INTEGER NOT NULL,
                      k_grid BLOB NOT NULL,
                      chi_values BLOB NOT NULL,
                      FOREIGN KEY(path_id) REFERENCES paths(id) ON DELETE CASCADE
                    )""", """
                    CREATE TABLE atoms (
                      id INTEGER PRIMARY KEY,
                      frame INTEGER NOT NULL,
                      atom_id INTEGER NOT NULL,
                      element TEXT NOT NULL,
                      position_x REAL,
                      position_y REAL,
                      position_z REAL,
                      UNIQUE(frame, atom_id)
                    )""", """
                    CREATE TABLE metadata (
                      key TEXT PRIMARY KEY,
                      value TEXT NOT NULL
                    )""");

    static final List<String> INDEXES = List.of(
            "CREATE INDEX idx_path_type ON paths(path_type)",
            "CREATE INDEX idx_reff ON paths(reff)",
            "CREATE INDEX idx_frame_atom ON paths(frame, atom_id)",
            "CREATE INDEX idx_chi_path ON chi_data(path_id)");

    private static final Map<String, Set<String>> COLUMNS = Map.of(
            "paths",
            Set.of("id", "frame", "atom_id", "path_num", "nleg", "deg", "reff", "path_type", "atom_sequence"),
            "chi_data",
            Set.of("id", "path_id", "k_grid", "chi_values"),
            "atoms",
            Set.of("id", "frame", "atom_id", "element", "position_x", "position_y", "position_z"));

    private DocumentSchema() {}

    /**
     * Whether a file has the document's tables, as tables and with the columns that its queries read. Further columns and tables do
     * no harm; {@code metadata} may be missing, as in the document itself.
     */
    static boolean isDocument(Database database) {
        return COLUMNS.entrySet().stream()
                .allMatch(table -> columns(database, table.getKey()).containsAll(table.getValue()));
    }

    static boolean isDocument(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return isDocument(database);
        }
    }

    private static Set<String> columns(Database database, String table) {
        return database.read("Cannot read the columns of " + table, connection -> {
            Set<String> names = new HashSet<>();
            try (PreparedStatement select = connection.prepareStatement("""
                    SELECT c.name
                    FROM sqlite_schema t, pragma_table_info(t.name) c
                    WHERE t.type = 'table' AND t.name = ?""")) {
                select.setString(1, table);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        names.add(rows.getString(1));
                    }
                }
            }
            return names;
        });
    }
}
