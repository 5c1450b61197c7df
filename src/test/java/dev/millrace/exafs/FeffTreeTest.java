package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeffTreeTest {
    private static final FeffTree.Rules NUMBERED = new FeffTree.Rules(
            FeffTree.Rules.DEFAULT.file(), FeffTree.Rules.DEFAULT.frame(), FeffTree.Rules.DEFAULT.atom(), true);

    @TempDir
    Path folder;

    private void file(String name) throws IOException {
        ExafsTree.file(folder, name, "x");
    }

    private List<String> scan(FeffTree.Rules rules) throws IOException {
        return FeffTree.scan(folder, rules, BuildProgress.NONE).folders().stream()
                .map(atom -> atom + " × " + atom.size())
                .toList();
    }

    @Test
    void scan_anyLayout_takesTheNearestFrameAndAtom() throws Exception {
        file("working_0/frame_100/atom_0/feff0001.dat");
        file("working_0/frame_100/atom_0/feff0002.dat");
        file("working_0/frame_100/atom_0/feff.inp");
        file("working_0/frame_100/atom_0/chi.dat");
        file("frame_7/atom_3/results/feff0001.dat");
        file("atom_2/frame_2/feff0001.dat");
        file("frame_1/frame_0007/atom_11/feff0001.dat");

        assertThat(scan(FeffTree.Rules.DEFAULT))
                .containsExactly(
                        "frame 2, atom 2 in atom_2/frame_2 × 1",
                        "frame 7, atom 3 in frame_7/atom_3/results × 1",
                        "frame 7, atom 11 in frame_1/frame_0007/atom_11 × 1",
                        "frame 100, atom 0 in working_0/frame_100/atom_0 × 2");
        FeffTree below =
                FeffTree.scan(folder.resolve("working_0/frame_100/atom_0"), FeffTree.Rules.DEFAULT, BuildProgress.NONE);
        assertThat(below.folders().get(0)).as("names above the root count too").hasToString("frame 100, atom 0 in .");
        assertThat(below.folders().get(0).file(1)).exists();
    }

    @Test
    void scan_numbers_areSortedAndMayBeLarge() throws Exception {
        for (String number : List.of("10000", "0002", "123456", "0001")) {
            file("frame_0/atom_0/feff" + number + ".dat");
        }
        FeffFolder atom = FeffTree.scan(folder, FeffTree.Rules.DEFAULT, BuildProgress.NONE)
                .folders()
                .get(0);
        assertThat(List.of(atom.pathNumber(0), atom.pathNumber(1), atom.pathNumber(2), atom.pathNumber(3)))
                .containsExactly(1, 2, 10_000, 123_456);
        assertThat(atom.fileName(2)).isEqualTo("feff10000.dat");
    }

    @Test
    void scan_twoFoldersOfOneAtom_isAnErrorNamingBoth() throws Exception {
        file("working_0/frame_1/atom_2/feff0001.dat");
        file("working_1/frame_1/atom_2/feff0001.dat");

        assertThatThrownBy(() -> scan(FeffTree.Rules.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frame 1, atom 2")
                .hasMessageContaining("working_0/frame_1/atom_2")
                .hasMessageContaining("working_1/frame_1/atom_2");
    }

    @Test
    void scan_twoFilesOfOneNumber_isAnErrorNamingBoth() throws Exception {
        file("frame_1/atom_2/feff0001.dat");
        file("frame_1/atom_2/feff1.dat");

        assertThatThrownBy(() -> scan(FeffTree.Rules.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("feff0001.dat")
                .hasMessageContaining("feff1.dat");
    }

    @Test
    void scan_missingIds_areAnErrorUnlessNumbersAreAskedFor() throws Exception {
        file("b/feff0001.dat");
        file("a/feff0001.dat");
        file("atom_0/feff0001.dat");
        file("frame_3/c/feff0001.dat");

        assertThatThrownBy(() -> scan(FeffTree.Rules.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Cannot tell the frame of")
                .hasMessageContaining("--missing-ids number");
        assertThat(scan(NUMBERED))
                .containsExactly(
                        "frame 0, atom 0 in atom_0 × 1",
                        "frame 0, atom 1 in a × 1",
                        "frame 0, atom 2 in b × 1",
                        "frame 3, atom 0 in frame_3/c × 1");
    }

    @Test
    void build_numberedTree_keepsItsNumbersWhenFoldersAreAdded() throws Exception {
        Path tree = folder.resolve("tree");
        Path database = folder.resolve("chi.db");
        ExafsTree.file(tree, "b/feff0001.dat", SyntheticFeff.text());
        ExafsTree.builder(tree, database).optRules(NUMBERED).build();
        ExafsTree.file(tree, "a/feff0001.dat", SyntheticFeff.text());

        assertThat(ExafsTree.builder(tree, database).optRules(NUMBERED).build().added())
                .isEqualTo(1);

        assertThat(ExafsTree.rows(database, "SELECT folder, atom_id FROM absorbers ORDER BY atom_id"))
                .containsExactly("b|0", "a|1");
    }

    @Test
    void scan_otherNames_areTakenByPatternAndElseTold() throws Exception {
        file("frame_0/atom_0/feff_0003.dat");
        file("frame_0/atom_0/feffx.dat");
        file("frame_0/atom_0/feff0001.dat");

        FeffTree usual = FeffTree.scan(folder, FeffTree.Rules.DEFAULT, BuildProgress.NONE);
        assertThat(usual.fileCount()).isEqualTo(1);
        assertThat(usual.ignoredCount()).isEqualTo(2);
        FeffTree.Rules rules = new FeffTree.Rules(
                Pattern.compile("feff_?(\\d+)\\.dat"),
                FeffTree.Rules.DEFAULT.frame(),
                FeffTree.Rules.DEFAULT.atom(),
                false);
        FeffFolder atom =
                FeffTree.scan(folder, rules, BuildProgress.NONE).folders().get(0);
        assertThat(atom.size()).isEqualTo(2);
        assertThat(atom.file(1)).hasFileName("feff_0003.dat");
    }

    @Test
    void scan_linkBackUpwards_ends() throws Exception {
        file("frame_0/atom_0/feff0001.dat");
        Files.createSymbolicLink(folder.resolve("frame_0/atom_0/up"), folder);
        Files.createSymbolicLink(folder.resolve("frame_0/nowhere"), folder.resolve("not there"));

        assertThat(scan(FeffTree.Rules.DEFAULT)).containsExactly("frame 0, atom 0 in frame_0/atom_0 × 1");
    }

    @Test
    void build_nothingThere_saysWhatWasExpected() throws Exception {
        Path database = folder.resolve("chi.db");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> ExafsTree.builder(empty, database).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found none");
        file("empty/frame_0/atom_0/feff_0001.dat");
        assertThatThrownBy(() -> ExafsTree.builder(empty, database).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("feff_0001.dat")
                .hasMessageContaining("--file-pattern");
        assertThatThrownBy(() ->
                        ExafsTree.builder(folder.resolve("none"), database).build())
                .isInstanceOf(NotDirectoryException.class);
        assertThat(database).doesNotExist();
    }

    @Test
    void build_onePath_isADatabase() throws Exception {
        Path tree = folder.resolve("tree");
        Path database = folder.resolve("chi.db");
        ExafsTree.file(tree, "frame_0/atom_0/feff0001.dat", SyntheticFeff.text());

        ExafsBuildReport report = ExafsTree.builder(tree, database).build();

        assertThat(report.paths()).isEqualTo(1);
        assertThat(report.splits()).containsEntry("train", 1L).containsEntry("val", 0L);
        assertThat(report.warnings()).anyMatch(line -> line.contains("all is for training"));
        assertThat(ExafsVerification.verify(database, BuildProgress.NONE).faults())
                .isEmpty();
    }
}
