package dev.millrace.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** How later samples are divided, so that all together have their shares. */
class SplitRatiosTest {
    private static final SplitRatios RATIOS = new SplitRatios(0.8, 0.1, 0.1);

    @Test
    void divide_splitsWithTheirShares_getTheirSharesOfTheRest() {
        assertThat(RATIOS.divide(50, 80, 10, 10)).containsExactly(new double[] {40, 5, 5}, within(1e-9));
    }

    @Test
    void divide_splitThatLacksMore_getsMore() {
        // Of 200 in all 160, 20 and 20 are wanted.
        assertThat(RATIOS.divide(100, 100, 0, 0)).containsExactly(new double[] {60, 20, 20}, within(1e-9));
    }

    @Test
    void divide_splitThatHasTooMany_getsNoneAndTheOthersAllOfIt() {
        double[] sizes = RATIOS.divide(10, 0, 100, 0);

        assertThat(sizes[1]).isZero();
        assertThat(sizes).containsExactly(new double[] {10 * 8 / 9.0, 0, 10 / 9.0}, within(1e-9));
    }
}
