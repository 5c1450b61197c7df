package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RegridTest {
    @Test
    void onto_sameGrid_isACopy() {
        double[] k = {0, 1, 2, 4};
        double[] chi = {0.1, -0.2, 0.3, 0.7};

        double[] found = Regrid.onto(k, chi, KGrid.of(k));

        assertThat(found).isEqualTo(chi).isNotSameAs(chi);
    }

    @Test
    void onto_cubic_isExact() {
        double[] k = {0, 0.5, 1.7, 2, 3.1, 5};
        double[] chi = Arrays.stream(k).map(RegridTest::cubic).toArray();
        KGrid grid = KGrid.of(0.1, 5, 0.07);

        double[] found = Regrid.onto(k, chi, grid);

        for (int i = 0; i < grid.size(); i++) {
            assertThat(found[i]).isEqualTo(cubic(grid.get(i)), offset(1e-12));
        }
    }

    private static double cubic(double k) {
        return 1 - 2 * k + 0.5 * k * k - 0.1 * k * k * k;
    }

    @Test
    void onto_knots_keepTheirBits() {
        double[] k = KGrid.DEFAULT.toArray();
        double[] chi = Arrays.stream(k).map(Math::sin).toArray();

        double[] found = Regrid.onto(k, chi, KGrid.of(Arrays.copyOfRange(k, 1, 300)));

        assertThat(found).isEqualTo(Arrays.copyOfRange(chi, 1, 300));
    }

    @Test
    void onto_gridBeyondChi_isRefusedNeverZero() {
        double[] k = {0.05, 1, 2, 4};
        double[] chi = {0, 1, 2, 3};

        assertThatThrownBy(() -> Regrid.onto(k, chi, KGrid.of(0, 4, 1)))
                .hasMessageContaining("expected a grid within k 0.05 … 4.0 Å⁻¹");
        assertThatThrownBy(() -> Regrid.onto(k, chi, KGrid.of(1, 5, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Regrid.onto(k, new double[3], KGrid.of(k))).hasMessageContaining("found 3 for 4");
        assertThatThrownBy(() -> Regrid.onto(k, new double[] {0, Double.NaN, 0, 0}, KGrid.of(k)))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Regrid.onto(new double[] {0, 1, 2}, new double[3], KGrid.of(0, 2, 0.5)))
                .hasMessageContaining("at least 4");
    }
}
