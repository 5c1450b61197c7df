package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NotationTest {
    @Test
    void number_anyMagnitude_isShort() {
        assertThat(Notation.number(0.1 + 0.2)).isEqualTo("0.3");
        assertThat(Notation.number(123_456.7)).isEqualTo("123,457");
        assertThat(Notation.number(-0.00001234)).isEqualTo("−1.234e−5");
        assertThat(Notation.number(1e10)).isEqualTo("1e10");
        assertThat(Notation.number(1e-5)).isEqualTo("1e−5");
        assertThat(Notation.number(Double.MAX_VALUE)).isEqualTo("1.798e308");
        assertThat(Notation.number(Double.NaN)).isEqualTo("NaN");
        assertThat(Notation.number(Double.NEGATIVE_INFINITY)).isEqualTo("−∞");
        assertThat(Notation.number(-0.0)).isEqualTo("0");
    }

    @Test
    void tick_asManyDecimalsAsTheStep() {
        assertThat(Notation.tick(0.30000000000000004, 0.1)).isEqualTo("0.3");
        assertThat(Notation.tick(1_000.02, 0.01)).isEqualTo("1,000.02");
        assertThat(Notation.tick(-1e-17, 0.5)).isEqualTo("0.0");
        assertThat(Notation.tick(-20, 10)).isEqualTo("−20");
    }

    @Test
    void duration_anyLength_hasTwoUnitsAtMost() {
        assertThat(Notation.duration(0.0312)).isEqualTo("31 ms");
        assertThat(Notation.duration(12.5)).isEqualTo("12.5 s");
        assertThat(Notation.duration(59.99)).isEqualTo("1 min");
        assertThat(Notation.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Notation.duration(3_725)).isEqualTo("1 h 2 min");
        assertThat(Notation.duration(187_200)).isEqualTo("2 d 4 h");
        assertThat(Notation.duration(Double.NaN)).isEqualTo("–");
    }

    @Test
    void place_anySign_hasOneDecimal() {
        assertThat(Notation.place(-0.5)).isEqualTo("-0.5");
        assertThat(Notation.place(12.04)).isEqualTo("12");
        assertThat(Notation.place(-3.26)).isEqualTo("-3.3");
    }

    @Test
    void visible_hostileText_becomesHarmless() {
        assertThat(PlainText.visible("a\u001b[31mb\u0007\u202ec\nd\ud800e"))
                .isEqualTo("a\ufffd[31mb\ufffd\ufffdc d\ufffde");
        assertThat(PlainText.visible("x".repeat(500), 10)).isEqualTo("xxxxxxxxx…");
        assertThat(PlainText.visible("𝛘".repeat(5), 3)).isEqualTo("𝛘𝛘…");
        assertThat(PlainText.markup("<a href='x'>\"&\u0000")).isEqualTo("&lt;a href=&#39;x&#39;&gt;&quot;&amp;\ufffd");
    }
}
