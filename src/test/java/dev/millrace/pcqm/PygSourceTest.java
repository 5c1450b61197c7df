package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch Geometric's database, written here as it writes it. */
class PygSourceTest {
    private static final String TABLE = """
            CREATE TABLE PCQM4Mv2 (
              id INTEGER PRIMARY KEY,
              COL_x BLOB NOT NULL,
              COL_edge_index BLOB NOT NULL,
              COL_edge_attr BLOB NOT NULL,
              COL_smiles TEXT NOT NULL,
              COL_y FLOAT
            )""";
    private static final String INSERT =
            "INSERT INTO PCQM4Mv2 (id, COL_x, COL_edge_index, COL_edge_attr, COL_smiles, COL_y) VALUES (?, ?, ?, ?, ?, ?)";

    /** Cl[C@H](/C=C/C)Br, its first two atoms: PyTorch Geometric's codes of what OGB's documentation gives as [5,2,4,5,1,0,2,0,0]. */
    private static final long[] CHLORINE = {17, 0, 1, 5, 0, 0, 4, 0, 0};

    private static final long[] CARBON = {6, 2, 4, 5, 1, 0, 4, 0, 0};

    @TempDir
    Path folder;

    private Path file;
    private Path out;

    @BeforeEach
    void name() {
        file = folder.resolve("sqlite.db");
        out = folder.resolve("pcqm.db");
    }

    @Test
    void build_asItIs_keepsCodesAndNullLabels() throws IOException {
        write(TABLE, rows -> {
            rows.insert(INSERT, 0, atoms(CHLORINE, CARBON), longs(0, 1, 1, 0), longs(1, 0, 0, 1, 0, 0), "ClC", 3.5);
            rows.insert(INSERT, 5, atoms(CARBON), longs(), longs(), "C", null);
            rows.insert(INSERT, 3_378_606, atoms(CARBON), longs(), longs(), "C", 4);
        });

        PcqmBuildReport report = builder().build();

        assertThat(report.featureSpec()).isEqualTo("pyg-9-3");
        assertThat(report.splits()).containsEntry("train", 2L).containsEntry("val", 1L);
        assertThat(report.splitRule()).contains("own");
        assertThat(PcqmFixture.query(
                        out, "SELECT idx, smiles, num_atoms, num_bonds, split, homo_lumo_gap FROM molecules"))
                .containsExactly("0|ClC|2|1|train|3.5", "5|C|1|0|train|null", "3378606|C|1|0|val|4.0");
        assertThat(tensor("node_features", 0)).containsExactly(concat(CHLORINE, CARBON));
        assertThat(tensor("edge_index", 0)).containsExactly(0, 1, 1, 0);
        assertThat(tensor("edge_attr", 0)).containsExactly(1, 0, 0, 1, 0, 0);
        assertThat(PcqmFixture.query(out, "SELECT target FROM graph_structures WHERE idx = 5"))
                .containsExactly("null");
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @Test
    void build_toOgb_convertsAsTheDocumentedExampleSays() throws IOException {
        write(
                TABLE,
                rows -> rows.insert(
                        INSERT, 0, atoms(CHLORINE, CARBON), longs(0, 1, 1, 0), longs(2, 3, 0, 2, 3, 0), "?", 3.5));

        builder().optFeatureSpec("ogb-9-3").build();

        assertThat(tensor("node_features", 0)).containsExactly(16, 0, 1, 5, 0, 0, 2, 0, 0, 5, 2, 4, 5, 1, 0, 2, 0, 0);
        assertThat(tensor("edge_attr", 0)).containsExactly(1, 2, 0, 1, 2, 0);
    }

    @Test
    void ogbCodes_everyCode_isTheSameWordInBothLists() {
        List<String> hybridization = List.of("UNSPECIFIED", "S", "SP", "SP2", "SP3", "SP3D", "SP3D2", "OTHER");
        List<String> ogbHybridization = List.of("SP", "SP2", "SP3", "SP3D", "SP3D2");
        List<String> chirality = List.of("NONE", "CW", "CCW", "OTHER", "TETRA", "ALLENE", "SQUARE", "TRIGONAL", "OCTA");
        List<String> ogbChirality = List.of("NONE", "CW", "CCW", "OTHER");
        List<String> stereo = List.of("NONE", "ANY", "Z", "E", "CIS", "TRANS");
        List<String> ogbStereo = List.of("NONE", "Z", "E", "CIS", "TRANS", "ANY");
        List<String> ogbTypes = List.of("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC");
        for (int code = 0; code < 119; code++) {
            assertThat(PygCodes.ogbAtom(0, code)).isEqualTo(code == 0 ? 118 : code - 1);
        }
        for (int code = 0; code < 9; code++) {
            assertThat(PygCodes.ogbAtom(1, code)).isEqualTo(place(ogbChirality, chirality.get(code)));
            assertThat(PygCodes.ogbAtom(4, code)).isEqualTo(code);
        }
        for (int code = 0; code < 8; code++) {
            assertThat(PygCodes.ogbAtom(6, code)).isEqualTo(place(ogbHybridization, hybridization.get(code)));
        }
        for (int code = 0; code < 12; code++) {
            // −5 … +6 to −5 … +5 and misc.
            assertThat(PygCodes.ogbAtom(3, code)).isEqualTo(Math.min(code, 11));
        }
        for (int column : new int[] {2, 5, 7, 8}) {
            for (int code = 0; code < PygCodes.ATOM_SIZES[column]; code++) {
                assertThat(PygCodes.ogbAtom(column, code)).isEqualTo(code);
            }
        }
        for (int code = 0; code < 22; code++) {
            String type =
                    code == 1 ? "SINGLE" : code == 2 ? "DOUBLE" : code == 3 ? "TRIPLE" : code == 12 ? "AROMATIC" : "?";
            assertThat(PygCodes.ogbBond(0, code)).isEqualTo(place(ogbTypes, type));
        }
        for (int code = 0; code < 6; code++) {
            assertThat(PygCodes.ogbBond(1, code)).isEqualTo(place(ogbStereo, stereo.get(code)));
        }
        assertThat(PygCodes.ogbBond(2, 1)).isEqualTo(1);
    }

    @Test
    void build_hostileRows_areRejectedWithTheReasonAndNothingElseIsTouched() throws IOException {
        byte[] carbon = atoms(CARBON);
        write(TABLE.replace(" NOT NULL", ""), rows -> {
            rows.insert(INSERT, -3, carbon, longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 0, carbon, longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 1, new byte[71], longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 2, null, longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 3, atoms(with(CARBON, 0, 119)), longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 4, atoms(with(CARBON, 6, -1)), longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 5, carbon, longs(0, 1), longs(1, 0, 0), "C", 1.0);
            rows.insert(INSERT, 6, carbon, longs(0), longs(1, 0, 0), "C", 1.0);
            rows.insert(INSERT, 7, new byte[0], longs(), longs(), "", 1.0);
            rows.insert(INSERT, 8, carbon, longs(0, Long.MIN_VALUE), longs(1, 0, 0), "C", 1.0);
            rows.insert(INSERT, 9, carbon, longs(), longs(22, 0, 0), "C", 1.0);
            rows.insert(INSERT, 10, carbon, longs(), longs(), "C\0C", 1.0);
            rows.insert(INSERT, 11, carbon, longs(), longs(), "C", "high");
            rows.insert(INSERT, 12, new byte[72 * 20_000], longs(), longs(), "C", 1.0);
            rows.insert(INSERT, 13, carbon, longs(), longs(), "C", Double.POSITIVE_INFINITY);
            rows.insert(INSERT, 14, carbon, longs(), longs(), "C", 1e39);
        });

        PcqmBuildReport report = builder().optMaxRejects(1).build();

        assertThat(PcqmFixture.query(out, "SELECT record, idx, reason FROM rejects"))
                .containsExactly(
                        "0|null|bad_idx",
                        "2|1|bad_blob",
                        "3|2|bad_blob",
                        "4|3|bad_code",
                        "5|4|bad_code",
                        "6|5|bad_edge",
                        "7|6|bad_blob",
                        "8|7|bad_blob",
                        "9|8|bad_edge",
                        "10|9|bad_code",
                        "11|10|bad_smiles",
                        "12|11|bad_target",
                        "13|12|bad_blob",
                        "15|14|bad_target");
        assertThat(report.molecules()).isEqualTo(2);
        assertThat(PcqmFixture.query(out, "SELECT idx, homo_lumo_gap FROM molecules"))
                .containsExactly("0|1.0", "13|null");
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @Test
    void build_viewInPlaceOfTheTable_isRefused() {
        write(
                "CREATE TABLE other (id INTEGER PRIMARY KEY, COL_x, COL_edge_index, COL_edge_attr, COL_smiles, COL_y)",
                rows -> {});
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(
                    "CREATE VIEW PCQM4Mv2 AS SELECT id, COL_x, COL_edge_index, COL_edge_attr, COL_smiles, COL_y"
                            + " FROM other");
        }

        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("expected a table PCQM4Mv2");
        assertThat(out).doesNotExist();
    }

    @Test
    void build_noDatabase_isRefused() throws IOException {
        Files.writeString(file, "this is no database, but long enough to look at".repeat(100));

        assertThatThrownBy(() -> builder().build()).isInstanceOf(CorruptDatabaseException.class);
    }

    private PcqmBuilder builder() {
        return new PcqmBuilder()
                .setPygDatabase(file)
                .setDatabase(out)
                .optThreads(2)
                .optSplit(PcqmSplitChoice.own());
    }

    private interface Filling {
        void fill(BulkWriter rows);
    }

    private void write(String table, Filling filling) {
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(table);
            try (BulkWriter rows = new BulkWriter(database, 100)) {
                filling.fill(rows);
            }
        }
    }

    private int[] tensor(String column, long idx) {
        String hex = PcqmFixture.query(out, "SELECT hex(" + column + ") FROM graph_structures WHERE idx = " + idx)
                .get(0);
        return LongStream.of(TensorBlob.parse(HexFormat.of().parseHex(hex)).toLongs())
                .mapToInt(value -> (int) value)
                .toArray();
    }

    private static int place(List<String> list, String word) {
        return list.contains(word) ? list.indexOf(word) : list.size();
    }

    private static long[] with(long[] atom, int column, long code) {
        long[] changed = atom.clone();
        changed[column] = code;
        return changed;
    }

    private static int[] concat(long[]... atoms) {
        return LongStream.of(flat(atoms)).mapToInt(value -> (int) value).toArray();
    }

    private static byte[] atoms(long[]... atoms) {
        return longs(flat(atoms));
    }

    private static long[] flat(long[]... atoms) {
        return java.util.Arrays.stream(atoms).flatMapToLong(LongStream::of).toArray();
    }

    private static byte[] longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return bytes.array();
    }
}
