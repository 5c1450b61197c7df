package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NumberRangesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1-8,12   | 1 2 3 4 5 6 7 8 12",
                "[1,8]    | 1 2 3 4 5 6 7 8",
                "[1,3,5]  | 1 3 5",
                "[8,1]    | 1 8",
                "[4]      | 4",
                "3,1,2,2  | 1 2 3",
                "1 - 3    | 1 2 3",
                "-2-1     | -2 -1 0 1",
                "7        | 7"
            })
    void parse_rangesAndTheOriginalsBrackets_hold(String text, String expected) {
        NumberRanges ranges = NumberRanges.parse("--frames", text);

        assertThat(LongStream.rangeClosed(-10, 20).filter(ranges::contains))
                .containsExactly(java.util.Arrays.stream(expected.split(" ", -1))
                        .map(Long::valueOf)
                        .toArray(Long[]::new));
        assertThat(NumberRanges.parse("--frames", ranges.toString())).isEqualTo(ranges);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "[]"})
    void parse_nothing_holdsNothing(String text) {
        NumberRanges ranges = NumberRanges.parse("--frames", text);

        assertThat(ranges.isEmpty()).isTrue();
        assertThat(ranges.contains(0)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1,", "1;2", "[1-3]", "1.5", "99999999999999999999", "5-3"})
    void parse_anythingElse_isRefusedWithTheOption(String text) {
        assertThatThrownBy(() -> NumberRanges.parse("--frames", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--frames: expected")
                .hasMessageContaining(text);
    }

    @Test
    void halfOpen_endIsOutside_andNothingIsBetweenEqualEnds() {
        assertThat(NumberRanges.halfOpen(100, 120).contains(119)).isTrue();
        assertThat(NumberRanges.halfOpen(100, 120).contains(120)).isFalse();
        assertThat(NumberRanges.halfOpen(100, 100).isEmpty()).isTrue();
        assertThat(NumberRanges.closed(100, 120).contains(120)).isTrue();
    }

    @Test
    void toString_openEnds_areNoHugeNumbers() {
        assertThat(NumberRanges.halfOpen(110, Long.MAX_VALUE)).hasToString("from 110");
        assertThat(NumberRanges.halfOpen(Long.MIN_VALUE, 110)).hasToString("up to 109");
    }

    @Test
    void of_neighbours_becomeOneRange() {
        assertThat(NumberRanges.of(3, 1, 2, 9).toJson()).isEqualTo("[[1,3],[9,9]]");
        assertThat(NumberRanges.closed(Long.MIN_VALUE, Long.MAX_VALUE).contains(5))
                .isTrue();
    }
}
