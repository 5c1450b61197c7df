package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentExportTest {
    @TempDir
    Path folder;

    private Path export(DType type) throws Exception {
        Path database = folder.resolve("chi.db");
        ExafsTree.builder(ExafsTree.sample(folder.resolve("tree"), 2, 2, 5), database)
                .optStorage(type)
                .build();
        Path out = folder.resolve("document.db");
        assertThat(DocumentExport.write(database, out, BuildProgress.NONE)).isEqualTo(20);
        return out;
    }

    private static double[] doubles(String hex) {
        ByteBuffer raw = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[raw.remaining() / 8];
        raw.asDoubleBuffer().get(values);
        return values;
    }

    @Test
    void export_otherParametersThanTheDefault_areNotTakenForThem() throws Exception {
        Path database = folder.resolve("chi.db");
        ChiParameters parameters =
                new ChiParameters(1, 3, 0, 0, 0, 0, 0, null, ChiParameters.Interpolation.CUBIC, true);
        ExafsTree.builder(ExafsTree.sample(folder.resolve("tree"), 1, 1, 3), database)
                .optParameters(parameters)
                .build();
        Path out = folder.resolve("document.db");
        DocumentExport.write(database, out, BuildProgress.NONE);

        assertThatThrownBy(() -> ChiSource.openDatabase(out, new ChiRequest(ChiParameters.DEFAULT, null))
                        .close())
                .isInstanceOf(UnavailableChiException.class)
                .hasMessageContaining("\"e0\":3.0");
        try (ChiSource source = ChiSource.openDatabase(out, new ChiRequest(parameters, null))) {
            assertThat(source.parameters()).isEqualTo(parameters);
        }
    }

    @Test
    void export_database_hasTheDocumentsTablesAndRows() throws Exception {
        Path out = export(DType.FLOAT64);
        Path database = folder.resolve("chi.db");

        try (Database opened = Database.open(out, Access.READ)) {
            assertThat(DocumentSchema.isDocument(opened)).isTrue();
        }
        for (String query : List.of(
                "SELECT id, frame, atom_id, path_num, nleg, deg, reff, path_type, atom_sequence FROM paths ORDER BY id",
                "SELECT path_id, hex(k_grid), hex(chi_values) FROM chi_data ORDER BY path_id",
                "SELECT frame, atom_id, element, position_x FROM atoms ORDER BY frame, atom_id")) {
            assertThat(ExafsTree.rows(out, query)).isNotEmpty().isEqualTo(ExafsTree.rows(database, query));
        }
        assertThat(ExafsTree.rows(out, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))
                .containsExactlyInAnyOrder("idx_path_type", "idx_reff", "idx_frame_atom", "idx_chi_path");
        assertThat(ExafsTree.rows(out, "SELECT value FROM metadata WHERE key = 'schema_version'"))
                .containsExactly("1.0");
        assertThat(Instant.parse(ExafsTree.rows(out, "SELECT value FROM metadata WHERE key = 'created_timestamp'")
                        .get(0)))
                .isAfter(Instant.EPOCH);
        assertThat(doubles(ExafsTree.rows(out, "SELECT hex(k_grid) FROM chi_data LIMIT 1")
                        .get(0)))
                .containsExactly(KGrid.DEFAULT.toArray());
        assertThat(ExafsVerification.verify(out, BuildProgress.NONE).faults()).isEmpty();
        assertThat(ExafsOverview.read(out).kind()).isEqualTo("document");
        assertThat(ExafsOverview.read(out).absorbers()).isEqualTo(4);
    }

    @Test
    void export_float32_isFloat64There() throws Exception {
        Path out = export(DType.FLOAT32);

        assertThat(doubles(ExafsTree.rows(out, "SELECT hex(chi_values) FROM chi_data LIMIT 1")
                        .get(0)))
                .hasSize(401)
                .satisfies(chi -> assertThat(Arrays.stream(chi).boxed())
                        .allMatch(value -> value.doubleValue() == value.floatValue()));
        assertThat(ExafsTree.rows(folder.resolve("chi.db"), "SELECT chi_values FROM chi_data LIMIT 1"))
                .as("the view cannot show float32 as the document has χ")
                .containsExactly("null");
    }

    /** What a second build with the original program leaves: every χ twice, the first of no path. */
    @Test
    void verify_databaseOfASecondBuildOfTheOriginal_findsTheOrphans() throws Exception {
        Path out = export(DType.FLOAT64);
        ExafsTree.change(
                out,
                "PRAGMA foreign_keys=0",
                "UPDATE paths SET id = id + 20",
                "INSERT INTO chi_data (path_id, k_grid, chi_values) SELECT path_id + 20, k_grid, chi_values FROM chi_data");

        List<String> faults = ExafsVerification.verify(out, BuildProgress.NONE).faults();

        assertThat(faults).anyMatch(fault -> fault.equals("orphan: χ of no path: 20 in all"));
    }

    @Test
    void verify_damagedDocument_namesRows() throws Exception {
        Path out = export(DType.FLOAT64);
        ExafsTree.change(
                out,
                "UPDATE chi_data SET chi_values = substr(chi_values, 1, 800) WHERE id = 2",
                "UPDATE chi_data SET chi_values = CAST(x'000000000000F87F' || substr(chi_values, 9) AS BLOB) WHERE id = 3",
                "DELETE FROM chi_data WHERE id = 4",
                "INSERT INTO chi_data (path_id, k_grid, chi_values) SELECT 5, k_grid, chi_values FROM chi_data WHERE id = 5");

        assertThat(ExafsVerification.verify(out, BuildProgress.NONE).faults())
                .anyMatch(fault -> fault.startsWith("wrong size of χ (chi_data, id=2"))
                .anyMatch(fault -> fault.startsWith("not finite: χ (chi_data, id=3"))
                .anyMatch(fault -> fault.startsWith("missing: a path without χ (paths, id=4"))
                .anyMatch(fault -> fault.startsWith("duplicate: more than one χ of a path (path_id=5"));
    }
}
