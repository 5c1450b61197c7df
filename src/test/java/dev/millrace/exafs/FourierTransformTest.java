package dev.millrace.exafs;

import static dev.millrace.exafs.ExafsReference.column;
import static dev.millrace.exafs.ExafsReference.difference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class FourierTransformTest {
    private static final double TOLERANCE = 1e-10;

    @Test
    void forwardAndBack_referenceSettings_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        double[] k = KGrid.DEFAULT.toArray();
        double[] chi = copperSum().chi();
        int compared = 0;
        int back = 0;
        for (Map.Entry<String, JsonNode> entry :
                ExafsReference.meta().get("fourier").properties()) {
            Path file = ExafsReference.DATA.resolve("reference").resolve(entry.getKey() + ".csv");
            if (!Files.exists(file)) {
                continue;
            }
            JsonNode set = entry.getValue();
            double dk = set.get("dk").asDouble();
            FourierWindow.Range range = new FourierWindow.Range(
                    FourierWindow.parse(set.get("window").asString()),
                    set.get("kmin").asDouble(),
                    set.get("kmax").asDouble(),
                    dk,
                    set.get("dk2").isNull() ? dk : set.get("dk2").asDouble());

            FourierTransform.Result found =
                    FourierTransform.forward(k, chi, range, set.get("kweight").asInt(), 10);

            Map<String, double[]> table = ExafsReference.csv(file);
            assertThat(difference(found.x(), column(table, "r"))).isLessThan(1e-14);
            assertThat(difference(found.real(), column(table, "chir_re")))
                    .as(entry.getKey())
                    .isLessThan(TOLERANCE);
            assertThat(difference(found.imaginary(), column(table, "chir_im"))).isLessThan(TOLERANCE);
            assertThat(difference(found.magnitude(), column(table, "chir_mag"))).isLessThan(TOLERANCE);
            double[] window = column(ExafsReference.csv(entry.getKey() + "_kwin.csv"), "kwin");
            assertThat(difference(found.window(), window)).isLessThan(1e-13);
            compared++;
            back += compareBack(entry.getKey(), found, range.shape());
        }
        assertThat(compared).isGreaterThanOrEqualTo(12);
        assertThat(back).isGreaterThanOrEqualTo(4);
    }

    private static int compareBack(String name, FourierTransform.Result forward, FourierWindow shape)
            throws IOException {
        Path file = ExafsReference.DATA.resolve("reference").resolve(name + "_bft_r1-3.2_dr0.5.csv");
        if (!Files.exists(file)) {
            return 0;
        }
        FourierTransform.Result found = FourierTransform.back(
                forward.x(),
                forward.real(),
                forward.imaginary(),
                new FourierWindow.Range(shape, 1, 3.2, 0.5, 0.5),
                0,
                20);
        Map<String, double[]> table = ExafsReference.csv(file);
        assertThat(difference(found.x(), column(table, "q"))).isLessThan(1e-13);
        assertThat(difference(found.real(), column(table, "chiq_re"))).isLessThan(TOLERANCE);
        assertThat(difference(found.imaginary(), column(table, "chiq_im"))).isLessThan(TOLERANCE);
        assertThat(difference(found.window(), column(ExafsReference.csv(name + "_bft_rwin.csv"), "rwin")))
                .isLessThan(1e-13);
        return 1;
    }

    /** The sum that the references are transforms of. */
    static PathChi copperSum() throws IOException {
        List<PathSum.Term> terms = new ArrayList<>();
        for (int i = 1; i <= 13; i++) {
            FeffPath path = FeffFile.read(
                    ExafsReference.DATA.resolve("xraylarch/examples/feffit/Feff_Cu/feff00%02d.dat".formatted(i)));
            terms.add(new PathSum.Term(
                    path,
                    new ChiParameters(
                            0.9,
                            1.5,
                            -0.002 * i,
                            0.003 + 0.0004 * i,
                            0,
                            0,
                            0,
                            null,
                            ChiParameters.Interpolation.CUBIC,
                            true)));
        }
        return PathSum.of(terms, KGrid.DEFAULT);
    }

    @Test
    void forward_oneWave_peaksAtItsDistance() {
        double[] k = KGrid.DEFAULT.toArray();
        double[] chi = Arrays.stream(k)
                .map(x -> x == 0 ? 0 : Math.sin(2 * x * 2.5) / x / x)
                .toArray();

        FourierTransform.Result found =
                FourierTransform.forward(k, chi, new FourierWindow.Range(FourierWindow.HANNING, 3, 15, 1, 1), 2, 6);

        double[] magnitude = found.magnitude();
        int top = 0;
        for (int i = 0; i < magnitude.length; i++) {
            top = magnitude[i] > magnitude[top] ? i : top;
        }
        assertThat(found.x()[top]).isBetween(2.47, 2.53);
    }

    @ParameterizedTest
    @EnumSource
    void back_ofForward_isTheWaveWithinTheWindow(FourierWindow shape) {
        double[] k = KGrid.DEFAULT.toArray();
        double[] chi = Arrays.stream(k).map(x -> Math.sin(2 * x * 2.5)).toArray();
        FourierTransform.Result forward =
                FourierTransform.forward(k, chi, new FourierWindow.Range(shape, 2, 18, 2, 2), 0, 10);

        FourierTransform.Result back = FourierTransform.back(
                forward.x(),
                forward.real(),
                forward.imaginary(),
                new FourierWindow.Range(FourierWindow.HANNING, 0, 10, 0, 0),
                0,
                20);

        // In the middle of the window only; there it is the wave times the window.
        for (int n = 180; n < 220; n++) {
            assertThat(back.real()[n]).isCloseTo(chi[n] * forward.window()[n], within(0.03));
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double most) {
        return org.assertj.core.data.Offset.offset(most);
    }

    @Test
    void forward_whatCannotBeTransformed_isRefused() {
        double[] k = {0, 1, 2};
        FourierWindow.Range range = new FourierWindow.Range(FourierWindow.KAISER, 0, 20, 1, 1);

        assertThatThrownBy(() -> FourierTransform.forward(k, new double[] {1, 2}, range, 2, 10))
                .hasMessageContaining("expected as many values as k, found 2 for 3");
        assertThatThrownBy(() -> FourierTransform.forward(k, new double[] {1, Double.NaN, 2}, range, 2, 10))
                .hasMessageContaining("NaN at 1.0");
        assertThatThrownBy(() -> FourierTransform.forward(new double[] {0, 0, 1}, k, range, 2, 10))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FourierTransform.forward(new double[] {0, 1e-4, 20}, k, range, 2, 10))
                .hasMessageContaining("Take a larger step");
        assertThatThrownBy(() -> FourierTransform.back(new double[] {0, 1, 3}, k, k, range, 0, 10))
                .hasMessageContaining("in steps of 1.0, found 3.0");
        assertThatThrownBy(() -> FourierWindow.parse("bessel")).hasMessageContaining("found 'bessel'");
        assertThatThrownBy(() -> new FourierWindow.Range(FourierWindow.SINE, 3, 3, 1, 1))
                .hasMessageContaining("found 3.0 and 3.0");
    }

    @ParameterizedTest
    @EnumSource
    void windows_ofAnyRange_areFinite(FourierWindow shape) {
        for (double min : new double[] {-3, 0, 0.01, 7, 40}) {
            for (double width : new double[] {1e-6, 0.05, 1, 100}) {
                for (double edge : new double[] {0, 1e-9, 0.3, 5, 60}) {
                    double[] window = FourierWindow.values(
                            new FourierWindow.Range(shape, min, min + width, edge, edge / 2), 0.05, 401);
                    assertThat(window).as("%s %s %s", min, width, edge).doesNotContain(Double.NaN);
                    assertThat(Arrays.stream(window).allMatch(Double::isFinite)).isTrue();
                }
            }
        }
    }

    @Test
    void besselI0_tabulatedValues_areMet() {
        assertThat(FourierWindow.besselI0(0)).isEqualTo(1);
        assertThat(FourierWindow.besselI0(1)).isEqualTo(1.2660658777520084, within(3e-16));
        assertThat(FourierWindow.besselI0(10) / 2815.716628466254).isEqualTo(1, within(1e-15));
    }
}
