package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChiDatTest {
    private static final Path NAME = Path.of("chi.dat");
    private static final String HEAD = """
            # Made up                                                        Feff 8.50L
            #  S02=0.909                                        Global_sig2= 0.00000
            #  Curved wave amplitude ratio filter   4.000%
            #     file         sig2 tot  cw amp ratio   deg  nlegs   reff  inp sig2
            #           7       0.00300    100.00     12.00     3   4.3028
            #    1/  17 paths used
            #  -----------------------------------------------------------------------
            #       k          chi          mag           phase @#
            """;

    @TempDir
    Path folder;

    @Test
    void parse_header_saysWhatWasSummed() throws IOException {
        ChiDat file = ChiDat.parse(NAME, HEAD + "     0.0500    2.7E-01  2.7E-01  1.47E+00\n 0.1 -1.0E-2 0 0\n\n");

        assertThat(file.s02()).isEqualTo(0.909);
        assertThat(file.paths()).containsExactly(new ChiDat.Listed(7, 0.003, 12, 4.3028));
        assertThat(file.k()).containsExactly(0.05, 0.1);
        assertThat(file.chi()).containsExactly(0.27, -0.01);
        assertThat(ChiDat.parse(NAME, HEAD.replace("# ", " ") + "1 2 3 4\n").paths())
                .hasSize(1);
        assertThat(ChiDat.parse(NAME, "# k and chi\n1 2\n").s02()).isNaN();
    }

    @Test
    void parse_damage_isNamedWithItsLine() {
        assertThatThrownBy(() -> ChiDat.parse(NAME, HEAD)).hasMessageContaining("found none");
        assertThatThrownBy(() -> ChiDat.parse(NAME, HEAD + "1 NaN 0 0\n"))
                .hasMessageContaining("'NaN' (chi.dat, line 9)");
        assertThatThrownBy(() -> ChiDat.parse(NAME, HEAD + "1 1\n1 1\n")).hasMessageContaining("k above 1.0");
        assertThatThrownBy(() -> ChiDat.parse(NAME, HEAD + "1\n")).hasMessageContaining("one word");
        assertThatThrownBy(() -> ChiDat.parse(NAME, HEAD.replace("0.909", "*****") + "1 1\n"))
                .hasMessageContaining("'*****'");
    }

    @Test
    void compare_realFolders_areWithinTheTolerance() throws IOException {
        ExafsReference.assumeHere();
        List<Path> folders = new ArrayList<>();
        folders.addAll(FeffComparison.folders(ExafsReference.DATA.resolve("feff85exafs")));
        folders.addAll(FeffComparison.folders(ExafsReference.DATA.resolve("alc-dls")));
        assertThat(folders).hasSize(17);
        for (Path one : folders) {
            FeffComparison comparison = FeffComparison.of(one, FeffComparison.USUAL_LEAST_K);

            assertThat(comparison.largestDifference())
                    .as(one.toString())
                    .isBetween(1e-4, FeffComparison.USUAL_TOLERANCE);
            assertThat(comparison.rmsDifference()).isLessThan(0.004);
        }
        // The nanoparticle has 193 path files, of which FEFF summed 126.
        assertThat(FeffComparison.of(folders.get(16), 2).pathCount()).isEqualTo(126);
    }

    @Test
    void compare_ownSum_agrees() throws IOException {
        Files.writeString(folder.resolve("feff0007.dat"), SyntheticFeff.text());
        Files.writeString(folder.resolve("feff0008.dat"), "not listed, so never read");
        ChiParameters parameters =
                new ChiParameters(0.909, 0, 0, 0.003, 0, 0, 0, null, ChiParameters.Interpolation.CUBIC, true);
        KGrid grid = KGrid.of(2, 10, 0.05);
        double[] chi = new ChiCalculator(parameters, grid)
                .calculate(SyntheticFeff.path())
                .chi();
        StringBuilder text = new StringBuilder(HEAD);
        for (int i = 1; i < chi.length; i++) {
            text.append(grid.get(i)).append(' ').append(chi[i]).append(" 0 0\n");
        }
        Files.writeString(folder.resolve("chi.dat"), text);

        FeffComparison comparison = FeffComparison.of(folder, 2);

        assertThat(comparison.largestDifference()).isLessThan(1e-15);
        assertThat(FeffComparison.folders(folder)).containsExactly(folder);
        assertThatThrownBy(() -> FeffComparison.of(folder, 11)).hasMessageContaining("from 11.0");
        Files.writeString(folder.resolve("chi.dat"), "1 2\n");
        assertThatThrownBy(() -> FeffComparison.of(folder, 2)).hasMessageContaining("found no list");
    }
}
