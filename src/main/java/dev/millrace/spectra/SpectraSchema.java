package dev.millrace.spectra;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a spectra database: the five of the source document with its column names, and what Millrace adds.
 *
 * <pre>
 *   compounds       one row per spectrum read; id 1 … n in input order, source_id the text of the file
 *   spectra         mz_values, intensities float64 [peaks] as in the file; normalized_spectrum float32 [bins]
 *   mol_structures  only compounds with a usable structure; mol_block NULL when it came from a SMILES;
 *                   smiles canonical, without stereo
 *   graph_features  the same compounds; node_features uint8 [N, Fn], edge_index [2, E], edge_attr uint8 [E, Fe]
 *   dataset_splits  the same compounds; group_key is what must not be in two splits
 * </pre>
 *
 * BLOBs are tensors, see {@link dev.millrace.tensor.TensorCodec}. {@code row_crc}: see {@link CheckedTable}.
 */
final class SpectraSchema {
    static final String KIND = "spectra";
    static final int VERSION = 1;

    /** What a training batch reads, in the order of its slots. */
    static final CheckedTable SPECTRA = new CheckedTable("spectra", "compound_id", List.of("normalized_spectrum"));

    static final CheckedTable GRAPHS =
            new CheckedTable("graph_features", "compound_id", List.of("node_features", "edge_index", "edge_attr"));

    static final Schema SCHEMA = new Schema(
            KIND,
            VERSION,
            Stream.concat(Stream.of("""
                                    CREATE TABLE compounds (
                                      id INTEGER PRIMARY KEY,
                                      source_id TEXT UNIQUE,
                                      name TEXT NOT NULL,
                                      inchikey TEXT,
                                      formula TEXT,
                                      mol_weight REAL,
                                      exact_mass REAL,
                                      cas_no TEXT,
                                      ri REAL
                                    )""", """
                                    CREATE TABLE spectra (
                                      compound_id INTEGER PRIMARY KEY REFERENCES compounds (id),
                                      num_peaks INTEGER NOT NULL,
                                      mz_values BLOB NOT NULL,
                                      intensities BLOB NOT NULL,
                                      normalized_spectrum BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE mol_structures (
                                      compound_id INTEGER PRIMARY KEY REFERENCES compounds (id),
                                      mol_block TEXT,
                                      num_atoms INTEGER NOT NULL,
                                      num_bonds INTEGER NOT NULL,
                                      smiles TEXT NOT NULL,
                                      has_3d_coords INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE graph_features (
                                      compound_id INTEGER PRIMARY KEY REFERENCES compounds (id),
                                      node_features BLOB NOT NULL,
                                      edge_index BLOB NOT NULL,
                                      edge_attr BLOB NOT NULL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE dataset_splits (
                                      scheme TEXT NOT NULL,
                                      compound_id INTEGER NOT NULL REFERENCES compounds (id),
                                      split TEXT NOT NULL,
                                      seed INTEGER NOT NULL,
                                      ratios TEXT NOT NULL,
                                      group_key TEXT NOT NULL,
                                      PRIMARY KEY (scheme, compound_id)
                                    ) WITHOUT ROWID"""), Manifest.TABLES.stream())
                    .toList(),
            List.of(
                    "CREATE INDEX compounds_inchikey ON compounds (inchikey)",
                    "CREATE INDEX compounds_formula ON compounds (formula)",
                    "CREATE INDEX compounds_mol_weight ON compounds (mol_weight)",
                    "CREATE INDEX dataset_splits_split ON dataset_splits (split)"));

    static final String INSERT_COMPOUND = """
            INSERT INTO compounds (id, source_id, name, inchikey, formula, mol_weight, exact_mass, cas_no, ri)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    static final String INSERT_SPECTRUM = """
            INSERT INTO spectra (compound_id, num_peaks, mz_values, intensities, normalized_spectrum, row_crc)
            VALUES (?, ?, ?, ?, ?, ?)""";

    static final String INSERT_STRUCTURE = """
            INSERT INTO mol_structures (compound_id, mol_block, num_atoms, num_bonds, smiles, has_3d_coords)
            VALUES (?, ?, ?, ?, ?, ?)""";

    static final String INSERT_GRAPH = """
            INSERT INTO graph_features (compound_id, node_features, edge_index, edge_attr, row_crc)
            VALUES (?, ?, ?, ?, ?)""";

    static final String INSERT_SPLIT = """
            INSERT INTO dataset_splits (scheme, compound_id, split, seed, ratios, group_key)
            VALUES (?, ?, ?, ?, ?, ?)""";

    private SpectraSchema() {}

    /** First block of an InChIKey: a hash of the connectivity, without stereo and isotopes; null when it is none. */
    static @Nullable String connectivityBlock(@Nullable String inchiKey) {
        if (inchiKey == null || inchiKey.length() < 14 || (inchiKey.length() > 14 && inchiKey.charAt(14) != '-')) {
            return null;
        }
        String block = inchiKey.substring(0, 14);
        return block.chars().allMatch(c -> c >= 'A' && c <= 'Z') ? block : null;
    }
}
