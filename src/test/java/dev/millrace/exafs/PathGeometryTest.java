package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PathGeometryTest {
    @Test
    void of_threeLegs_hasTheirLengthsAndTurns() throws IOException {
        PathGeometry geometry = PathGeometry.of(SyntheticFeff.path());

        assertThat(geometry.legLengths()).containsExactly(new double[] {3, 2, Math.sqrt(13)}, offset(1e-15));
        // From (0,0,0) to (0,3,0) to (2,3,0) and back.
        assertThat(geometry.scatteringAngles())
                .containsExactly(
                        new double[] {180 - Math.toDegrees(Math.atan2(2, 3)), 90, 90 + Math.toDegrees(Math.atan2(2, 3))
                        },
                        offset(1e-12));
        assertThat(geometry.halfLength()).isEqualTo(4.3028, offset(1e-4));
        assertThat(PathGeometry.agrees(SyntheticFeff.path())).isTrue();
    }

    @Test
    void of_twoLegs_turnsStraightBack() throws IOException {
        FeffPath path = SyntheticFeff.parse(
                SyntheticFeff.text().replace("   3  12.000", "   2  12.000").replaceFirst(" .*26 Fe\n", ""));

        PathGeometry geometry = PathGeometry.of(path);

        assertThat(geometry.legLengths()).containsExactly(3, 3);
        assertThat(geometry.scatteringAngles()).containsExactly(180, 180);
        assertThat(PathGeometry.agrees(path)).isFalse();
    }

    @Test
    void of_atomsAtOnePlace_isFinite() throws IOException {
        FeffPath path =
                SyntheticFeff.parse(SyntheticFeff.text().replace("     2.0000    3.0000", "     0.0000    3.0000"));

        assertThat(PathGeometry.of(path).legLengths()).containsExactly(3, 0, 3);
        assertThat(PathGeometry.of(path).scatteringAngles()).containsExactly(180, 0, 0);
        assertThat(SigmaSquared.debye(300, 300, path)).isFinite();
    }

    @Test
    void einstein_limits_areThoseOfTheModel() {
        // Zero point: ħ²/(2μkΘ); classical: ħ²T/(μkΘ²).
        assertThat(SigmaSquared.einstein(0, 200, 30)).isEqualTo(48.50873412148996 / (2 * 200 * 30.0), offset(1e-12));
        assertThat(SigmaSquared.einstein(1e5, 200, 30))
                .isEqualTo(48.50873412148996 * 1e5 / (30.0 * 200 * 200), offset(1e-5));
        assertThat(SigmaSquared.einstein(300, 233, 31.773)).isBetween(0.0075, 0.0095);
        assertThatThrownBy(() -> SigmaSquared.einstein(-1, 200, 30)).hasMessageContaining("found -1.0");
        assertThatThrownBy(() -> SigmaSquared.einstein(1, Double.NaN, 30)).hasMessageContaining("found NaN");
        assertThatThrownBy(() -> SigmaSquared.einstein(1, 200, 0)).hasMessageContaining("reduced mass");
    }

    /** σ² of the first shell of copper, Θ 315 K, which Sevillano, Meuth and Rehr (1979) give as 0.0080 … 0.0087 Å² at 295 K. */
    @Test
    void debye_copper_isKnown() throws IOException {
        ExafsReference.assumeHere();
        FeffPath path = FeffFile.read(ExafsReference.DATA.resolve("xraylarch/examples/feffit/Feff_Cu/feff0001.dat"));

        assertThat(SigmaSquared.debye(295, 315, path)).isBetween(0.0080, 0.0090);
        // Further atoms move less together.
        FeffPath third = FeffFile.read(ExafsReference.DATA.resolve("xraylarch/examples/feffit/Feff_Cu/feff0002.dat"));
        assertThat(SigmaSquared.debye(295, 315, third)).isGreaterThan(SigmaSquared.debye(295, 315, path));
        assertThat(SigmaSquared.debye(10, 315, path)).isLessThan(0.0045);
    }
}
