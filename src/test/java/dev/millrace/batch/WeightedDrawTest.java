package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How often each position is drawn. */
class WeightedDrawTest {
    private static final int DRAWS = 400_000;

    @Test
    void positions_placesEpochsAndSeeds_areDrawnInProportion() {
        double[] weights =
                IntStream.range(0, 100).mapToDouble(i -> 1 + i * i % 17).toArray();
        WeightedDraw draw = WeightedDraw.of(weights.clone(), DRAWS);

        requireProportion(draw.order(5, 3).positions(0, DRAWS), weights);
        requireProportion(
                IntStream.range(0, DRAWS)
                        .map(epoch -> draw.order(5, epoch).positions(7, 1)[0])
                        .toArray(),
                weights);
        requireProportion(
                IntStream.range(0, DRAWS)
                        .map(seed -> draw.order(seed, 0).positions(7, 1)[0])
                        .toArray(),
                weights);
    }

    @Test
    void positions_drawsThatFollowEachOther_areIndependent() {
        double[] weights = {1, 2, 3, 4, 5, 6, 7, 8};
        double[] ofPairs = IntStream.range(0, 64)
                .mapToDouble(pair -> weights[pair / 8] * weights[pair % 8])
                .toArray();
        WeightedDraw draw = WeightedDraw.of(weights.clone(), DRAWS + 1);
        int[] drawn = draw.order(1, 1).positions(0, DRAWS + 1);
        int[] nextEpoch = draw.order(1, 2).positions(0, DRAWS);

        requireProportion(
                IntStream.range(0, DRAWS).map(i -> drawn[i] * 8 + drawn[i + 1]).toArray(), ofPairs);
        requireProportion(
                IntStream.range(0, DRAWS).map(i -> drawn[i] * 8 + nextEpoch[i]).toArray(), ofPairs);
    }

    /* Chi-square within six standard deviations of its mean: neither off nor too even. Seeds are fixed, so is the outcome. */
    private static void requireProportion(int[] drawn, double[] weights) {
        long[] counts = new long[weights.length];
        Arrays.stream(drawn).forEach(position -> counts[position]++);
        double sum = Arrays.stream(weights).sum();
        double chiSquare = 0;
        for (int i = 0; i < weights.length; i++) {
            double expected = drawn.length * weights[i] / sum;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        double mean = weights.length - 1;
        assertThat(chiSquare).isBetween(mean - 6 * Math.sqrt(2 * mean), mean + 6 * Math.sqrt(2 * mean));
    }

    @Test
    void positions_weightsOfZero_areNeverDrawn() {
        SplittableRandom random = new SplittableRandom(4);
        for (int size = 1; size < 300; size++) {
            double[] weights = new double[size];
            weights[random.nextInt(size)] = 1e-300;
            for (int i = 0; i < size; i++) {
                weights[i] += random.nextInt(4) > 0 ? 0 : Math.exp(random.nextDouble(-30, 30));
            }
            WeightedDraw draw = WeightedDraw.of(weights.clone(), size);
            for (int position : draw.order(size, 0).positions(0, 500)) {
                assertThat(weights[position]).as("of %d", size).isPositive();
            }
        }
    }

    @Test
    void positions_anyPart_isThatOfTheWhole() {
        WeightedDraw draw = WeightedDraw.of(new double[] {3, 0, 1, 9}, 1000);
        int[] whole = draw.order(8, 2).positions(0, 1000);

        assertThat(draw.order(8, 2).positions(990, 10)).containsExactly(Arrays.copyOfRange(whole, 990, 1000));
        assertThat(draw.order(8, 3).positions(0, 1000)).isNotEqualTo(whole);
        assertThat(draw.order(9, 2).positions(0, 1000)).isNotEqualTo(whole);
    }

    @Test
    void among_positions_keepsTheirWeights() {
        double[] weights = {5, 0, 1, 3, 8};
        WeightedDraw part = WeightedDraw.of(weights.clone(), 5).among(new int[] {4, 1, 0, 2});

        assertThat(part.count()).isEqualTo(4);
        assertThat(part)
                .hasToString(WeightedDraw.of(new double[] {8, 0, 5, 1}, 4).toString());
    }

    @Test
    void of_weightsThatCannotBeDrawn_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedDraw.of(new double[3], 3))
                .withMessageContaining("finite sum > 0, found 3 with the sum 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedDraw.of(new double[] {Double.MAX_VALUE, Double.MAX_VALUE}, 3))
                .withMessageContaining("Infinity");
    }
}
