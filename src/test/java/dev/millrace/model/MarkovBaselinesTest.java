package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MarkovBaselinesTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void of_fewTokens_equalsTheCountsByHand() throws Exception {
        // Counted labels in training: 5 5 5 7 after (8 8 8), (8 8 5), (8 5 5), (5 5 5); 9 is masked.
        ArrayDataset training = data(
                1, new long[][] {{8, 8, 8, 5, 5, 5, 7}}, new long[][] {{8, 8, 5, 5, 5, 7, 9}}, 0, 0, 1, 1, 1, 1, 0);
        // Validation: 5 after (8 8 8), 7 after (8 8 5), 6, never seen, after (8 5 7).
        ArrayDataset validation = data(
                1, new long[][] {{8, 8, 8, 5, 7, 6, 6}}, new long[][] {{8, 8, 5, 7, 6, 6, 6}}, 0, 0, 1, 1, 1, 0, 0);

        MarkovBaselines found = MarkovBaselines.of(training, validation, 100, 7);

        assertThat(found.windows()).isEqualTo(1);
        assertThat(found.trained()).isEqualTo(4);
        assertThat(found.paddingShare()).isCloseTo(1 / 7.0, within(1e-12));
        assertThat(found.evaluated()).isEqualTo(3);
        // Two kinds of token and one for all others: (3 + 1)/7, (1 + 1)/7, 1/7.
        assertThat(found.orderZeroBits()).isCloseTo((bits(4, 7) + bits(2, 7) + bits(1, 7)) / 3, within(1e-12));
        // By context: (1 + 1)/(1 + 3), (0 + 1)/(1 + 3), and in one never seen 1/3.
        assertThat(found.orderThreeBits()).isCloseTo((bits(2, 4) + bits(1, 4) + bits(1, 3)) / 3, within(1e-12));
    }

    @Test
    void of_sourceOfOrderThree_isFoundByOrderThreeOnly() throws Exception {
        // The next of four bases is the sum of the last three with probability 0.8, one of the others else.
        double entropy = 0.8 * bits(8, 10) + 0.2 * bits(2, 30);
        MarkovBaselines found = MarkovBaselines.of(random(64, 5), random(16, 6), 1000, 1);

        assertThat(found.orderZeroBits()).isCloseTo(2, within(0.01));
        assertThat(found.orderThreeBits()).isCloseTo(entropy, within(0.03));
    }

    @Test
    void of_moreWindowsThanAsked_stopsCounting() throws Exception {
        assertThat(MarkovBaselines.of(random(64, 5), random(4, 6), 10, 1).windows())
                .isBetween(10L, 16L);
    }

    @Test
    void of_validationWithoutTokens_isNotANumber() throws Exception {
        ArrayDataset nothing = data(1, new long[][] {{1, 2}}, new long[][] {{2, 3}}, 0, 0);

        assertThat(MarkovBaselines.of(random(8, 5), nothing, 10, 1).orderZeroBits())
                .isNaN();
    }

    private static double bits(double part, double whole) {
        return Math.log(whole / part) / Math.log(2);
    }

    private ArrayDataset random(int windows, long seed) {
        Random random = new Random(seed);
        int length = 256;
        long[][] tokens = new long[windows][length];
        long[][] labels = new long[windows][length];
        float[] mask = new float[windows * length];
        for (int window = 0; window < windows; window++) {
            long[] bases = new long[length + 1];
            for (int at = 0; at <= length; at++) {
                long sum = at < 3 ? random.nextInt(4) : bases[at - 1] + bases[at - 2] + bases[at - 3];
                bases[at] = (sum + (random.nextInt(10) < 8 ? 0 : 1 + random.nextInt(3))) % 4;
            }
            for (int at = 0; at < length; at++) {
                tokens[window][at] = 65 + bases[at];
                labels[window][at] = 65 + bases[at + 1];
                mask[window * length + at] = at < 2 ? 0 : 1;
            }
        }
        return data(8, tokens, labels, mask);
    }

    private ArrayDataset data(int batch, long[][] tokens, long[][] labels, float... mask) {
        Shape shape = new Shape(tokens.length, tokens[0].length);
        NDArray ids = Arrays64.longs(manager, shape, flat(tokens));
        return new ArrayDataset.Builder()
                .setData(ids)
                .optLabels(Arrays64.longs(manager, shape, flat(labels)), Arrays64.floats(manager, shape, mask))
                .setSampling(batch, false)
                .build();
    }

    private static long[] flat(long[]... rows) {
        return java.util.Arrays.stream(rows)
                .flatMapToLong(java.util.Arrays::stream)
                .toArray();
    }
}
