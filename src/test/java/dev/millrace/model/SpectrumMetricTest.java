package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpectrumMetricTest {
    private static final float[] NOTHING = new float[4];
    private static final SpectrumAxis FOUR = new SpectrumAxis(4, 1, 0);

    @Test
    void cosine_equalOrthogonalOpposite_isOneZeroMinusOne() {
        float[] a = {1, 2, 0, 3};
        assertThat(SpectrumMetric.cosine(a, a)).isCloseTo(1, within(1e-12));
        assertThat(SpectrumMetric.cosine(new float[] {1, 0, 2, 0}, new float[] {0, 3, 0, 1}))
                .isZero();
        assertThat(SpectrumMetric.cosine(a, new float[] {-1, -2, 0, -3})).isCloseTo(-1, within(1e-12));
    }

    @Test
    void spectralAngle_equalOrthogonalOpposite_is0And90And180() {
        float[] a = {0, 2, 0, 0};
        assertThat(SpectrumMetric.spectralAngle(a, a)).isZero();
        assertThat(SpectrumMetric.spectralAngle(a, new float[] {1, 0, 0, 0})).isCloseTo(90, within(1e-9));
        assertThat(SpectrumMetric.spectralAngle(a, new float[] {0, -1, 0, 0})).isCloseTo(180, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(SpectrumMetric.class)
    void everyMetric_emptySpectra_isANumber(SpectrumMetric metric) {
        float[] some = {0, 1, 0.5f, 0};
        double nothing = metric == SpectrumMetric.SPECTRAL_ANGLE ? 90 : 0;
        assertThat(metric.of(NOTHING, NOTHING, FOUR)).isEqualTo(nothing);
        assertThat(metric.of(some, NOTHING, FOUR)).isFinite();
        assertThat(metric.of(NOTHING, some, FOUR)).isFinite();
    }

    @Test
    void weightedCosine_twoPeaks_equalsTheFormula() {
        float[] predicted = {0, 1, 0.25f, 0};
        float[] expected = {0, 0.5f, 1, 0};
        double a1 = 1;
        double a2 = Math.pow(0.25, 0.5) * 8;
        double b1 = Math.pow(0.5, 0.5);
        double b2 = 8;
        double stein = (a1 * b1 + a2 * b2) / Math.sqrt((a1 * a1 + a2 * a2) * (b1 * b1 + b2 * b2));

        assertThat(SpectrumMetric.WEIGHTED_COSINE_STEIN.of(predicted, expected, FOUR))
                .isCloseTo(stein, within(1e-9));
        assertThat(SpectrumMetric.weightedCosine(predicted, expected, FOUR, 1, 0))
                .isCloseTo(SpectrumMetric.cosine(predicted, expected), within(1e-9));
        assertThat(SpectrumMetric.WEIGHTED_COSINE_NIST.of(predicted, expected, FOUR))
                .isCloseTo(SpectrumMetric.weightedCosine(predicted, expected, FOUR, 0.6, 3), within(0.0));
        assertThat(SpectrumMetric.WEIGHTED_COSINE_KIM.of(predicted, expected, FOUR))
                .isCloseTo(SpectrumMetric.weightedCosine(predicted, expected, FOUR, 0.53, 1.3), within(0.0));
    }

    @Test
    void pearson_linearRelation_isOne() {
        assertThat(SpectrumMetric.pearson(new float[] {1, 2, 3, 4}, new float[] {3, 5, 7, 9}))
                .isCloseTo(1, within(1e-12));
        assertThat(SpectrumMetric.pearson(new float[] {1, 2, 3, 4}, new float[] {4, 3, 2, 1}))
                .isCloseTo(-1, within(1e-12));
        assertThat(SpectrumMetric.pearson(new float[] {1, 1, 1, 1}, new float[] {4, 3, 2, 1}))
                .isZero();
    }

    @Test
    void errors_knownDifference_areItsMeans() {
        float[] predicted = {1, 0, 0, 0};
        float[] expected = {0, 0, 0, 3};
        assertThat(SpectrumMetric.meanSquaredError(predicted, expected)).isEqualTo(2.5);
        assertThat(SpectrumMetric.meanAbsoluteError(predicted, expected)).isEqualTo(1);
    }

    @Test
    void topRecall_allNoneHalfOfThePeaks_isOneZeroHalf() {
        float[] expected = {9, 8, 0, 0, 1};
        assertThat(SpectrumMetric.topRecall(expected, expected, 2)).isEqualTo(1);
        assertThat(SpectrumMetric.topRecall(new float[] {0, 0, 5, 4, 0}, expected, 2))
                .isZero();
        assertThat(SpectrumMetric.topRecall(new float[] {7, 0, 5, 0, 0}, expected, 2))
                .isEqualTo(0.5);
    }

    @Test
    void topRecall_moreThanThereAre_countsTheExistingPeaks() {
        float[] expected = {9, 8, 0, 0, 1};
        assertThat(SpectrumMetric.topRecall(expected, expected, 50)).isEqualTo(1);
        // Two of three expected peaks are predicted; bins at 0 are no peaks, even where k has room for them.
        assertThat(SpectrumMetric.topRecall(new float[] {1, 1, 0, 0, 0}, expected, 50))
                .isCloseTo(2.0 / 3, within(1e-12));
    }

    @Test
    void topPeaks_equalValues_areOrderedByBin() {
        assertThat(SpectrumMetric.topPeaks(new float[] {1, 3, 2, 3, 3}, 3)).containsExactly(1, 3, 4);
        assertThat(SpectrumMetric.topPeaks(new float[] {1, 3, 2, 3, 4}, 4)).containsExactly(4, 1, 3, 2);
    }

    @Test
    void of_differentLengths_isRefused() {
        assertThatThrownBy(() -> SpectrumMetric.COSINE.of(new float[3], new float[4], FOUR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 4 bins, found 3");
        assertThatThrownBy(() -> SpectrumMetric.COSINE.of(new float[5], new float[5], FOUR))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void evaluator_shortLastBatch_countsEverySampleOnce() {
        SpectrumAxis axis = new SpectrumAxis(2, 1, 0);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray same = Arrays64.floats(manager, new Shape(3, 2), 1, 0, 1, 0, 1, 0);
            NDArray one = Arrays64.floats(manager, new Shape(1, 2), 1, 0);
            NDArray other = Arrays64.floats(manager, new Shape(1, 2), 0, 1);
            SpectrumEvaluator evaluator = new SpectrumEvaluator(SpectrumMetric.COSINE, axis);
            evaluator.addAccumulator("train");
            evaluator.updateAccumulator("train", new NDList(same), new NDList(same));
            evaluator.updateAccumulator("train", new NDList(one), new NDList(other));

            assertThat(evaluator.getAccumulator("train")).isEqualTo(0.75f);
            try (NDArray mean = evaluator.evaluate(new NDList(same), new NDList(same))) {
                assertThat(mean.getFloat()).isEqualTo(1);
            }
            evaluator.resetAccumulator("train");
            assertThat(evaluator.getAccumulator("train")).isNaN();
        }
    }
}
