package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExafsBuilderTest {
    private static final String PATHS =
            "SELECT path_id, absorber_id, path_num, reff, file_digest FROM scattering_paths";
    private static final String FIRST = "working_0/frame_0/atom_0/feff0002.dat";
    private static final String OTHER = "working_0/frame_1/atom_1/feff0005.dat";

    @TempDir
    Path folder;

    private Path tree() throws IOException {
        return ExafsTree.sample(folder.resolve("tree"), 2, 2, 6);
    }

    private Path database() {
        return folder.resolve("chi.db");
    }

    @Test
    void build_sampleTree_hasChiOfEveryFileToTheLastBit() throws Exception {
        Path tree = tree();

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.paths()).isEqualTo(24);
        assertThat(report.added()).isEqualTo(24);
        assertThat(report.absorbers()).isEqualTo(4);
        assertThat(report.frames()).isEqualTo(2);
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(ExafsTree.names(folder)).containsExactly("chi.db", "tree");
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        for (FeffFolder atom :
                FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE).folders()) {
            double[] sum = new double[KGrid.DEFAULT.size()];
            for (int i = 0; i < atom.size(); i++) {
                double[] chi = calculator.calculate(FeffFile.read(atom.file(i))).chi();
                assertThat(stored(
                                atom,
                                "SELECT c.chi_values FROM chi c JOIN paths p ON p.id = c.path_id"
                                        + " WHERE p.frame = ? AND p.atom_id = ? AND p.path_num = "
                                        + atom.pathNumber(i)))
                        .containsExactly(chi);
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += chi[k];
                }
            }
            assertThat(stored(
                            atom,
                            "SELECT s.chi_values FROM atom_sums s JOIN atoms a ON a.id = s.absorber_id"
                                    + " WHERE a.frame = ? AND a.atom_id = ?"))
                    .containsExactly(sum);
        }
    }

    private double[] stored(FeffFolder atom, String sql) {
        try (Database opened = Database.open(database(), Access.READ)) {
            return opened.read("Cannot read", connection -> {
                try (PreparedStatement select = connection.prepareStatement(sql)) {
                    select.setInt(1, atom.frame());
                    select.setInt(2, atom.atomId());
                    try (ResultSet row = select.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        return TensorBlob.parse(row.getBytes(1)).toDoubles();
                    }
                }
            });
        }
    }

    /** The original's second build leaves every row of χ twice, half of them without a path. */
    @Test
    void build_nothingChanged_writesNothing() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        byte[] before = Files.readAllBytes(database());
        Files.setLastModifiedTime(database(), FileTime.fromMillis(1_000_000));

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.upToDate()).isTrue();
        assertThat(report.added()).isZero();
        assertThat(report.unchanged()).isEqualTo(24);
        assertThat(Files.readAllBytes(database())).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(database()).toMillis()).isEqualTo(1_000_000);
        assertThat(ExafsTree.count(database(), "chi")).isEqualTo(24);
        assertThat(ExafsTree.names(folder)).containsExactly("chi.db", "tree");
    }

    @Test
    void build_copiedTreeWithOtherTimes_isUpToDate() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        byte[] before = Files.readAllBytes(database());
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(".dat")) {
                    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
                }
            }
        }

        assertThat(ExafsTree.builder(tree, database()).build().upToDate()).isTrue();
        assertThat(Files.readAllBytes(database())).isEqualTo(before);
    }

    /** The original's --rebuild fails on every database that is there. */
    @Test
    void build_rebuildOfAPopulatedDatabase_replacesIt() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        List<String> digests = ExafsTree.digests(database());

        ExafsBuildReport report =
                ExafsTree.builder(tree, database()).optRebuild(true).build();

        assertThat(report.added()).isEqualTo(24);
        assertThat(ExafsTree.digests(database())).isEqualTo(digests);
        assertThat(ExafsTree.count(database(), "chi")).isEqualTo(24);
    }

    @Test
    void build_changedFile_replacesItsPathAndKeepsAllIds() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        List<String> before = ExafsTree.rows(database(), PATHS + " ORDER BY path_id");
        String others = "SELECT path_id, hex(chi_values) FROM chi WHERE path_id <> 2 ORDER BY path_id";
        List<String> chiBefore = ExafsTree.rows(database(), others);
        ExafsTree.file(tree, FIRST, Files.readString(tree.resolve(OTHER)));

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.replaced()).isEqualTo(1);
        assertThat(report.unchanged()).isEqualTo(23);
        List<String> after = ExafsTree.rows(database(), PATHS + " ORDER BY path_id");
        assertThat(after).hasSize(24);
        for (int i = 0; i < 24; i++) {
            assertThat(after.get(i).equals(before.get(i))).as(after.get(i)).isEqualTo(i != 1);
        }
        assertThat(after.get(1)).startsWith("2|1|2|");
        assertThat(ExafsTree.rows(database(), others)).isEqualTo(chiBefore);
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(ExafsTree.names(folder)).containsExactly("chi.db", "tree");
    }

    @Test
    void build_newFrame_addsOnlyItsPaths() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        Path more = ExafsTree.sample(folder.resolve("more"), 3, 2, 6);
        Files.move(more.resolve("working_0/frame_2"), tree.resolve("working_0/frame_2"));

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.added()).isEqualTo(12);
        assertThat(report.unchanged()).isEqualTo(24);
        Path whole = folder.resolve("whole.db");
        ExafsTree.builder(tree, whole).build();
        assertThat(ExafsTree.digests(database())).isEqualTo(ExafsTree.digests(whole));
    }

    @Test
    void build_deletedFile_isToldAndRemovedOnlyByPrune() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        Files.delete(tree.resolve(FIRST));
        try (Stream<Path> atom = Files.list(tree.resolve("working_0/frame_1/atom_0"))) {
            for (Path file : atom.toList()) {
                Files.delete(file);
            }
        }

        ExafsBuildReport told = ExafsTree.builder(tree, database()).build();
        assertThat(told.upToDate()).isTrue();
        assertThat(told.gone()).isEqualTo(7);
        assertThat(told.paths()).isEqualTo(24);

        ExafsBuildReport pruned =
                ExafsTree.builder(tree, database()).optPrune(true).build();
        assertThat(pruned.pruned()).isEqualTo(7);
        assertThat(pruned.paths()).isEqualTo(17);
        assertThat(pruned.absorbers()).isEqualTo(3);
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(ExafsTree.rows(database(), "SELECT path_count FROM absorbers ORDER BY absorber_id"))
                .containsExactly("5", "6", "6");
        assertThat(ExafsTree.builder(tree, database()).optPrune(true).build().upToDate())
                .isTrue();
    }

    @Test
    void build_otherSettings_areRefusedNamingWhatDiffers() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).optStorage(DType.FLOAT32).build();
        byte[] before = Files.readAllBytes(database());

        assertThat(ExafsTree.builder(tree, database()).build().upToDate())
                .as("what is not given is as the database has it")
                .isTrue();
        assertThatThrownBy(() -> ExafsTree.builder(tree, database())
                        .optStorage(DType.FLOAT64)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected storage float64, found float32")
                .hasMessageContaining("--rebuild");
        assertThat(Files.readAllBytes(database())).isEqualTo(before);
    }

    @Test
    void build_anyNumberOfThreads_givesTheSameRows() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).optThreads(1).build();
        Path other = folder.resolve("other.db");
        ExafsTree.builder(tree, other).optThreads(7).build();

        assertThat(ExafsTree.digests(other)).isEqualTo(ExafsTree.digests(database()));
    }

    @Test
    void build_float32AndLz4_readBackWithinTheirPrecision() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database())
                .optStorage(DType.FLOAT32)
                .optCompression(Compression.LZ4)
                .optArrays(false)
                .build();
        FeffFolder atom = FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE)
                .folders()
                .get(3);
        double[] chi = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT)
                .calculate(FeffFile.read(atom.file(0)))
                .chi();
        double[] stored = stored(
                atom,
                "SELECT c.chi_values FROM chi c JOIN paths p ON p.id = c.path_id"
                        + " WHERE p.frame = ? AND p.atom_id = ? AND p.path_num = 1");
        double largest = 0;
        for (double value : chi) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < chi.length; i++) {
            assertThat(stored[i]).isCloseTo(chi[i], org.assertj.core.data.Offset.offset(1e-6 * largest));
        }
        assertThat(ExafsTree.count(database(), "feff_arrays")).isZero();
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
    }

    @Test
    void build_arraysKept_areEnoughToComputeChiAnew() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        ChiParameters other =
                new ChiParameters(0.9, 2.5, 0.01, 0.004, 0, 0, 0.3, null, ChiParameters.Interpolation.CUBIC, true);
        FeffFolder atom = FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE)
                .folders()
                .get(1);
        FeffPath path = FeffFile.read(atom.file(2));
        String where = " JOIN paths p ON p.id = f.path_id JOIN k_grids g ON g.grid_id = f.grid_id"
                + " WHERE p.frame = ? AND p.atom_id = ? AND p.path_num = 3";
        double[] columns = stored(atom, "SELECT f.arrays FROM feff_arrays f" + where);
        double[] k = stored(atom, "SELECT g.k FROM feff_arrays f" + where);
        double[][] column = new double[6][];
        for (int i = 0; i < 6; i++) {
            column[i] = java.util.Arrays.copyOfRange(columns, i * k.length, (i + 1) * k.length);
        }
        FeffArrays arrays = new FeffArrays(k, column[0], column[1], column[2], column[3], column[4], column[5]);

        ChiCalculator calculator = new ChiCalculator(other, KGrid.DEFAULT);

        assertThat(calculator
                        .calculate(arrays, path.degeneracy(), path.halfLength())
                        .chi())
                .containsExactly(calculator.calculate(path).chi());
    }

    /** The original stores the text "datetime('now')", and never when it was cleared. */
    @Test
    void build_times_areRealOnes() throws Exception {
        Path tree = tree();
        Instant before = Instant.now().minusSeconds(2);
        ExafsTree.builder(tree, database()).build();
        String created = info("created_utc");
        assertThat(Instant.parse(created)).isBetween(before, Instant.now());

        assertThat(ExafsClear.clear(database())).isEqualTo(24);

        assertThat(Instant.parse(info("last_cleared_utc"))).isBetween(before, Instant.now());
        assertThat(ExafsTree.count(database(), "scattering_paths")).isZero();
        assertThat(Verification.verify(database()).faults()).isEmpty();
        ExafsBuildReport again = ExafsTree.builder(tree, database()).build();
        assertThat(again.added()).isEqualTo(24);
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(info("created_utc")).isEqualTo(created);
    }

    private String info(String key) {
        return ExafsTree.rows(database(), "SELECT value FROM dataset_info WHERE key = '" + key + "'")
                .get(0);
    }

    @Test
    void build_movedTree_keepsPathsAndTellsWhereTheyAre() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        List<String> before = ExafsTree.rows(database(), PATHS + " ORDER BY path_id");
        Files.move(tree.resolve("working_0/frame_0"), tree.resolve("frame_0"), StandardCopyOption.ATOMIC_MOVE);

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.unchanged()).isEqualTo(24);
        assertThat(ExafsTree.rows(database(), PATHS + " ORDER BY path_id")).isEqualTo(before);
        assertThat(ExafsTree.rows(database(), "SELECT folder FROM absorbers ORDER BY absorber_id"))
                .startsWith("frame_0/atom_0", "frame_0/atom_1", "working_0/frame_1/atom_0");
    }
}
