package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a tree that cannot be used, or only just. */
class ExafsRejectsTest {
    private static final String BAD = "working_0/frame_0/atom_0/feff0002.dat";

    @TempDir
    Path folder;

    private Path tree() throws IOException {
        return ExafsTree.sample(folder.resolve("tree"), 2, 2, 6);
    }

    private Path database() {
        return folder.resolve("chi.db");
    }

    private ExafsBuildReport build(Path tree) throws IOException {
        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        return report;
    }

    @Test
    void build_badFiles_areNamedAndCountedAndStopNothing() throws Exception {
        Path tree = tree();
        String good = SyntheticFeff.text();
        ExafsTree.file(tree, "working_0/frame_0/atom_0/feff0101.dat", "");
        ExafsTree.file(tree, "working_0/frame_0/atom_0/feff0102.dat", good.substring(0, good.length() / 2));
        ExafsTree.file(
                tree, "working_0/frame_0/atom_1/feff0103.dat", good.replaceFirst("\\d\\.\\d{4}E\\+00", "NaN       "));
        ExafsTree.file(
                tree, "working_0/frame_0/atom_1/feff0104.dat", good.replaceFirst("\\d\\.\\d{4}E\\+00", "**********"));
        Path rejects = folder.resolve("rejects.tsv");

        ExafsBuildReport report =
                ExafsTree.builder(tree, database()).optRejects(rejects).build();

        assertThat(report.paths()).isGreaterThanOrEqualTo(24);
        assertThat(report.rejects()).containsEntry("empty", 1L).containsEntry("not_a_number", 2L);
        assertThat(report.rejected() + report.paths()).isEqualTo(28);
        assertThat(report.incomplete()).isEqualTo(2);
        assertThat(Files.readAllLines(rejects).subList(1, (int) report.rejected() + 1))
                .allSatisfy(line -> assertThat(line).matches("working_0/.*\\.dat\t\\d+\tframe 0 atom [01]\t.*\t.*"));
        assertThat(ExafsTree.rows(database(), "SELECT reject_count > 0 FROM absorbers ORDER BY absorber_id"))
                .containsExactly("1", "1", "0", "0");
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
    }

    @Test
    void build_rejectedFile_isTriedAgainOnlyWhenItHasChanged() throws Exception {
        Path tree = tree();
        String good = Files.readString(tree.resolve(BAD));
        ExafsTree.file(tree, BAD, "no path");
        assertThat(build(tree).paths()).isEqualTo(23);
        byte[] before = Files.readAllBytes(database());

        ExafsBuildReport again = build(tree);
        assertThat(again.upToDate()).isTrue();
        assertThat(again.rejected()).isEqualTo(1);
        assertThat(Files.readAllBytes(database())).isEqualTo(before);

        ExafsTree.file(tree, BAD, good);
        ExafsBuildReport repaired = build(tree);
        assertThat(repaired.added()).isEqualTo(1);
        assertThat(repaired.rejected()).isZero();
        assertThat(repaired.incomplete()).isZero();
    }

    @Test
    void build_storedFileThatTurnedBad_isNotUsedAnyLonger() throws Exception {
        Path tree = tree();
        build(tree);
        ExafsTree.file(tree, BAD, SyntheticFeff.text().replace("E+00", "E+"));

        ExafsBuildReport report = build(tree);

        assertThat(report.paths()).isEqualTo(23);
        assertThat(report.rejected()).isEqualTo(1);
        assertThat(ExafsTree.rows(database(), "SELECT path_count, reject_count FROM absorbers WHERE absorber_id = 1"))
                .containsExactly("5|1");

        Files.delete(tree.resolve(BAD));
        assertThat(build(tree).rejected()).isZero();
        assertThat(ExafsTree.rows(database(), "SELECT path_count, reject_count FROM absorbers WHERE absorber_id = 1"))
                .containsExactly("5|0");
    }

    @Test
    void build_tooManyBadFiles_publishesNothing() throws Exception {
        Path tree = tree();
        build(tree);
        byte[] before = Files.readAllBytes(database());
        ExafsTree.file(tree, BAD, "no path");

        assertThatThrownBy(() ->
                        ExafsTree.builder(tree, database()).optMaxRejects(0.0).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("expected at most 0, found 1 of 24")
                .hasMessageContaining(BAD);
        assertThat(Files.readAllBytes(database())).isEqualTo(before);

        assertThat(ExafsTree.builder(tree, database())
                        .optMaxRejects(1 / 24.0)
                        .build()
                        .paths())
                .isEqualTo(23);
        assertThatThrownBy(() ->
                        ExafsTree.builder(tree, database()).optMaxRejects(0.0).build())
                .as("also when nothing else is to do")
                .isInstanceOf(RejectedInputException.class);
    }

    @Test
    void build_defaultShare_allowsTenFilesOfASmallTreeAndFivePercentOfALargeOne() throws Exception {
        Path tree = folder.resolve("tree");
        ExafsTree.file(tree, "frame_0/atom_0/feff0001.dat", SyntheticFeff.text());
        for (int i = 2; i <= 11; i++) {
            ExafsTree.file(tree, "frame_0/atom_0/feff%04d.dat".formatted(i), "no path");
        }
        assertThat(build(tree).rejected()).isEqualTo(10);
        ExafsTree.file(tree, "frame_0/atom_0/feff0012.dat", "no path");
        assertThatThrownBy(() -> ExafsTree.builder(tree, database()).build())
                .isInstanceOf(RejectedInputException.class);
    }

    @Test
    void build_noFileUsable_isRefused() throws Exception {
        Path tree = folder.resolve("tree");
        ExafsTree.file(tree, "frame_0/atom_0/feff0001.dat", "no path");

        assertThatThrownBy(() -> ExafsTree.builder(tree, database()).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("None of the files can be used");
        assertThat(database()).doesNotExist();
    }

    /** The original drops the atom of a blank label, so that U-O-Fe becomes another type, and knows no '#'. */
    @Test
    void build_unusualButLegalFiles_keepTheirTypeAndDegeneracy() throws Exception {
        Path tree = folder.resolve("tree");
        String text = SyntheticFeff.text();
        ExafsTree.file(tree, "frame_0/atom_0/feff0001.dat", text.replace("8 O", "8  "));
        ExafsTree.file(tree, "frame_0/atom_0/feff0002.dat", text.replaceAll("(?m)^ (?=[A-Z-])", "#"));
        ExafsTree.file(tree, "frame_0/atom_0/feff0003.dat", text.replace("  3  12.000", "  31048.000"));
        ExafsTree.file(tree, "frame_0/atom_0/feff10000.dat", text);

        ExafsBuildReport report = build(tree);

        assertThat(report.rejects()).isEmpty();
        assertThat(ExafsTree.rows(database(), "SELECT path_num, path_type, deg, atom_sequence FROM paths"))
                .containsExactly(
                        "1|U-O-Fe|12.0|[\"U\", \"O\", \"Fe\"]",
                        "2|U-O-Fe|12.0|[\"U\", \"O\", \"Fe\"]",
                        "3|U-O-Fe|1048.0|[\"U\", \"O\", \"Fe\"]",
                        "10000|U-O-Fe|12.0|[\"U\", \"O\", \"Fe\"]");
    }

    /** The original takes the word "ipot" for an element when a comment follows ATOMS. */
    @Test
    void build_feffInputWithComments_givesElementAndPosition() throws Exception {
        Path tree = folder.resolve("tree");
        ExafsTree.file(tree, "frame_3/atom_5/feff0001.dat", SyntheticFeff.text());
        ExafsTree.file(tree, "frame_3/atom_5/feff.inp", """
                POTENTIALS
                * ipot Z label
                  0  92  U
                  1   8  O
                ATOMS
                * x  y  z  ipot tag
                  1.5 0 0  1  O1
                  0.5 -0.25 2.0  0  U  absorber
                END
                """);

        ExafsBuildReport report = build(tree);

        assertThat(report.warnings())
                .filteredOn(line -> line.contains("feff.inp"))
                .isEmpty();
        assertThat(ExafsTree.rows(
                        database(), "SELECT frame, atom_id, element, position_x, position_y, position_z FROM atoms"))
                .containsExactly("3|5|U|0.5|-0.25|2.0");

        ExafsTree.file(tree, "frame_3/atom_5/feff.inp", "POTENTIALS\n 0 26 Fe\nATOMS\n 0 0 0 0\n");
        ExafsTree.file(tree, "frame_3/atom_5/feff0001.dat", SyntheticFeff.text() + "\n");
        ExafsBuildReport other = build(tree);
        assertThat(other.warnings()).anyMatch(line -> line.contains("expected U, found Fe"));
        assertThat(ExafsTree.rows(database(), "SELECT element, position_x FROM atoms"))
                .containsExactly("U|0.0");
    }

    @Test
    void build_filesOfOtherRows_haveTheirOwnGridOnce() throws Exception {
        Path tree = folder.resolve("tree");
        String text = SyntheticFeff.text();
        List<String> lines = text.lines().toList();
        String shorter = String.join("\n", lines.subList(0, lines.size() - 10)) + "\n";
        for (int i = 1; i <= 3; i++) {
            ExafsTree.file(tree, "frame_0/atom_0/feff000%d.dat".formatted(i), text);
            ExafsTree.file(tree, "frame_0/atom_0/feff001%d.dat".formatted(i), shorter);
        }

        ExafsBuildReport report = build(tree);

        assertThat(report.paths()).isEqualTo(6);
        assertThat(ExafsTree.rows(database(), "SELECT k_count FROM k_grids ORDER BY grid_id"))
                .containsExactly("401", "59", "49");
        assertThat(report.warnings()).anyMatch(line -> line.contains("extrapolated") && line.contains("3, the first"));
    }
}
