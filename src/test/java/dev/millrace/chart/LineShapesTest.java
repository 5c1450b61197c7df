package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Points, sticks and bars beside curves. */
final class LineShapesTest {
    private static final Pattern STICK =
            Pattern.compile("<line x1=\"(.+?)\" y1=\"(.+?)\" x2=\"(.+?)\" y2=\"(.+?)\" class=\"s-blue\"");
    private static final Pattern BAR =
            Pattern.compile("<rect x=\"(.+?)\" y=\"(.+?)\" width=\"(.+?)\" height=\"(.+?)\" class=\"f-blue\"");
    private static final Pattern GRID = Pattern.compile("<line x1=.+ y1=\"(.+?)\" .+class=\"s-grid\"");

    @Test
    void sticks_valuesAboveAndBelowZero_allBeginAtZero() {
        String svg = svg(Line.sticks("", new double[] {10, 20, 30, 40}, new double[] {1, -1, 0.5, 0}));

        List<double[]> sticks = found(STICK, svg);
        assertThat(sticks).hasSize(3);
        double zero = sticks.get(0)[1];
        assertThat(sticks).allSatisfy(stick -> {
            assertThat(stick[1]).isEqualTo(zero);
            assertThat(stick[2]).as("upright").isEqualTo(stick[0]);
        });
        assertThat(zero - sticks.get(0)[3]).isCloseTo(sticks.get(1)[3] - zero, within(0.2));
        assertThat(zero - sticks.get(2)[3]).isCloseTo((zero - sticks.get(0)[3]) / 2, within(0.2));
        assertThat(svg).as("nothing joins them").doesNotContain("<path");
    }

    @Test
    void bars_allPositive_standOnZeroWithTheirWidth() {
        String svg = svg(Line.bars("", new double[] {1, 2, 4}, new double[] {10, 20, 40}, 0.5));

        List<double[]> bars = found(BAR, svg);
        assertThat(bars).hasSize(3);
        List<double[]> grid = found(GRID, svg);
        double foot = bars.get(0)[1] + bars.get(0)[3];
        assertThat(foot).as("on the lowest line of the grid").isCloseTo(grid.get(0)[0], within(0.15));
        assertThat(bars).allSatisfy(bar -> assertThat(bar[1] + bar[3]).isCloseTo(foot, within(0.11)));
        assertThat(bars.get(2)[3]).isCloseTo(4 * bars.get(0)[3], within(0.5));
        // From 0.75 to 4.25, the outer edges of the bars, is the whole width of the plot.
        double unit = bars.get(1)[0] - bars.get(0)[0];
        assertThat(bars.get(0)[2]).isCloseTo(unit / 2, within(0.11));
        assertThat(bars.get(2)[0] - bars.get(0)[0]).isCloseTo(3 * unit, within(0.3));
    }

    @Test
    void bars_overALogarithm_standOnItsLowerEdge() {
        Panel panel = Panel.of(
                "t",
                ChartAxis.number(""),
                ChartAxis.logarithm("").from(1.0, 100.0),
                List.of(Line.bars("", new double[] {1, 2}, new double[] {10, 100}, 1)));

        List<double[]> bars = found(BAR, SvgRenderer.file(Picture.of(panel), 400, 300));

        assertThat(bars.get(1)[3]).isCloseTo(2 * bars.get(0)[3], within(0.2));
    }

    @Test
    void bars_overABlankAxis_haveNoNumbersBelow() {
        Panel panel = panel(Line.bars("", new double[] {100, 101}, new double[] {1, 1}, 0.5))
                .over(ChartAxis.blank("kinds"));

        String svg = SvgRenderer.file(Picture.of(panel), 400, 300);

        assertThat(found(BAR, svg)).hasSize(2);
        assertThat(svg).contains(">kinds<", ">1.0<").doesNotContain(">100");
        assertThat(svg.split("s-axis\"", -1))
                .as("the axis alone, without ticks")
                .hasSize(2);
    }

    @Test
    void points_many_areAllDrawnAndNotJoined() {
        double[] x = IntStream.range(0, 3_000).mapToDouble(i -> i).toArray();

        String svg = svg(Line.points("", x, x));

        assertThat(svg.split("<circle", -1)).hasSize(3_001);
        assertThat(svg).doesNotContain("<path");
    }

    @Test
    void anyShape_valuesThatAreNone_areMarked() {
        double[] x = {1, 2};
        double[] y = {1, Double.NaN};
        for (Line line :
                List.of(Line.points("a", x, y), Line.sticks("a", x, y), Line.bars("a", x, y, 1), Line.of("a", x, y))) {
            assertThat(svg(line)).contains("a, x 2: NaN");
        }
    }

    @Test
    void bars_withoutWidth_areRefused() {
        for (double width : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Line.bars("b", new double[1], new double[1], width))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Line 'b': expected bars of a width above 0, found " + width);
        }
    }

    @Test
    void text_sticksAndPoints_areUprightAndAlone() {
        double[] x = {0, 1, 2};
        TextStyle style = new TextStyle(20, 3, false, false);

        List<String> sticks = TextRenderer.lines(Picture.of(panel(Line.sticks("", x, new double[] {2, 1, 2}))), style);
        List<String> points = TextRenderer.lines(Picture.of(panel(Line.points("", x, new double[] {2, 0, 2}))), style);

        assertThat(sticks.subList(1, 4))
                .containsExactly("2 +*               *", "1 +*       *       *", "0 +*       *       *");
        assertThat(points.subList(1, 4)).containsExactly("2 +*               *", "1 +", "0 +        *");
    }

    @Test
    void image_picture_hasItsNaturalSize() {
        Picture picture = Picture.of(panel(Line.points("", new double[] {1}, new double[] {1})));

        BufferedImage image = PngRenderer.image(picture);

        assertThat(image.getWidth()).isEqualTo(picture.naturalWidth());
        assertThat(image.getHeight()).isEqualTo(picture.naturalHeight());
    }

    private static Panel panel(Line line) {
        return Panel.of("t", ChartAxis.number("x"), ChartAxis.number("y"), List.of(line));
    }

    private static String svg(Line line) {
        return SvgRenderer.file(Picture.of(panel(line)), 400, 300);
    }

    private static List<double[]> found(Pattern pattern, String svg) {
        List<double[]> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(svg);
        while (matcher.find()) {
            found.add(IntStream.rangeClosed(1, matcher.groupCount())
                    .mapToDouble(group -> Double.parseDouble(matcher.group(group)))
                    .toArray());
        }
        return found;
    }
}
