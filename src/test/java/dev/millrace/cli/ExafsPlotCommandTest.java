package dev.millrace.cli;

import static dev.millrace.cli.ExafsCurveCommandsTest.assertError;
import static dev.millrace.cli.Shell.millrace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.exafs.SyntheticFeff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code exafs plot} as the shell runs it. */
class ExafsPlotCommandTest {
    @TempDir
    Path folder;

    private Path write(String name, String content) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content, StandardCharsets.ISO_8859_1);
    }

    private Path tree() throws IOException {
        for (int atom = 0; atom < 2; atom++) {
            write("tree/frame_3/atom_" + atom + "/feff0001.dat", SyntheticFeff.text());
            write(
                    "tree/frame_3/atom_" + atom + "/feff0002.dat",
                    SyntheticFeff.text()
                            .replace(" 12.000   4.3028", "  6.000   5.1028")
                            .replace("26 Fe", "26 Fe2"));
        }
        return folder.resolve("tree");
    }

    @Test
    void plot_everyKind_isAPicture() throws IOException {
        Path tree = tree();
        Path png = folder.resolve("p.png");
        Path svg = folder.resolve("p.svg");
        for (String what : List.of("average", "atoms", "paths")) {
            Shell shell = millrace(
                    "exafs",
                    "plot",
                    "-q",
                    "--input-dir",
                    tree,
                    "--what",
                    what,
                    "--out",
                    png,
                    "--width",
                    "800",
                    "--height",
                    "600",
                    "--dpi",
                    "96");

            assertThat(shell.code()).as(shell.error()).isZero();
            assertThat(ImageIO.read(png.toFile()).getWidth()).isEqualTo(800);
        }
        assertThat(millrace("exafs", "plot", "-q", "--input-dir", tree, "--what", "paths", "--atoms", "1", "--out", svg)
                        .code())
                .isZero();
        assertThat(Files.readString(svg))
                .contains("Paths and their sum", "2 paths of 1 atom", ">sum<", "2: U-O-Fe2 5.103 Å", "curves shifted");
    }

    @Test
    void plot_selectionsAndFiles_haveTheirNames() throws IOException {
        Path tree = tree();
        Path svg = folder.resolve("p.svg");
        Path chi = write("measured.csv", "k,chi\n0,0\n1,0.1\n2,0\n3,-0.1\n4,0\n5,0.1\n");

        Shell shell = millrace(
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--select",
                "long: min-distance=5",
                "--select",
                "all:",
                "--overlay",
                chi,
                "--show",
                "all",
                "--json",
                "--out",
                svg);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(JsonMapper.shared().readTree(shell.out()).get("curves").asInt())
                .isEqualTo(3);
        assertThat(Files.readString(svg))
                .contains("long (2 paths)", "all (4 paths)", "measured.csv", "Re χ(R)", "k²·χ(k)");
        // Without a source, the files alone.
        assertThat(millrace("exafs", "plot", "--overlay", chi, "--show", "r", "--kweight", "0", "--out", svg)
                        .code())
                .isZero();
        assertThat(Files.readString(svg)).contains("measured.csv", "|χ(R)|").doesNotContain("χ(k)<");
    }

    @Test
    void plot_wrongUse_isOneLineAndWritesNothing() throws IOException {
        Path tree = tree();
        Path png = folder.resolve("p.png");
        assertError(
                2,
                "ends in .png or .svg",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--out",
                folder.resolve("p.gif"));
        assertError(
                2,
                "No data: no path matches",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--frames",
                "9",
                "--out",
                png);
        assertError(
                2,
                "matches --select \"x\"",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--select",
                "x: paths=A-B",
                "--out",
                png);
        assertError(
                2,
                "LABEL: CRITERIA",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--select",
                "paths=A-B",
                "--out",
                png);
        assertError(
                2,
                "labels that differ",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--select",
                "a:",
                "--select",
                "a:",
                "--out",
                png);
        assertError(
                2, "expected --select", "exafs", "plot", "-q", "--input-dir", tree, "--what", "compare", "--out", png);
        assertError(
                2,
                "expected --what compare",
                "exafs",
                "plot",
                "-q",
                "--input-dir",
                tree,
                "--what",
                "atoms",
                "--select",
                "a:",
                "--out",
                png);
        assertError(2, "--most", "exafs", "plot", "-q", "--input-dir", tree, "--most", "0", "--out", png);
        assertError(2, "axis of R", "exafs", "plot", "-q", "--input-dir", tree, "--rmax", "99", "--out", png);
        assertThat(Files.exists(png)).isFalse();
        assertThat(Arrays.asList(folder.toFile().list())).doesNotContain("p.png.partial");
    }
}
