package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TextRendererTest {
    private static final TextStyle BRAILLE = new TextStyle(40, 5, true, false);
    private static final TextStyle ASCII = new TextStyle(40, 5, false, false);

    @Test
    void lines_oneLine_isDrawnInBraille() {
        assertThat(TextRenderer.lines(Picture.of(rising("loss")), BRAILLE))
                .containsExactly(
                        "loss",
                        "4 ┤                              ⢀⣀⡠⠤⠒⠒⠉",
                        "  │                       ⢀⣀⠤⠤⠒⠊⠉⠁",
                        "2 ┤               ⣀⣀⡠⠤⠔⠒⠊⠉⠁",
                        "  │      ⢀⣀⡠⠤⠔⠒⠒⠉⠉",
                        "0 ┤⣀⠤⠤⠒⠒⠉⠁",
                        "  └┬─────────────────┬─────────────────┬",
                        "   0                 2                 4",
                        "                  step");
    }

    @Test
    void lines_withoutUtf8_areAscii() {
        List<String> lines = TextRenderer.lines(Picture.of(rising("loss")), ASCII);

        assertThat(lines)
                .containsExactly(
                        "loss",
                        "4 +                                *****",
                        "  |                       *********",
                        "2 +              *********",
                        "  |     *********",
                        "0 +*****",
                        "  ++-----------------+-----------------+",
                        "   0                 2                 4",
                        "                  step");
        assertThat(String.join("", lines)).matches("\\p{ASCII}*");
    }

    @Test
    void lines_severalWithoutColour_haveLettersAtTheirEnds() {
        Panel panel = Panel.of(
                "loss",
                ChartAxis.number("step"),
                ChartAxis.number(""),
                List.of(line("training", 0, 1, 2, 3, 4), line("validation", 4, 3, 2, 1, 0)));

        List<String> lines = TextRenderer.lines(Picture.of(panel), BRAILLE);

        assertThat(lines.get(1)).isEqualTo("A training   B validation");
        assertThat(lines.get(2)).startsWith("4 ┤").endsWith(" A");
        assertThat(lines.get(6)).startsWith("0 ┤").endsWith(" B");
    }

    @Test
    void lines_colours_wrapOnlyWhatIsDrawn() {
        TextStyle coloured = new TextStyle(40, 5, true, true);

        List<String> lines = TextRenderer.lines(Picture.of(rising("loss")), coloured);

        assertThat(lines.get(1)).contains("\u001b[38;5;32m⢀⣀⡠⠤⠒⠒⠉\u001b[0m");
        assertThat(String.join("\n", lines).replaceAll("\u001b\\[[0-9;]*m", ""))
                .isEqualTo(String.join("\n", TextRenderer.lines(Picture.of(rising("loss")), BRAILLE)));
    }

    @Test
    void lines_valueThatIsNone_isMarkedAndInterrupts() {
        Panel panel =
                Panel.of("", ChartAxis.number(""), ChartAxis.number(""), List.of(line("", 1, 1, Double.NaN, 1, 1)));

        List<String> lines = TextRenderer.lines(Picture.of(panel), ASCII);

        assertThat(lines.stream().filter(row -> row.contains("!"))).hasSize(1);
        assertThat(lines.stream()
                        .filter(row -> row.contains("****"))
                        .findFirst()
                        .orElseThrow())
                .as("a gap in the middle")
                .containsPattern("\\*{8,} {8,}\\*{8,}");
    }

    @Test
    void lines_spikeInAnEnvelope_isThere() {
        double[] x = {0, 1, 2, 3};
        double[] mean = {1, 1, 1, 1};
        Line line = Line.of("", x, mean).withEnvelope(new double[] {1, 1, 1, 1}, new double[] {1, 1, 9, 1});

        List<String> lines = TextRenderer.lines(
                Picture.of(Panel.of("", ChartAxis.number(""), ChartAxis.number(""), List.of(line))), ASCII);

        assertThat(lines.subList(0, 2)).anyMatch(row -> row.contains("*"));
    }

    @Test
    void lines_anything_fitTheTerminal() {
        String hostile = "\u001b[2J<b>\u202e" + "n".repeat(500);
        Panel panel = Panel.of(
                hostile,
                ChartAxis.number(hostile),
                ChartAxis.number(hostile),
                List.of(line(hostile, 1e308, -1e308, 3), line(hostile, 7, 7, 7), line("", 5)));

        for (TextStyle style : List.of(BRAILLE, ASCII, new TextStyle(20, 3, true, false))) {
            List<String> lines = TextRenderer.lines(Picture.stacked(hostile, hostile, List.of(panel, panel)), style);
            assertThat(lines).allMatch(row -> row.length() <= style.columns());
            assertThat(String.join("", lines)).doesNotContain("\u001b", "\u202e");
        }
    }

    @Test
    void lines_nothingToDraw_saysSo() {
        Panel panel = Panel.of("GPU", ChartAxis.number(""), ChartAxis.number("%"), List.of())
                .withNote("No GPUs detected");

        assertThat(TextRenderer.lines(Picture.of(panel), BRAILLE)).containsExactly("GPU %", "  No GPUs detected");
    }

    @Test
    void sparkline_anyValues_isAsWideAsAsked() {
        assertThat(TextRenderer.sparkline(new double[] {0, 1, 2, 3, 4, 5, 6, 7}, 8, BRAILLE))
                .isEqualTo("▁▂▃▄▅▆▇█");
        assertThat(TextRenderer.sparkline(new double[] {0, 2, 6, 8}, 2, ASCII)).isEqualTo("_#");
        assertThat(TextRenderer.sparkline(new double[] {5, Double.NaN, 5}, 9, BRAILLE))
                .isEqualTo("▄ ▄");
        assertThat(TextRenderer.sparkline(new double[] {-1e308, 1e308}, 9, BRAILLE))
                .isEqualTo("▁█");
        assertThat(TextRenderer.sparkline(new double[0], 9, BRAILLE)).isEmpty();
    }

    @Test
    void style_tooNarrow_isRefused() {
        assertThatThrownBy(() -> new TextStyle(5, 5, true, true)).hasMessageContaining("found 5");
    }

    private static Panel rising(String title) {
        return Panel.of(title, ChartAxis.number("step"), ChartAxis.number(""), List.of(line("", 0, 1, 2, 3, 4)));
    }

    private static Line line(String label, double... values) {
        double[] x = new double[values.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
        }
        return Line.of(label, x, values);
    }
}
