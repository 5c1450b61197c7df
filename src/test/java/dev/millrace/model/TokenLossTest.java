package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenLossTest {
    private static final int VOCABULARY = 7;

    private final Random random = new Random(3);
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void evaluate_someTokensMasked_equalsTheFormulaTokenByToken() {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 3, 5, VOCABULARY);
        long[] ids = random.longs(15, 0, VOCABULARY).toArray();
        float[] mask = new float[15];
        for (int i = 0; i < 15; i++) {
            mask[i] = i % 3 == 0 ? 0 : 1;
        }
        double nats = 0;
        int hits = 0;
        float[] values = logits.toFloatArray();
        for (int i = 0; i < 15; i++) {
            double sum = 0;
            int best = 0;
            for (int v = 0; v < VOCABULARY; v++) {
                sum += Math.exp(values[i * VOCABULARY + v]);
                best = values[i * VOCABULARY + v] > values[i * VOCABULARY + best] ? v : best;
            }
            nats += mask[i] * (Math.log(sum) - values[i * VOCABULARY + (int) ids[i]]);
            hits += mask[i] == 1 && best == ids[i] ? 1 : 0;
        }
        NDList labels = labels(3, ids, mask);
        NDList predictions = new NDList(logits);

        assertThat((double)
                        TokenLoss.crossEntropy().evaluate(labels, predictions).getFloat())
                .isCloseTo(nats / 10, within(1e-6));
        assertThat((double)
                        TokenLoss.bitsPerBase().evaluate(labels, predictions).getFloat())
                .isCloseTo(nats / 10 / Math.log(2), within(1e-6));
        assertThat((double) TokenLoss.accuracy().evaluate(labels, predictions).getFloat())
                .isCloseTo(hits / 10.0, within(1e-6));
        assertThat(TokenLoss.crossEntropy().weight(labels)).isEqualTo(10);
    }

    @Test
    void evaluate_everythingMasked_isZeroWithZeroGradients() {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 2, 4, VOCABULARY);
        logits.setRequiresGradient(true);
        NDList labels = labels(2, new long[8], new float[8]);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            NDArray loss = TokenLoss.crossEntropy().evaluate(labels, new NDList(logits));
            assertThat(loss.getFloat()).isZero();
            collector.backward(loss);
        }
        assertThat(logits.getGradient().toFloatArray()).containsOnly(0f);
        assertThat(TokenLoss.bitsPerBase().evaluate(labels, new NDList(logits)).getFloat())
                .isZero();
        assertThat(TokenLoss.accuracy().evaluate(labels, new NDList(logits)).getFloat())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -100, VOCABULARY, 1_000_000, Long.MIN_VALUE})
    void evaluate_maskedLabelOfAnyValue_isNotLookedAt(long id) {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 1, 3, VOCABULARY);
        float[] mask = {1, 0, 1};

        float plain = TokenLoss.crossEntropy()
                .evaluate(labels(1, new long[] {2, 0, 3}, mask), new NDList(logits))
                .getFloat();
        float odd = TokenLoss.crossEntropy()
                .evaluate(labels(1, new long[] {2, id, 3}, mask), new NDList(logits))
                .getFloat();

        assertThat(odd).isEqualTo(plain);
    }

    @Test
    void evaluate_countedLabelOutsideTheVocabulary_isRefused() {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 1, 2, VOCABULARY);
        NDList labels = labels(1, new long[] {1, VOCABULARY}, new float[] {1, 1});

        assertThatThrownBy(() -> TokenLoss.crossEntropy().evaluate(labels, new NDList(logits)))
                .isInstanceOf(EngineException.class);
    }

    @Test
    void evaluate_hugeLogits_staysFinite() {
        NDArray logits = Arrays64.floats(manager, new Shape(1, 1, 3), 30_000f, -30_000f, 0f);

        float loss = TokenLoss.crossEntropy()
                .evaluate(labels(1, new long[] {1}, new float[] {1}), new NDList(logits))
                .getFloat();

        assertThat(loss).isEqualTo(60_000f);
    }

    @Test
    void accumulator_batchesOfUnequalLossTokens_countsEveryTokenOnce() {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 2, 6, VOCABULARY);
        long[] ids = random.longs(12, 0, VOCABULARY).toArray();
        float[] mask = {1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0};
        TokenLoss loss = TokenLoss.bitsPerBase();
        float together = loss.evaluate(labels(2, ids, mask), new NDList(logits)).getFloat();

        loss.addAccumulator("all");
        for (int row = 0; row < 2; row++) {
            long[] part = java.util.Arrays.copyOfRange(ids, 6 * row, 6 * row + 6);
            float[] counted = java.util.Arrays.copyOfRange(mask, 6 * row, 6 * row + 6);
            loss.updateAccumulator("all", labels(1, part, counted), new NDList(logits.get(row + ":" + (row + 1))));
        }

        assertThat(loss.getAccumulator("all")).isCloseTo(together, within(1e-5f));
    }

    @Test
    void evaluate_labelsOfAnotherShape_namesBoth() {
        NDArray logits = Arrays64.random(manager, random, DataType.FLOAT32, 2, 6, VOCABULARY);

        assertThatThrownBy(() ->
                        TokenLoss.crossEntropy().evaluate(labels(2, new long[10], new float[10]), new NDList(logits)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(2, 5)")
                .hasMessageContaining("(2, 6, 7)");
    }

    private NDList labels(int rows, long[] ids, float[] mask) {
        Shape shape = new Shape(rows, ids.length / rows);
        return new NDList(Arrays64.longs(manager, shape, ids), Arrays64.floats(manager, shape, mask));
    }
}
