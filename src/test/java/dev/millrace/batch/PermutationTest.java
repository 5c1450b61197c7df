package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PermutationTest {
    @Test
    void at_everyPosition_hitsEveryPlaceOnce() {
        for (int size = 1; size < 300; size++) {
            assertBijection(size);
        }
        for (int size : new int[] {1023, 1024, 1025, 4095, 4096, 4097, 65_535, 65_536, 65_537, 300_000}) {
            assertBijection(size);
        }
    }

    @Test
    void at_hugeSize_staysInRangeAndDoesNotRepeat() {
        Permutation order = new Permutation(Integer.MAX_VALUE, 1, 2);
        assertThat(java.util.stream.IntStream.range(0, 10_000)
                        .map(i -> order.at(Integer.MAX_VALUE - 1 - i))
                        .filter(place -> place >= 0 && place < Integer.MAX_VALUE)
                        .distinct()
                        .count())
                .isEqualTo(10_000);
    }

    /* Taken before sizes above 2^31 were allowed: orders of training runs that are stored depend on them. */
    @Test
    void at_sizesOfAnInt_areTheOnesOfEarlierVersions() {
        assertThat(order(10, 42, 3)).containsExactly(0, 1, 7, 5, 2, 9, 3, 8, 4, 6);
        assertThat(new Permutation(1_000_003, 7, 0).at(500_000)).isEqualTo(109_151);
        assertThat(new Permutation(Integer.MAX_VALUE, -1, 9).at(0)).isEqualTo(2_123_446_158);
    }

    @Test
    void at_sizesBeyondAnInt_staysInRangeAndDoesNotRepeat() {
        for (long size : new long[] {1L << 31, (1L << 31) + 1, 232_000_000_000L, Permutation.LARGEST}) {
            Permutation order = new Permutation(size, 1, 2);
            assertThat(java.util.stream.LongStream.range(0, 10_000)
                            .map(i -> order.at(size - 1 - i))
                            .filter(place -> place >= 0 && place < size)
                            .distinct()
                            .count())
                    .as("of " + size)
                    .isEqualTo(10_000);
        }
        assertThat(new Permutation(1L, 5, 5).at(0L)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Permutation(Permutation.LARGEST + 1, 0, 0))
                .withMessageContaining("2^62");
    }

    /* For a random order the correlation has a standard deviation of 1/sqrt(n - 1) = 0.01. */
    @Test
    void at_anySeedOrEpoch_looksMixed() {
        int size = 10_000;
        int[][] orders = {
            order(size, 0, 0),
            order(size, 0, 1),
            order(size, 1, 0),
            order(size, 1, 1),
            order(size, -1, 0),
            order(size, Long.MAX_VALUE, 7)
        };
        for (int i = 0; i < orders.length; i++) {
            assertThat(correlation(identity(size), orders[i])).as("order " + i).isBetween(-0.05, 0.05);
            int fixed = 0;
            int neighbours = 0;
            for (int p = 0; p + 1 < size; p++) {
                fixed += orders[i][p] == p ? 1 : 0;
                neighbours += Math.abs(orders[i][p] - orders[i][p + 1]) == 1 ? 1 : 0;
            }
            assertThat(fixed).isLessThan(12);
            assertThat(neighbours).isLessThan(20);
            for (int j = 0; j < i; j++) {
                assertThat(correlation(orders[j], orders[i]))
                        .as("orders " + j + " and " + i)
                        .isBetween(-0.05, 0.05);
            }
        }
    }

    /* Which half of the data the first half of the epoch visits must not be skewed: each quarter gets its share. */
    @Test
    void at_quartersOfTheEpoch_drawEvenlyFromQuartersOfTheData() {
        int size = 40_000;
        int[][] counts = new int[4][4];
        int[] order = order(size, 5, 3);
        for (int p = 0; p < size; p++) {
            counts[p * 4 / size][order[p] * 4 / size]++;
        }
        for (int[] row : counts) {
            for (int count : row) {
                assertThat(count).isBetween(2_500 - 250, 2_500 + 250);
            }
        }
    }

    private static void assertBijection(int size) {
        BitSet seen = new BitSet(size);
        Permutation order = new Permutation(size, size, 3);
        for (int position = 0; position < size; position++) {
            seen.set(order.at(position));
        }
        assertThat(seen.length()).isEqualTo(size);
        assertThat(seen.cardinality()).isEqualTo(size);
    }

    private static int[] order(int size, long seed, long epoch) {
        Permutation order = new Permutation(size, seed, epoch);
        return java.util.stream.IntStream.range(0, size).map(order::at).toArray();
    }

    private static int[] identity(int size) {
        return java.util.stream.IntStream.range(0, size).toArray();
    }

    private static double correlation(int[] a, int[] b) {
        double mean = (a.length - 1) / 2.0;
        double product = 0;
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            product += (a[i] - mean) * (b[i] - mean);
            square += (a[i] - mean) * (a[i] - mean);
        }
        return product / square;
    }
}
