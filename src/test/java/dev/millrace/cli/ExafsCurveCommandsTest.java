package dev.millrace.cli;

import static dev.millrace.cli.Shell.millrace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.exafs.SyntheticFeff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** chi, show, ft, ift and compare as the shell runs them. */
class ExafsCurveCommandsTest {
    private static final Path DATA = Path.of("../shared/data/exafs");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        file = write("feff0007.dat", SyntheticFeff.text());
    }

    private Path write(String name, String content) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content, StandardCharsets.ISO_8859_1);
    }

    /** Columns of a CSV, and its head. */
    private static double[][] csv(Path path, String head) throws IOException {
        List<String> lines = Files.readAllLines(path);
        assertThat(lines.get(0)).isEqualTo(head);
        double[][] columns = new double[head.split(",", -1).length][lines.size() - 1];
        for (int row = 0; row < columns[0].length; row++) {
            String[] cells = lines.get(row + 1).split(",", -1);
            for (int column = 0; column < columns.length; column++) {
                columns[column][row] = Double.parseDouble(cells[column]);
            }
        }
        return columns;
    }

    @Test
    void chi_usualGrid_isTheWholeFile() throws IOException {
        Path out = folder.resolve("chi.csv");

        Shell shell = millrace("exafs", "chi", "--file", file, "--out", out);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.error()).isEmpty();
        double[][] chi = csv(out, "k,chi,chi_imag");
        assertThat(chi[0]).hasSize(401);
        assertThat(chi[0][400]).isEqualTo(20);
        assertThat(millrace("exafs", "chi", "--file", file).out()).isEqualTo(Files.readString(out));
    }

    @Test
    void chi_gridOfAFile_isTaken() throws IOException {
        Path grid = write("grid.csv", "k\n1\n2.5\n3\n");
        Path out = folder.resolve("chi.csv");

        assertThat(millrace("exafs", "chi", "--file", file, "--k", grid, "--no-first-point", "--out", out)
                        .code())
                .isZero();
        double[][] few = csv(out, "k,chi,chi_imag");
        assertThat(few[0]).containsExactly(1, 2.5, 3);
        assertThat(millrace("exafs", "chi", "--file", file, "--kmax", "5", "--kstep", "0.5", "--out", out)
                        .code())
                .isZero();
        double[][] some = csv(out, "k,chi,chi_imag");
        assertThat(some[0]).hasSize(11);
        assertThat(some[1][5]).isEqualTo(few[1][1]);
    }

    @Test
    void chi_rowsThatEndBefore_areWarnedOf() throws IOException {
        Path grid = write("grid.csv", "1\n2\n21\n");

        Shell shell = millrace("exafs", "chi", "--file", file, "--k", grid);

        assertThat(shell.code()).isZero();
        assertThat(shell.errorLines()).singleElement().asString().startsWith("warning: χ(k) is extrapolated");
    }

    @Test
    void chi_legsThatDoNotMakeTheHalfLength_areWarnedOf() throws IOException {
        Path moved = write("feff0008.dat", SyntheticFeff.text().replace("   4.3028", "   4.3048"));

        Shell shell = millrace("exafs", "chi", "--file", moved);

        assertThat(shell.code()).isZero();
        assertThat(shell.errorLines()).singleElement().asString().contains("expected 4.3048 Å, found 4.30277");
    }

    @Test
    void chi_temperature_givesSigma2() throws IOException {
        Path model = folder.resolve("model.csv");
        Path plain = folder.resolve("plain.csv");

        Shell shell =
                millrace("exafs", "chi", "--file", file, "--temperature", "300", "--einstein", "240", "--out", model);

        assertThat(shell.code()).as(shell.error()).isZero();
        String sigma2 = shell.error().replaceFirst("(?s).*σ² is (\\S+) Å².*", "$1");
        assertThat(millrace("exafs", "chi", "--file", file, "--sigma2", sigma2, "--out", plain)
                        .code())
                .isZero();
        assertThat(Files.readString(model)).isEqualTo(Files.readString(plain));
        assertThat(millrace("exafs", "chi", "--file", file, "--temperature", "9", "--debye", "300")
                        .code())
                .isZero();
        assertError(2, "with either", "exafs", "chi", "--file", file, "--temperature", "9");
        assertError(2, "with either", "exafs", "chi", "--file", file, "--debye", "300");
        assertError(
                2,
                "found both",
                "exafs",
                "chi",
                "--file",
                file,
                "--temperature",
                "9",
                "--debye",
                "300",
                "--sigma2",
                "0.1");
        assertError(2, "0 K or more", "exafs", "chi", "--file", file, "--temperature", "-9", "--debye", "300");
    }

    @Test
    void show_files_sayWhatTheyHold() throws IOException {
        Path bad = write("feff0001.dat", "");

        Shell text = millrace("exafs", "show", file);
        Shell json = millrace("exafs", "show", file, bad, "--json");

        assertThat(text.code()).as(text.error()).isZero();
        assertThat(text.out()).contains("U-O-Fe, 3 legs, degeneracy 12.0", "L3 edge of U", "123.7");
        assertThat(json.code()).isEqualTo(3);
        assertThat(json.errorLines()).singleElement().asString().contains("feff0001.dat");
        JsonNode shown = JsonMapper.shared().readTree(json.out());
        assertThat(shown.size()).isEqualTo(1);
        assertThat(shown.get(0).get("vfermi").asDouble()).isEqualTo(2.112 * 2.112 * 3.8099821161548597, offset(1e-12));
        assertThat(shown.get(0).get("leg_lengths").get(1).asDouble()).isEqualTo(2);
        assertError(2, "No such file", "exafs", "show", folder.resolve("none"));
    }

    @Test
    void chi_wrongUse_isOneLineAndCode2() throws IOException {
        Path bad = write("feff0001.dat", "");
        assertError(2, "No such file", "exafs", "chi", "--file", folder.resolve("none"));
        assertError(2, "--interp: expected cubic or linear", "exafs", "chi", "--file", file, "--interp", "spline");
        assertError(2, "expected a finite e0", "exafs", "chi", "--file", file, "--e0", "NaN");
        assertError(2, "found both", "exafs", "chi", "--file", file, "--k", file, "--kmax", "3");
        assertError(2, "kstep > 0", "exafs", "chi", "--file", file, "--kstep", "0");
        assertError(2, "for two purposes", "exafs", "chi", "--file", file, "--out", file);
        assertError(3, "found an empty file", "exafs", "chi", "--file", bad);
        assertError(3, "expected rows of numbers", "exafs", "chi", "--file", file, "--k", bad);
    }

    static void assertError(int code, String words, Object... args) {
        Shell shell = millrace(args);
        assertThat(shell.code()).as(shell.error()).isEqualTo(code);
        assertThat(shell.errorLines())
                .singleElement()
                .asString()
                .startsWith("error: ")
                .contains(words);
    }

    @Test
    void ftAndIft_ofChi_goThereAndBack() throws IOException {
        Path chi = folder.resolve("chi.csv");
        Path chir = folder.resolve("r.csv");
        Path chiq = folder.resolve("q.csv");
        Path window = folder.resolve("w.csv");
        assertThat(millrace("exafs", "chi", "--file", file, "--out", chi).code())
                .isZero();

        Shell ft = millrace("exafs", "ft", "--input", chi, "--out", chir, "--window-out", window);
        Shell ift = millrace("exafs", "ift", "--input", chir, "--rmax", "9", "--qmax-out", "20", "--out", chiq);

        assertThat(ft.code()).as(ft.error()).isZero();
        assertThat(ift.code()).as(ift.error()).isZero();
        double[][] r = csv(chir, "r,re,im,mag");
        assertThat(r[0]).hasSize(326);
        assertThat(r[3][100]).isEqualTo(Math.hypot(r[1][100], r[2][100]), offset(1e-15));
        assertThat(csv(window, "k,kwin")[0]).hasSize(401);
        assertThat(csv(chiq, "q,re,im,mag")[0]).hasSize(401);
    }

    @Test
    void ftAndIft_wrongUse_isOneLineAndCode2() throws IOException {
        Path chi = write("chi.csv", "k,chi\n0,1\n1,2\n2,3\n");
        assertError(2, "expected kaiser, hanning", "exafs", "ft", "--input", chi, "--window", "bessel");
        assertError(2, "found 5.0 and 3.0", "exafs", "ft", "--input", chi, "--kmin", "5", "--kmax", "3");
        assertError(2, "--kweight: expected", "exafs", "ft", "--input", chi, "--kweight", "NaN");
        // 0 to a negative power would make every value NaN.
        assertError(2, "--kweight: expected a number 0..20", "exafs", "ft", "--input", chi, "--kweight", "-1");
        assertError(2, "rmax-out above 0", "exafs", "ft", "--input", chi, "--rmax-out", "-1");
        assertError(
                2,
                "for two purposes",
                "exafs",
                "ft",
                "--input",
                chi,
                "--out",
                folder.resolve("a"),
                "--window-out",
                folder.resolve("a"));
        assertError(3, "expected a column 'r'", "exafs", "ift", "--input", chi);
    }

    @Test
    void ft_inputOfASpreadsheet_readsAsPlainCsv() throws IOException {
        Path plain = write("chi.csv", "k,chi\n0,1\n1,2\n2,3\n");
        Path marked = write("marked.csv", "\u00EF\u00BB\u00BF\"k\",\"chi\"\r\n\"0\",1\r\n1,2\r\n2,3\r\n");

        Shell shell = millrace("exafs", "ft", "--input", marked);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out())
                .isEqualTo(millrace("exafs", "ft", "--input", plain).out());
    }

    @Test
    void chiAndFt_reference_areWithinItsDigits() throws IOException {
        assumeTrue(Files.isDirectory(DATA), "skipped: " + DATA + " is not there");
        Path copper = DATA.resolve("xraylarch/examples/feffit/Feff_Cu/feff0001.dat");
        Path out = folder.resolve("chi.csv");

        Shell shell = millrace(
                "exafs",
                "chi",
                "--file",
                copper,
                "--s02",
                "0.92",
                "--e0",
                "2.1",
                "--deltar",
                "-0.0125",
                "--sigma2",
                "0.0078",
                "--third",
                "0.00012",
                "--fourth",
                "0.000015",
                "--ei",
                "0.4",
                "--kmax",
                "12",
                "--kstep",
                "0.1",
                "--out",
                out);

        assertThat(shell.code()).as(shell.error()).isZero();
        double[][] found = csv(out, "k,chi,chi_imag");
        double[][] expected = csv(DATA.resolve("reference/chi_cu_p1_combined_kmax12_kstep0.1.csv"), "k,chi,chi_imag");
        for (int i = 0; i < expected[0].length; i++) {
            assertThat(found[1][i]).isEqualTo(expected[1][i], offset(1e-12));
            assertThat(found[2][i]).isEqualTo(expected[2][i], offset(1e-12));
        }
    }

    @Test
    void compare_realFolders_passAndReport() {
        assumeTrue(Files.isDirectory(DATA), "skipped: " + DATA + " is not there");

        Shell shell = millrace("exafs", "compare", DATA.resolve("feff85exafs"), DATA.resolve("alc-dls"), "--json");

        assertThat(shell.code()).as(shell.error()).isZero();
        JsonNode report = JsonMapper.shared().readTree(shell.out());
        assertThat(report.get("passed").asInt()).isEqualTo(17);
        assertThat(report.get("folders").get(16).get("paths").asInt()).isEqualTo(126);
        assertThat(millrace("exafs", "compare", DATA.resolve("feff85exafs/tests/UO2"), "--tolerance", "0.001")
                        .code())
                .isEqualTo(1);
    }

    @Test
    void compare_whatCannotBe_isNamed() throws IOException {
        assertError(2, "Expected a chi.dat at or below", "exafs", "compare", folder);
        assertError(2, "--tolerance", "exafs", "compare", folder, "--tolerance", "0");
        write("a/chi.dat", """
                # S02=1.000
                #     file         sig2 tot  cw amp ratio   deg  nlegs   reff  inp sig2
                #           9       0.00000    100.00      8.00     2   2.3678
                # k chi
                2.0 0.1
                """);
        assertError(3, "feff0009.dat", "exafs", "compare", folder, "--json");
    }
}
