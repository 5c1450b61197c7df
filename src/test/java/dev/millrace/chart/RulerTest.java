package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RulerTest {
    @Test
    void numbers_anyExtent_haveRoundTicksAndRoomyEnds() {
        Ruler ruler = Ruler.over(ChartAxis.number(""), new Extent(0.13, 0.92), 5, true);

        assertThat(labels(ruler)).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
        assertThat(ruler.place(0)).isZero();
        assertThat(ruler.place(1)).isCloseTo(1, within(1e-12));
        assertThat(ruler.place(0.5)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void numbers_thousands_areGrouped() {
        assertThat(labels(Ruler.over(ChartAxis.number(""), new Extent(0, 71_000), 4, false)))
                .containsExactly("0", "20,000", "40,000", "60,000");
    }

    @Test
    void numbers_fixedEnds_stayWhatTheyAre() {
        Ruler ruler = Ruler.over(ChartAxis.number("").from(0.0, 100.0), new Extent(3, 7), 2, true);

        assertThat(labels(ruler)).containsExactly("0", "50", "100");
        assertThat(ruler.place(100)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "-1.7976931348623157e308, 1.7976931348623157e308",
        "0, 4.9e-324",
        "1e-310, 5e-310",
        "1e308, 1e308",
        "-4.9e-324, -4.9e-324",
        "9007199254740993, 9007199254740995",
        "0, 0"
    })
    void place_extremeExtents_isFiniteAndWithinTheAxis(double low, double high) {
        for (boolean roomy : new boolean[] {true, false}) {
            Ruler ruler = Ruler.over(ChartAxis.number(""), new Extent(low, high), 6, roomy);

            assertThat(ruler.place(low)).isBetween(-1e-9, 1 + 1e-9);
            assertThat(ruler.place(high)).isBetween(-1e-9, 1 + 1e-9);
            assertThat(ruler.ticks()).hasSizeLessThan(30);
        }
    }

    @Test
    void logarithm_severalDecades_hasPowersOfTen() {
        assertThat(labels(Ruler.over(ChartAxis.logarithm(""), new Extent(0.03, 300), 8, true)))
                .containsExactly("0.01", "0.1", "1", "10", "100", "1,000");
        Ruler ruler = Ruler.over(ChartAxis.logarithm(""), new Extent(0.0007, 300), 6, true);

        assertThat(labels(ruler)).containsExactly("0.0001", "0.01", "1", "100");
        assertThat(ruler.place(1)).isCloseTo(4.0 / 7, within(1e-12));
        assertThat(ruler.place(0)).isNaN();
        assertThat(ruler.place(-1)).isNaN();
    }

    @Test
    void logarithm_lessThanADecade_hasTicksAllTheSame() {
        assertThat(labels(Ruler.over(ChartAxis.logarithm(""), new Extent(0.31, 0.62), 4, true)))
                .containsExactly("0.4", "0.5", "0.6", "0.7");
    }

    @Test
    void logarithm_wholeRangeOfDoubles_hasFewTicks() {
        assertThat(Ruler.over(ChartAxis.logarithm(""), new Extent(1e-300, 1e300), 6, true)
                        .ticks())
                .hasSizeBetween(3, 12);
    }

    @Test
    void duration_anyLength_isWrittenInItsUnit() {
        assertThat(labels(Ruler.over(ChartAxis.duration(""), new Extent(0, 45), 4, false)))
                .containsExactly("0", "15 s", "30 s", "45 s");
        assertThat(labels(Ruler.over(ChartAxis.duration(""), new Extent(0, 9_000), 5, false)))
                .containsExactly("0", "30 min", "1 h", "1 h 30 min", "2 h", "2 h 30 min");
        assertThat(labels(Ruler.over(ChartAxis.duration(""), new Extent(0, 300_000), 4, false)))
                .containsExactly("0", "1 d", "2 d", "3 d");
    }

    @Test
    void clock_acrossMidnight_namesTheDay() {
        double low = Instant.parse("2026-11-20T21:10:00Z").toEpochMilli();
        double high = Instant.parse("2026-11-21T02:50:00Z").toEpochMilli();

        assertThat(labels(Ruler.over(ChartAxis.clock(""), new Extent(low, high), 6, false)))
                .containsExactly("22:00", "23:00", "Nov 21", "01:00", "02:00");
    }

    @Test
    void clock_oneInstant_hasSecondsAround() {
        double at = Instant.parse("2026-11-20T21:10:05Z").toEpochMilli();

        assertThat(labels(Ruler.over(ChartAxis.clock(""), new Extent(at, at), 6, false)))
                .containsExactly("21:10:04", "21:10:05", "21:10:06");
    }

    @Test
    void clock_absurdTimes_haveNoTicks() {
        assertThat(Ruler.over(ChartAxis.clock(""), new Extent(-1e18, 1e18), 6, false)
                        .ticks())
                .isEmpty();
    }

    @Test
    void axis_reversedOrInfiniteEnds_isRefused() {
        assertThatThrownBy(() -> ChartAxis.number("x").from(2.0, 1.0)).hasMessageContaining("2.0 to 1.0");
        assertThatThrownBy(() -> ChartAxis.number("x").from(Double.NaN, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> labels(Ruler ruler) {
        return ruler.ticks().stream().map(Ruler.Tick::label).toList();
    }
}
