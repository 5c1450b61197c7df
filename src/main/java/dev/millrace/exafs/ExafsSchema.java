package dev.millrace.exafs;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables of an EXAFS database.
 *
 * <pre>
 *   absorbers         one row per FEFF calculation: (frame, atom_id) of the absorbing atom, its folder below the tree's root,
 *                     element, position in Å where it is known, how many paths it has, how many files of it were rejected, and
 *                     size and time (ms) of its feff.inp, NULL without one
 *   path_types        path_type and atom_sequence as the document has them (labels), element_type the same from the atomic
 *                     numbers; atomic_numbers and potentials as JSON arrays, absorber first
 *   scattering_paths  one row per path file: degeneracy, half length reff in Å, and size, modification time (ms) and digest
 *                     (first 8 bytes of SHA-256, big-endian) of the file; file_name where it is not feffNNNN.dat
 *   path_legs         positions of the atoms after the absorber, as seen from it: int32 [nleg − 1, 3] in 1e-4 Å, which is what FEFF
 *                     prints; float64 [nleg − 1, 3] in Å where a file has more decimals. See {@link PathLegs}
 *   k_grids           every k grid in use, of χ and of files: float64 [n]
 *   parameter_sets    what χ was computed with: JSON of {@link ChiParameters}, its k grid, and how χ is stored: float64, float32, or
 *                     either with -lz4 behind
 *   chi               χ(k) of a path, float64 or float32 [n]
 *   feff_arrays       columns 2 … 7 of the path file, float64 [6, m], and its k grid; empty when they are not stored
 *   atom_sums         χ(k) summed over all paths of an absorber, by path number, stored as χ is; smallest and largest reff among
 *                     them
 *   rejects           path files that could not be used, by their names below the tree's root, with frame and atom, and their
 *                     size and time, so that only changed ones are tried again
 * </pre>
 *
 * <p>The views {@code paths}, {@code chi_data} and {@code atoms} have the columns of the source document, so its queries run;
 * {@code k_grid} and {@code chi_values} are raw little-endian float64 there, NULL where χ is stored otherwise. BLOBs of tables are
 * tensors, see {@link dev.millrace.tensor.TensorCodec}. The ids of paths stay when a tree is built again.
 */
final class ExafsSchema {
    static final String KIND = "exafs";
    static final int VERSION = 1;

    static final CheckedTable ABSORBERS = new CheckedTable(
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
                    "reject_count"));

    static final CheckedTable TYPES = new CheckedTable(
            "path_types",
            "type_id",
            List.of("path_type", "element_type", "nleg", "atom_sequence", "atomic_numbers", "potentials"));

    /** Without what is known of the file: a copy of a tree, with other times, gives the same digest. */
    static final CheckedTable PATHS = new CheckedTable(
            "scattering_paths", "path_id", List.of("absorber_id", "path_num", "type_id", "degeneracy", "reff"));

    static final CheckedTable LEGS = new CheckedTable("path_legs", "path_id", List.of("positions"));

    static final CheckedTable GRIDS = new CheckedTable("k_grids", "grid_id", List.of("k_count", "k"));

    static final CheckedTable PARAMETERS =
            new CheckedTable("parameter_sets", "param_id", List.of("parameters", "grid_id", "storage"));

    static final CheckedTable CHI = new CheckedTable("chi", "path_id", List.of("param_id", "chi_values"));

    static final CheckedTable ARRAYS = new CheckedTable("feff_arrays", "path_id", List.of("grid_id", "arrays"));

    static final CheckedTable SUMS =
            new CheckedTable("atom_sums", "absorber_id", List.of("path_count", "min_reff", "max_reff", "chi_values"));

    /** What the manifest has by split: the tables whose key is the path. */
    static final List<CheckedTable> BY_PATH = List.of(PATHS, LEGS, CHI, ARRAYS);

    /**
     * Five rows of χ as float64, or of FEFF's columns, fill a page of 16 KiB to 98 %; a page of 4 KiB holds one, and is a fifth
     * empty.
     */
    static final int PAGE_BYTES = 1 << 14;

    static final Schema SCHEMA = new Schema(
            KIND,
            VERSION,
            Stream.concat(Stream.of("""
                                    CREATE TABLE absorbers (
                                      absorber_id INTEGER PRIMARY KEY,
                                      frame INTEGER NOT NULL,
                                      atom_id INTEGER NOT NULL,
                                      folder TEXT NOT NULL,
                                      element TEXT NOT NULL,
                                      atomic_number INTEGER NOT NULL,
                                      position_x REAL,
                                      position_y REAL,
                                      position_z REAL,
                                      path_count INTEGER NOT NULL,
                                      reject_count INTEGER NOT NULL,
                                      input_size INTEGER,
                                      input_mtime INTEGER,
                                      row_crc INTEGER NOT NULL,
                                      UNIQUE (frame, atom_id)
                                    )""", """
                                    CREATE TABLE path_types (
                                      type_id INTEGER PRIMARY KEY,
                                      path_type TEXT NOT NULL,
                                      element_type TEXT NOT NULL,
                                      nleg INTEGER NOT NULL,
                                      atom_sequence TEXT NOT NULL,
                                      atomic_numbers TEXT NOT NULL,
                                      potentials TEXT NOT NULL,
                                      row_crc INTEGER NOT NULL,
                                      UNIQUE (path_type, atomic_numbers, potentials)
                                    )""", """
                                    CREATE TABLE scattering_paths (
                                      path_id INTEGER PRIMARY KEY,
                                      absorber_id INTEGER NOT NULL REFERENCES absorbers (absorber_id) ON DELETE CASCADE,
                                      path_num INTEGER NOT NULL,
                                      type_id INTEGER NOT NULL REFERENCES path_types (type_id),
                                      degeneracy REAL NOT NULL,
                                      reff REAL NOT NULL,
                                      file_size INTEGER NOT NULL,
                                      file_mtime INTEGER NOT NULL,
                                      file_digest INTEGER NOT NULL,
                                      file_name TEXT,
                                      row_crc INTEGER NOT NULL,
                                      UNIQUE (absorber_id, path_num)
                                    )""", """
                                    CREATE TABLE path_legs (
                                      path_id INTEGER PRIMARY KEY REFERENCES scattering_paths (path_id) ON DELETE CASCADE,
                                      positions BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE k_grids (
                                      grid_id INTEGER PRIMARY KEY,
                                      k_count INTEGER NOT NULL,
                                      k BLOB NOT NULL UNIQUE,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE parameter_sets (
                                      param_id INTEGER PRIMARY KEY,
                                      parameters TEXT NOT NULL,
                                      grid_id INTEGER NOT NULL REFERENCES k_grids (grid_id),
                                      storage TEXT NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE chi (
                                      path_id INTEGER PRIMARY KEY REFERENCES scattering_paths (path_id) ON DELETE CASCADE,
                                      param_id INTEGER NOT NULL REFERENCES parameter_sets (param_id),
                                      chi_values BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE feff_arrays (
                                      path_id INTEGER PRIMARY KEY REFERENCES scattering_paths (path_id) ON DELETE CASCADE,
                                      grid_id INTEGER NOT NULL REFERENCES k_grids (grid_id),
                                      arrays BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE atom_sums (
                                      absorber_id INTEGER PRIMARY KEY REFERENCES absorbers (absorber_id) ON DELETE CASCADE,
                                      path_count INTEGER NOT NULL,
                                      min_reff REAL NOT NULL,
                                      max_reff REAL NOT NULL,
                                      chi_values BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE rejects (
                                      reject_id INTEGER PRIMARY KEY,
                                      file TEXT NOT NULL UNIQUE,
                                      frame INTEGER NOT NULL,
                                      atom_id INTEGER NOT NULL,
                                      file_size INTEGER NOT NULL,
                                      file_mtime INTEGER NOT NULL,
                                      line INTEGER NOT NULL,
                                      reason TEXT NOT NULL,
                                      detail TEXT NOT NULL
                                    )"""), Manifest.TABLES.stream())
                    .toList(),
            List.of("CREATE INDEX scattering_paths_type ON scattering_paths (type_id, reff)", """
                    CREATE VIEW paths AS
                    SELECT p.path_id AS id, a.frame, a.atom_id, p.path_num, t.nleg, p.degeneracy AS deg, p.reff,
                           t.path_type, t.atom_sequence
                    FROM scattering_paths p
                    JOIN absorbers a ON a.absorber_id = p.absorber_id
                    JOIN path_types t ON t.type_id = p.type_id""", """
                    CREATE VIEW chi_data AS
                    SELECT c.path_id AS id, c.path_id,
                           CASE s.storage WHEN 'float64' THEN substr(g.k, -8 * g.k_count) END AS k_grid,
                           CASE s.storage WHEN 'float64' THEN substr(c.chi_values, -8 * g.k_count) END AS chi_values
                    FROM chi c
                    JOIN parameter_sets s ON s.param_id = c.param_id
                    JOIN k_grids g ON g.grid_id = s.grid_id""", """
                    CREATE VIEW atoms AS
                    SELECT absorber_id AS id, frame, atom_id, element, position_x, position_y, position_z
                    FROM absorbers"""));

    private ExafsSchema() {}
}
