package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.spectra.SpectrumOptions.Binning;
import dev.millrace.spectra.SpectrumOptions.Scale;
import dev.millrace.spectra.SpectrumOptions.Transform;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpectrumOptionsTest {
    private static final SpectrumOptions FINE = options(1, 0.1, Binning.FLOOR, 0);

    @Test
    void vector_defaults_keepsTheLargestOfEachBinAndDropsFromThousandOn() {
        Peaks peaks = Peaks.of(new double[] {46, 46.9, 47, 999.999, 1000, 1500}, new double[] {5, 10, 2, 1, 99, 99});
        float[] vector = SpectrumOptions.defaults().vector(peaks);
        assertThat(vector).hasSize(1000);
        assertThat(vector[46]).isEqualTo(1f);
        assertThat(vector[47]).isEqualTo(0.2f);
        assertThat(vector[999]).isEqualTo(0.1f);
        assertThat(sum(vector)).isCloseTo(1.3, within(1e-6));
    }

    @Test
    void position_quotientJustBelowAWholeNumber_countsAsThatNumber() {
        // In binary 0.3 / 0.1 is 2.9999999999999996 and 0.7 / 0.1 is 6.999999999999999.
        assertThat(FINE.bins()).isEqualTo(10);
        assertThat(FINE.position(0.3)).isEqualTo(3);
        assertThat(FINE.position(0.7)).isEqualTo(7);
        assertThat(FINE.position(0.2999)).isEqualTo(2);
        for (int tenth = 0; tenth < 10; tenth++) {
            assertThat(FINE.position(tenth / 10.0)).isEqualTo(tenth);
            assertThat(FINE.position(tenth / 10.0 + 0.05)).isEqualTo(tenth);
        }
        assertThat(FINE.position(1.0)).isEqualTo(-1);
        assertThat(options(0.3, 0.1, Binning.FLOOR, 0).bins()).isEqualTo(3);
    }

    @Test
    void position_roundFromOne_isThatOfTheLaterOriginal() {
        SpectrumOptions options = options(1000, 1, Binning.ROUND, 1);
        assertThat(options.position(46)).isEqualTo(45);
        assertThat(options.position(45.6)).isEqualTo(45);
        assertThat(options.position(46.5)).isEqualTo(45);
        assertThat(options.position(47.5)).isEqualTo(47);
        assertThat(options.position(0.4)).isEqualTo(-1);
        assertThat(options.position(1000.4)).isEqualTo(999);
        assertThat(options.position(1001)).isEqualTo(-1);
        assertThat(options.position(1e300)).isEqualTo(-1);
    }

    @Test
    void vector_transforms_keepTheBasePeakAtOne() {
        Peaks peaks = Peaks.of(new double[] {10, 20, 30}, new double[] {1000, 250, 1});
        float[] root = new SpectrumOptions(100, 1, Binning.FLOOR, 0, Transform.SQRT, 0, Scale.BASE_PEAK).vector(peaks);
        assertThat(root[10]).isEqualTo(1f);
        assertThat(root[20]).isEqualTo(0.5f);
        float[] log = new SpectrumOptions(100, 1, Binning.FLOOR, 0, Transform.LOG, 0, Scale.BASE_PEAK).vector(peaks);
        assertThat(log[10]).isEqualTo(1f);
        assertThat(log[20]).isEqualTo((float) (Math.log(1.25) / Math.log(2)));
        float[] raw = new SpectrumOptions(100, 1, Binning.FLOOR, 0, Transform.NONE, 5, Scale.RAW).vector(peaks);
        assertThat(raw[10]).isEqualTo(1000f);
        assertThat(raw[30]).isZero();
        float[] cut =
                new SpectrumOptions(100, 1, Binning.FLOOR, 0, Transform.NONE, 0.25, Scale.BASE_PEAK).vector(peaks);
        assertThat(cut[20]).isEqualTo(0.25f);
        assertThat(cut[30]).isZero();
    }

    @Test
    void vector_nothingInRange_isAllZeroAndNoNaN() {
        float[] vector = SpectrumOptions.defaults().vector(Peaks.of(new double[] {2000}, new double[] {1}));
        assertThat(sum(vector)).isZero();
        assertThat(SpectrumOptions.defaults().isEmpty(Peaks.of(new double[] {2000, 5}, new double[] {1, 0})))
                .isTrue();
    }

    @Test
    void fromInfo_ofToInfo_isTheSame() {
        SpectrumOptions options = new SpectrumOptions(500.5, 0.1, Binning.ROUND, 1, Transform.LOG, 0.001, Scale.RAW);
        assertThat(SpectrumOptions.fromInfo(options.toInfo())).isEqualTo(options);
        Map<String, String> incomplete = new HashMap<>(options.toInfo());
        incomplete.remove("spectrum_origin");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpectrumOptions.fromInfo(incomplete))
                .withMessageContaining("spectrum_origin");
    }

    @Test
    void constructor_valuesOutOfRange_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> options(1000, 0, Binning.FLOOR, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> options(Double.NaN, 1, Binning.FLOOR, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> options(1e6, 1e-6, Binning.FLOOR, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> options(1000, 1, Binning.FLOOR, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpectrumOptions(10, 1, Binning.FLOOR, 0, Transform.NONE, Double.NaN, Scale.RAW));
    }

    private static SpectrumOptions options(double max, double size, Binning binning, int origin) {
        return new SpectrumOptions(max, size, binning, origin, Transform.NONE, 0, Scale.BASE_PEAK);
    }

    private static double sum(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += value;
        }
        return sum;
    }
}
