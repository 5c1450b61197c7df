package dev.millrace.exafs;

import static dev.millrace.exafs.ExafsReference.column;
import static dev.millrace.exafs.ExafsReference.difference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.millrace.exafs.ChiParameters.Interpolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChiCalculatorTest {
    private static final double TOLERANCE = 1e-10;

    @Test
    void calculate_referencePaths_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        assertThat(compare("chi_", Interpolation.CUBIC)).isGreaterThanOrEqualTo(100);
        assertThat(compare("chi_linear_", Interpolation.LINEAR)).isGreaterThanOrEqualTo(30);
    }

    /** How many columns were compared. */
    private static int compare(String prefix, Interpolation interpolation) throws IOException {
        JsonNode sets = ExafsReference.meta().get("parameter_sets");
        int compared = 0;
        for (Map.Entry<String, Path> entry : ExafsReference.paths().entrySet()) {
            String name = prefix + entry.getKey() + ".csv";
            if (!Files.exists(ExafsReference.DATA.resolve("reference").resolve(name))) {
                continue;
            }
            FeffPath path = FeffFile.read(entry.getValue());
            Map<String, double[]> table = ExafsReference.csv(name);
            KGrid grid = KGrid.of(column(table, "k"));
            for (Map.Entry<String, JsonNode> set : sets.properties()) {
                double[] chi = table.get(set.getKey() + "_chi");
                if (chi != null) {
                    PathChi found = new ChiCalculator(ExafsReference.parameters(set.getValue(), interpolation), grid)
                            .calculate(path);

                    assertThat(difference(found.chi(), chi))
                            .as("%s %s", name, set.getKey())
                            .isLessThan(TOLERANCE);
                    assertThat(difference(found.imaginary(), column(table, set.getKey() + "_chi_imag")))
                            .as("%s %s", name, set.getKey())
                            .isLessThan(TOLERANCE);
                    compared++;
                }
            }
        }
        return compared;
    }

    @Test
    void calculate_otherGrids_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        JsonNode set = ExafsReference.meta().get("parameter_sets").get("combined");
        ChiParameters parameters = ExafsReference.parameters(set, Interpolation.CUBIC);
        FeffPath path = FeffFile.read(ExafsReference.DATA.resolve("xraylarch/examples/feffit/Feff_Cu/feff0001.dat"));
        int compared = 0;
        try (var files = Files.list(ExafsReference.DATA.resolve("reference"))) {
            for (Path file : files.filter(one -> one.getFileName().toString().startsWith("chi_cu_p1_combined_"))
                    .toList()) {
                Map<String, double[]> table = ExafsReference.csv(file);
                PathChi found = new ChiCalculator(parameters, KGrid.of(column(table, "k"))).calculate(path);

                assertThat(difference(found.chi(), column(table, "chi")))
                        .as(file.toString())
                        .isLessThan(TOLERANCE);
                compared++;
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(2);
        assertThat(KGrid.of(0, 12, 0.1).size()).isEqualTo(121);
        assertThat(KGrid.DEFAULT.size()).isEqualTo(401);
    }

    @Test
    void columns_referencePaths_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        for (Map.Entry<String, Path> entry : ExafsReference.paths().entrySet()) {
            String name = "interp_" + entry.getKey() + ".csv";
            if (!Files.exists(ExafsReference.DATA.resolve("reference").resolve(name))) {
                continue;
            }
            ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
            PathChi unused = calculator.calculate(FeffFile.read(entry.getValue()));
            assertThat(unused.chi()).hasSize(401);

            double[][] columns = calculator.columns();

            Map<String, double[]> table = ExafsReference.csv(name);
            String[] names = {"q", "pha", "amp", "rep", "lam"};
            for (int i = 0; i < names.length; i++) {
                assertThat(difference(columns[i], column(table, names[i])))
                        .as("%s %s", name, names[i])
                        .isLessThan(TOLERANCE);
            }
        }
    }

    @Test
    void sum_ofCopperPaths_isThatOfLarch() throws IOException {
        ExafsReference.assumeHere();
        List<PathSum.Term> terms = new ArrayList<>();
        for (int i = 1; i <= 13; i++) {
            terms.add(new PathSum.Term(
                    FeffFile.read(ExafsReference.DATA.resolve(
                            "xraylarch/examples/feffit/Feff_Cu/feff00%02d.dat".formatted(i))),
                    ChiParameters.DEFAULT));
        }

        double[] sum = PathSum.of(terms, KGrid.DEFAULT).chi();

        assertThat(difference(sum, column(ExafsReference.csv("sum_cu13_default.csv"), "chi")))
                .isLessThan(TOLERANCE);
    }

    @Test
    void sum_unusedPaths_addZero() throws IOException {
        FeffPath path = SyntheticFeff.path();
        PathSum.Term used = new PathSum.Term(path, ChiParameters.DEFAULT);
        PathSum.Term unused = new PathSum.Term(path, ChiParameters.DEFAULT, false);

        double[] one = PathSum.of(List.of(used), KGrid.DEFAULT).chi();

        assertThat(PathSum.of(List.of(unused, used, unused), KGrid.DEFAULT).chi())
                .isEqualTo(one);
        assertThat(PathSum.of(List.of(unused), KGrid.DEFAULT).chi()).containsOnly(0);
        assertThat(PathSum.of(List.of(), KGrid.DEFAULT).chi()).containsOnly(0);
    }

    @Test
    void calculate_degeneracy_countsExactlyOnce() throws IOException {
        FeffPath path = SyntheticFeff.path();
        double[] usual = chi(path, ChiParameters.DEFAULT);
        double[] single = chi(path, with(0, 1.0, true));

        for (int i = 0; i < usual.length; i++) {
            assertThat(usual[i]).isEqualTo(path.degeneracy() * single[i], offset(1e-15));
        }
        assertThat(Arrays.stream(chi(path, with(0, 0.0, true))).allMatch(value -> value == 0))
                .isTrue();
    }

    @Test
    void calculate_firstValue_isExtrapolatedUnlessAskedNot() throws IOException {
        FeffPath path = SyntheticFeff.path();
        KGrid grid = KGrid.of(2, 4, 0.5);

        double[] usual =
                new ChiCalculator(ChiParameters.DEFAULT, grid).calculate(path).chi();
        double[] computed =
                new ChiCalculator(with(0, null, false), grid).calculate(path).chi();

        assertThat(usual[0]).isEqualTo(2 * usual[1] - usual[2]).isNotEqualTo(computed[0]);
        assertThat(Arrays.copyOfRange(usual, 1, usual.length))
                .isEqualTo(Arrays.copyOfRange(computed, 1, computed.length));
        assertThat(computed[0]).isEqualTo(chi(path, ChiParameters.DEFAULT)[40]);
    }

    @Test
    void calculate_belowTheEdge_hasNegativeQ() throws IOException {
        FeffPath path = SyntheticFeff.path();
        ChiCalculator calculator = new ChiCalculator(with(10, null, true), KGrid.DEFAULT);

        double[] chi = calculator.calculate(path).chi();

        assertThat(calculator.columns()[0][0])
                .isEqualTo(-Math.sqrt(10 * ChiCalculator.K_SQUARED_OF_ENERGY), offset(1e-15));
        assertThat(Arrays.stream(chi).allMatch(Double::isFinite)).isTrue();
        assertThat(calculator.covers(path.arrays())).isFalse();
    }

    @Test
    void covers_rowsThatEndBeforeTheGrid_saysNo() throws IOException {
        FeffPath path = SyntheticFeff.path();

        assertThat(new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT).covers(path.arrays()))
                .isTrue();
        assertThat(new ChiCalculator(ChiParameters.DEFAULT, KGrid.of(0, 20.05, 0.05)).covers(path.arrays()))
                .isFalse();
        // A lower edge reads the columns at higher q.
        assertThat(new ChiCalculator(with(-5, null, true), KGrid.DEFAULT).covers(path.arrays()))
                .isFalse();
    }

    @Test
    void calculate_sameInput_hasTheSameBitsWhateverCameBefore() throws IOException {
        FeffPath path = SyntheticFeff.path();
        FeffArrays arrays = path.arrays();
        FeffArrays shorter = new FeffArrays(
                Arrays.copyOf(arrays.k(), 50),
                Arrays.copyOf(arrays.realPhase(), 50),
                Arrays.copyOf(arrays.magnitude(), 50),
                Arrays.copyOf(arrays.phase(), 50),
                Arrays.copyOf(arrays.reduction(), 50),
                Arrays.copyOf(arrays.meanFreePath(), 50),
                Arrays.copyOf(arrays.realMomentum(), 50));
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        double[] first = calculator.calculate(path).chi();

        double[] other = calculator.calculate(shorter, 3, 2.5).chi();

        assertThat(other).isNotEqualTo(first);
        assertThat(calculator.calculate(path).chi()).isEqualTo(first);
        assertThat(chi(path, ChiParameters.DEFAULT)).isEqualTo(first);
    }

    @Test
    void calculate_whatHasNoChi_isRefused() throws IOException {
        FeffPath path = SyntheticFeff.path();
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);

        assertThatThrownBy(() -> calculator.calculate(path.arrays(), 1, 0.049))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 0.05 Å, found 0.049");
        assertThatThrownBy(() -> new ChiCalculator(
                                new ChiParameters(1, 0, 0, -1e300, 0, 0, 0, null, Interpolation.CUBIC, true),
                                KGrid.DEFAULT)
                        .calculate(path))
                .isInstanceOf(ArithmeticException.class);
    }

    private static double[] chi(FeffPath path, ChiParameters parameters) {
        return new ChiCalculator(parameters, KGrid.DEFAULT).calculate(path).chi();
    }

    private static ChiParameters with(double e0, @Nullable Double degeneracy, boolean extrapolatesFirst) {
        return new ChiParameters(1, e0, 0, 0, 0, 0, 0, degeneracy, Interpolation.CUBIC, extrapolatesFirst);
    }
}
