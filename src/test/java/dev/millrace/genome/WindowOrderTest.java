package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.genome.WindowOrder.Shuffle;
import dev.millrace.genome.WindowOrder.Visit;
import java.io.IOException;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WindowOrderTest {
    @ParameterizedTest
    @ValueSource(strings = {"n2_seed0", "n10_seed1", "n37_seed12345", "n100_seed2147483646"})
    void hashedPermutation_tablesOfTheOriginal_areReproduced(String table) throws IOException {
        Matcher name = Pattern.compile("n(\\d+)_seed(\\d+)").matcher(table);
        assertThat(name.matches()).isTrue();
        long size = Long.parseLong(name.group(1));
        long seed = Long.parseLong(name.group(2));
        long[] expected =
                ReferenceWindows.longs(ReferenceWindows.json("permute.json").get(table));

        assertThat(LongStream.range(0, size)
                        .map(i -> HashedPermutation.at(i, size, seed))
                        .toArray())
                .isEqualTo(expected);
    }

    @Test
    void at_orderOfTheOriginal_isReproduced() throws IOException {
        JsonNode reference = ReferenceWindows.json("permute.json").get("resampler_n13_samples30_seed42");
        WindowOrder order = WindowOrder.of(13, null, 30L, Shuffle.UPSTREAM, 42);

        assertThat(order.epochs()).isEqualTo(3);
        assertThat(IntStream.range(0, 3).mapToLong(order::epochSeed).toArray())
                .isEqualTo(ReferenceWindows.longs(reference.get("epoch_seeds")));
        assertThat(LongStream.range(0, 30).map(g -> order.at(g).window()).toArray())
                .isEqualTo(ReferenceWindows.longs(reference.get("order")));
        assertThat(order.at(25)).isEqualTo(new Visit(1, order.at(25).window()));
    }

    /* Drawn with numpy 2.4.6; the rejection that is due once in two thousand million draws is not among them. */
    @Test
    void epochSeeds_seedsOfOtherSizes_areThoseOfNumpy() {
        assertThat(EpochSeeds.of(0L, 5)).containsExactly(1826701614, 1367864806, 1097657231, 579362555, 661058651);
        assertThat(EpochSeeds.of(1L, 5)).containsExactly(1016164991, 1099128568, 1621709874, 2041105244, 74845286);
        assertThat(EpochSeeds.of(4294967295L, 5))
                .containsExactly(409763535, 541044692, 1555309568, 470440214, 1953263177);
        assertThat(EpochSeeds.of(4294967296L, 5))
                .containsExactly(1121323793, 1910699504, 2132340197, 1196444851, 650573022);
        assertThat(EpochSeeds.of(123456789012345678L, 5))
                .containsExactly(1622876821, 58041083, 484955749, 1752966536, 778973008);
        assertThat(EpochSeeds.of(9223372036854775807L, 5))
                .containsExactly(936983177, 376810632, 478601917, 1009164094, 1316100675);
        assertThat(EpochSeeds.of(42, 100_000)[99_999]).isEqualTo(2012640726);
    }

    @ParameterizedTest
    @EnumSource(Shuffle.class)
    void at_everyEpoch_visitsEachWindowOnce(Shuffle shuffle) {
        for (int size : new int[] {1, 2, 3, 13, 64, 1000}) {
            WindowOrder order = WindowOrder.of(size, 3L, null, shuffle, 7);
            for (int epoch = 0; epoch < 3; epoch++) {
                BitSet seen = new BitSet();
                for (long g = (long) epoch * size; g < (epoch + 1L) * size; g++) {
                    assertThat(order.at(g).epoch()).isEqualTo(epoch);
                    seen.set(Math.toIntExact(order.at(g).window()));
                }
                assertThat(seen.cardinality())
                        .as("epoch " + epoch + " of " + size)
                        .isEqualTo(size);
                assertThat(seen.length()).isEqualTo(size);
            }
        }
    }

    @Test
    void of_neitherEpochsNorSamples_isOneEpoch() {
        WindowOrder order = WindowOrder.of(5, null, null, Shuffle.NONE, 0);

        assertThat(order.samples()).isEqualTo(5);
        assertThat(LongStream.range(0, 5).map(g -> order.at(g).window())).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThatThrownBy(() -> order.at(5))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("found 5");
        assertThatThrownBy(() -> order.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void of_contradictingOrTooSmall_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(5, 2L, 10L, Shuffle.NONE, 0))
                .withMessageContaining("num_epochs=2")
                .withMessageContaining("num_samples=10");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(5, 0L, null, Shuffle.NONE, 0))
                .withMessageContaining("at least 1 epoch");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(5, null, 0L, Shuffle.NONE, 0))
                .withMessageContaining("num_samples=0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(0, 1L, null, Shuffle.NONE, 0))
                .withMessageContaining("found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of((1L << 32) + 1, 1L, null, Shuffle.UPSTREAM, 0))
                .withMessageContaining("NATIVE");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(1L << 40, 1L << 40, null, Shuffle.NATIVE, 0))
                .withMessageContaining("2^63");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowOrder.of(5, 1L, null, Shuffle.UPSTREAM, -1))
                .withMessageContaining("seed -1");
    }

    @Test
    void at_largestSize_needsNoMemory() {
        WindowOrder order = WindowOrder.of(1L << 62, 1L, null, Shuffle.NATIVE, 3);

        assertThat(LongStream.range(0, 1000)
                        .map(i -> order.at((1L << 62) - 1 - i).window())
                        .filter(window -> window >= 0 && window < 1L << 62)
                        .distinct()
                        .count())
                .isEqualTo(1000);
    }
}
