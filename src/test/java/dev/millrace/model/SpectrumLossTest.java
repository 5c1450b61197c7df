package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpectrumLossTest {
    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void cosine_equalOrthogonalEmpty_isZeroOneOne() {
        NDArray expected = Arrays64.floats(manager, new Shape(3, 2), 1, 0, 0, 1, 1, 1);
        NDArray predicted = Arrays64.floats(manager, new Shape(3, 2), 5, 0, 2, 0, 0, 0);

        assertThat(value(SpectrumLoss.cosine(), expected, predicted)).isCloseTo(2 / 3f, within(1e-6f));
        assertThat(value(SpectrumLoss.cosine(), expected, expected)).isCloseTo(0, within(1e-6f));
    }

    @Test
    void otherKinds_knownDifferences_equalTheirFormulas() {
        NDArray expected = Arrays64.floats(manager, new Shape(1, 2), 0, 0);
        NDArray predicted = Arrays64.floats(manager, new Shape(1, 2), 0.5f, -3);

        assertThat(value(SpectrumLoss.meanSquaredError(), expected, predicted)).isEqualTo((0.25f + 9) / 2);
        assertThat(value(SpectrumLoss.of(SpectrumLoss.Kind.L1), expected, predicted))
                .isEqualTo(1.75f);
        assertThat(value(SpectrumLoss.of(SpectrumLoss.Kind.SMOOTH_L1), expected, predicted))
                .isEqualTo((0.125f + 2.5f) / 2);
    }

    @Test
    void cosine_emptyPrediction_hasAFiniteGradient() {
        NDArray expected = Arrays64.floats(manager, new Shape(2, 2), 1, 0, 0, 0);
        NDArray predicted = Arrays64.floats(manager, new Shape(2, 2), 0, 0, 0, 0);
        predicted.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(SpectrumLoss.cosine().evaluate(new NDList(expected), new NDList(predicted)));
        }
        for (float entry : predicted.getGradient().toFloatArray()) {
            assertThat(entry).isFinite();
        }
    }

    @ParameterizedTest
    @EnumSource(SpectrumLoss.Kind.class)
    void everyKind_float64_gradientEqualsCentralDifferences(SpectrumLoss.Kind kind) {
        Random random = new Random(3);
        NDArray expected = Arrays64.random(manager, random, DataType.FLOAT64, 3, 5);
        NDArray predicted = Arrays64.random(manager, random, DataType.FLOAT64, 3, 5);

        double worst = GradientCheck.worstRelativeError(
                () -> SpectrumLoss.of(kind).evaluate(new NDList(expected), new NDList(predicted)),
                List.of(predicted),
                100,
                random);

        assertThat(worst).isLessThan(1e-7);
    }

    @Test
    void accumulator_shortLastBatch_countsEverySampleOnce() {
        SpectrumLoss loss = SpectrumLoss.meanSquaredError();
        loss.addAccumulator("train");
        NDArray zeros = Arrays64.floats(manager, new Shape(3, 1), 0, 0, 0);
        NDArray zero = Arrays64.floats(manager, new Shape(1, 1), 0);
        NDArray two = Arrays64.floats(manager, new Shape(1, 1), 2);
        loss.updateAccumulators(new String[] {"train"}, new NDList(zeros), new NDList(zeros));
        loss.updateAccumulators(new String[] {"train"}, new NDList(zero), new NDList(two));

        assertThat(loss.getAccumulator("train")).isEqualTo(1);
    }

    private static float value(SpectrumLoss loss, NDArray expected, NDArray predicted) {
        try (NDArray value = loss.evaluate(new NDList(expected), new NDList(predicted))) {
            return value.getFloat();
        }
    }
}
