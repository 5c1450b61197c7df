package dev.millrace.model;

import static dev.millrace.model.Arrays64.floats;
import static dev.millrace.model.Arrays64.longs;
import static dev.millrace.model.Arrays64.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScatterAddTest {
    private final Random random = new Random(7);
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT32", "FLOAT64"})
    void sumRows_randomIndex_equalsLoop(DataType type) {
        int rows = 7;
        int width = 5;
        int values = 40;
        NDArray array = random(manager, random, type, values, width);
        long[] index = random.longs(values, 0, rows).toArray();
        NDArray sums = ScatterAdd.sumRows(
                array, longs(manager, new Shape(values), index), manager.create(new Shape(rows, 2), type));

        double[] in = array.toType(DataType.FLOAT64, true).toDoubleArray();
        double[] expected = new double[rows * width];
        for (int k = 0; k < values; k++) {
            for (int w = 0; w < width; w++) {
                expected[(int) index[k] * width + w] += in[k * width + w];
            }
        }
        assertThat(sums.getDataType()).isEqualTo(type);
        assertThat(sums.getShape()).isEqualTo(new Shape(rows, width));
        assertThat(sums.toType(DataType.FLOAT64, true).toDoubleArray())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : 1)
                .containsExactly(expected);
    }

    @Test
    void maxRows_negativeValuesAndAnEmptyRow_ignoresTheZeroStart() {
        NDArray values = floats(manager, new Shape(3, 1), -3, -2, -5);
        NDArray index = longs(manager, new Shape(3), 0, 0, 2);

        NDArray largest = ScatterAdd.maxRows(values, index, manager.create(new Shape(3)));

        assertThat(largest.toFloatArray()).containsExactly(-2, 0, -5);
    }

    @Test
    void everyKernel_float64_gradientsEqualCentralDifferences() {
        NDArray values = random(manager, random, DataType.FLOAT64, 6, 4);
        NDArray added = random(manager, random, DataType.FLOAT64, 9, 4);
        NDArray index = longs(manager, new Shape(9), 0, 5, 5, 2, 1, 1, 1, 3, 0);
        NDArray back = longs(manager, new Shape(9), 2, 2, 0, 1, 3, 3, 0, 1, 1);
        NDArray like = manager.create(new Shape(5));
        NDArray weights = random(manager, random, DataType.FLOAT64, 5, 4);
        CodeColumns columns = CodeColumns.of(new FeatureInput.Codes(List.of(2, 4)));
        NDArray table = random(manager, random, DataType.FLOAT64, 6, 4);
        NDArray rows = columns.rowsOf(longs(manager, new Shape(5, 2), 0, 1, 1, 2, 1, 3, 0, 0, 1, 3));
        NDArray edgeRows =
                columns.rowsOf(longs(manager, new Shape(9, 2), 0, 1, 1, 2, 1, 3, 0, 0, 1, 3, 0, 0, 1, 1, 0, 2, 1, 2));
        NDArray root = random(manager, random, DataType.FLOAT64, 1, 1);
        NDArray targets = longs(manager, new Shape(9), 2, 2, 0, 1, 5, 3, 0, 4, 1);
        NDArray firstMap = random(manager, random, DataType.FLOAT64, 3, 4);
        NDArray firstBias = random(manager, random, DataType.FLOAT64, 3);
        NDArray secondMap = random(manager, random, DataType.FLOAT64, 4, 3);
        NDArray secondBias = random(manager, random, DataType.FLOAT64, 4);
        NDArray readOut = random(manager, random, DataType.FLOAT64, 6, 4);

        double worst = GradientCheck.worstRelativeError(
                () -> {
                    NDArray messages = ScatterAdd.addRowsRelu(values, added, index);
                    NDArray taken = ScatterAdd.takeRows(values, index).mul(added);
                    NDArray sum = ScatterAdd.sumRows(messages, back, like);
                    NDArray largest = ScatterAdd.maxRows(taken, back, like);
                    NDArray embedded = columns.embed(rows, table);
                    NDArray joined = ScatterAdd.ginJoin(values, root, index, targets)
                            .add(ScatterAdd.gineJoin(values, root, index, targets, added))
                            .add(columns.gineJoin(values, root, index, targets, edgeRows, table));
                    NDArray mapped = joined;
                    for (GraphEncoderConfig.ActivationKind kind : GraphEncoderConfig.ActivationKind.values()) {
                        mapped = mapped.add(
                                ScatterAdd.perceptron(kind, joined, firstMap, firstBias, secondMap, secondBias));
                    }
                    return weights.mul(sum.square().add(largest).add(embedded.square()))
                            .sum()
                            .add(mapped.square().mul(readOut).sum());
                },
                List.of(values, added, table, root, firstMap, firstBias, secondMap, secondBias),
                100,
                random);

        assertThat(worst).isLessThan(1e-7);
    }

    @Test
    void kernels_withoutEdges_giveZerosAndGradients() {
        NDArray values = random(manager, random, DataType.FLOAT32, 3, 2);
        NDArray none = longs(manager, new Shape(0));
        values.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray messages = ScatterAdd.addRowsRelu(values, floats(manager, new Shape(0, 2)), none);
            assertThat(messages.getShape()).isEqualTo(new Shape(0, 2));
            NDArray sum = ScatterAdd.sumRows(messages, none, values);
            NDArray largest = ScatterAdd.maxRows(messages, none, values);
            assertThat(sum.toFloatArray()).containsOnly(0).hasSize(6);
            assertThat(largest.toFloatArray()).containsOnly(0).hasSize(6);
            collector.backward(sum.add(values).sum());
        }
        assertThat(values.getGradient().toFloatArray()).containsOnly(1);
    }

    @Test
    void sumRows_indexOutsideRange_isRefused() {
        NDArray values = random(manager, random, DataType.FLOAT32, 3, 2);
        NDArray like = manager.create(new Shape(2));

        assertThatThrownBy(() -> ScatterAdd.sumRows(values, longs(manager, new Shape(3), 0, 1, 2), like))
                .isInstanceOf(EngineException.class);
        assertThatThrownBy(() -> ScatterAdd.takeRows(values, longs(manager, new Shape(1), -1)))
                .isInstanceOf(EngineException.class);
    }

    @Test
    void results_belongToTheManagerOfTheFirstArgument() {
        try (NDManager batch = manager.newSubManager()) {
            NDArray index = longs(batch, new Shape(2), 1, 0);
            NDArray values = random(manager, random, DataType.FLOAT32, 2, 2);
            assertThat(ScatterAdd.sumRows(values, index, values).getManager()).isSameAs(manager);
            int before =
                    manager.getManagedArrays().size() - batch.getManagedArrays().size();
            NDArray inner = random(batch, random, DataType.FLOAT32, 2, 2);
            assertThat(ScatterAdd.sumRows(inner, index, values).getManager()).isSameAs(batch);
            assertThat(manager.getManagedArrays().size()
                            - batch.getManagedArrays().size())
                    .isEqualTo(before);
        }
    }

    @Test
    void withoutGradients_onAnotherThread_recordsNothingAndRestores() throws InterruptedException {
        NDArray values = random(manager, random, DataType.FLOAT32, 2, 2);
        values.setRequiresGradient(true);
        NDArray index = longs(manager, new Shape(2), 1, 0);
        AtomicReference<List<Boolean>> seen = new AtomicReference<>(List.of());
        Thread thread = new Thread(() -> {
            boolean before = ScatterAdd.gradientsOn();
            List<Boolean> inside = GradientPause.during(() -> List.of(
                    ScatterAdd.gradientsOn(),
                    ScatterAdd.sumRows(values, index, values).hasGradient()));
            seen.set(List.of(before, inside.get(0), inside.get(1), ScatterAdd.gradientsOn()));
        });
        thread.start();
        thread.join();

        // A thread that DJL did not prepare records by default; that is why the pause exists.
        assertThat(seen.get()).containsExactly(true, false, false, true);
    }
}
