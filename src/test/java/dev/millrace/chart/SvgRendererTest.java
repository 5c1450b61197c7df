package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

final class SvgRendererTest {
    private static final Pattern TRACE = Pattern.compile("<path d=\"([ML][^\"]*)\" class=\"s-blue\"");

    @Test
    void file_samePicture_givesTheSameBytes() {
        assertThat(SvgRenderer.file(sample(), 800, 600)).isEqualTo(SvgRenderer.file(sample(), 800, 600));
    }

    @Test
    void file_straightLine_goesFromCornerToCornerOfItsPlot() throws Exception {
        Panel panel = Panel.of(
                "t", ChartAxis.number("x"), ChartAxis.number("y").from(0.0, 10.0), List.of(line("", 0, 5, 10)));

        String svg = SvgRenderer.file(Picture.of(panel), 400, 300);

        List<double[]> points = points(svg);
        assertThat(points).hasSize(3);
        assertThat(points.get(1)[0]).isCloseTo((points.get(0)[0] + points.get(2)[0]) / 2, within(0.1));
        assertThat(points.get(1)[1]).isCloseTo((points.get(0)[1] + points.get(2)[1]) / 2, within(0.1));
        assertThat(points.get(0)[1]).as("y grows upwards").isGreaterThan(points.get(2)[1]);
        assertThat(points).allMatch(point -> point[0] > 14 && point[0] < 386 && point[1] > 20 && point[1] < 270);
    }

    @Test
    void file_linesWithoutName_haveNoPlaceInTheLegend() {
        Panel panel = Panel.of(
                "t",
                ChartAxis.number("x"),
                ChartAxis.number("y"),
                List.of(line("", 1, 2), line("first", 2, 3), line("", 3, 4), line("second", 4, 5)));

        String svg = SvgRenderer.file(Picture.of(panel), 400, 300);

        assertThat(svg).contains(">first<", ">second<").doesNotContain("more<");
    }

    @Test
    void file_valuesThatAreNone_interruptTheLineAndAreMarked() throws Exception {
        Panel panel = Panel.of(
                "t",
                ChartAxis.number("step"),
                ChartAxis.number(""),
                List.of(line("loss", 1, 2, Double.NaN, 3, Double.POSITIVE_INFINITY, 4)));

        String svg = SvgRenderer.file(Picture.of(panel), 400, 300);

        assertThat(svg).contains("loss, step 2: NaN", "loss, step 4: ∞");
        Matcher trace = TRACE.matcher(svg);
        assertThat(trace.find()).isTrue();
        assertThat(trace.group(1).chars().filter(letter -> letter == 'M')).hasSize(3);
        parse(svg);
    }

    @Test
    void file_logarithm_marksWhatIsNotPositive() {
        Panel panel =
                Panel.of("t", ChartAxis.number("step"), ChartAxis.logarithm(""), List.of(line("rate", 1, 0, 0.1, -1)));

        assertThat(SvgRenderer.file(Picture.of(panel), 400, 300)).contains("rate, step 1: 0", "rate, step 3: −1");
    }

    @Test
    void file_longLine_keepsTheSpikeInFewPoints() throws Exception {
        double[] values = IntStream.range(0, 100_000)
                .mapToDouble(i -> i == 61_803 ? 50 : Math.sin(i / 1e4))
                .toArray();
        Panel panel =
                Panel.of("t", ChartAxis.number(""), ChartAxis.number("").from(-10.0, 50.0), List.of(line("", values)));

        String svg = SvgRenderer.file(Picture.of(panel), 900, 300);

        List<double[]> points = points(svg);
        assertThat(points).hasSizeBetween(800, 1_700);
        double top = points.stream().mapToDouble(point -> point[1]).min().orElseThrow();
        double foot = points.stream().mapToDouble(point -> point[1]).max().orElseThrow();
        assertThat(foot - top)
                .as("the spike is five times as high as all the rest")
                .isGreaterThan(150);
    }

    @Test
    void file_extremeValues_haveFinitePlacesOnly() throws Exception {
        for (double[] values : List.of(
                new double[] {Double.MAX_VALUE, -Double.MAX_VALUE},
                new double[] {Double.MIN_VALUE, 0},
                new double[] {7, 7, 7},
                new double[] {5},
                new double[] {Double.NaN},
                new double[0])) {
            Panel panel = Panel.of("t", ChartAxis.number(""), ChartAxis.number(""), List.of(line("", values)));
            String svg = SvgRenderer.file(Picture.of(panel), 400, 300);
            parse(svg);
            assertThat(svg.replaceAll("<title>.*?</title>|<text.*?</text>", "")).doesNotContain("NaN", "Infinity");
        }
    }

    @Test
    void embedded_hostileNames_areText() throws Exception {
        String hostile = "</text></svg><script>alert('\"&')</script>\u0000\u001b[31m\u202e" + "x".repeat(500);
        Panel panel = Panel.of(
                        hostile,
                        ChartAxis.number(hostile),
                        ChartAxis.number(hostile),
                        List.of(line(hostile, 1, Double.NaN)))
                .withSpans(List.of(new Span(0, 1, hostile, true)))
                .withSecond(
                        ChartAxis.number(hostile), List.of(line(hostile, 2, 3).withDots()));

        String svg = SvgRenderer.embedded(Picture.grid(hostile, hostile, List.of(panel, panel), 2), 900, 400);

        assertThat(svg)
                .doesNotContain("<script", "\u0000", "\u001b", "\u202e", "url(")
                .contains("&lt;script&gt;");
        parse(svg);
    }

    @Test
    void embedded_stages_areNamedOnceAndShadedInAllPanels() throws Exception {
        List<Span> stages = List.of(new Span(0, 2, "build", false), new Span(2, 4, "train", true));
        Panel panel = Panel.of("CPU", ChartAxis.number("min"), ChartAxis.number("%"), List.of(line("", 1, 2, 3, 4, 5)))
                .withSpans(stages);

        String svg = SvgRenderer.embedded(Picture.stacked("", "", List.of(panel, panel)), 900, 500);

        assertThat(occurrences(svg, ">build</text>")).isEqualTo(1);
        assertThat(occurrences(svg, ">train (failed)</text>")).isEqualTo(1);
        assertThat(occurrences(svg, "class=\"f-failed-band\"")).isEqualTo(3);
        assertThat(occurrences(svg, ">min</text>")).as("one scale below both").isEqualTo(1);
    }

    @Test
    void styleSheet_everyPaint_isLightAndDark() {
        String css = SvgRenderer.styleSheet();

        assertThat(css).contains("prefers-color-scheme: dark");
        for (Colour colour : Colour.values()) {
            assertThat(css).contains(".s-" + colour.css(), ".f-" + colour.css(), colour.light(), colour.dark());
        }
    }

    @Test
    void line_columnsOfDifferentLength_areRefused() {
        assertThatThrownBy(() -> Line.of("loss", new double[3], new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'loss'")
                .hasMessageContaining("expected 3")
                .hasMessageContaining("found 2");
    }

    static Picture sample() {
        Panel panel = Panel.of(
                        "loss",
                        ChartAxis.number("step"),
                        ChartAxis.number(""),
                        List.of(
                                line("each step", 5, 4, 3, 2, 2, 1)
                                        .withEnvelope(new double[] {4, 3, 2, 1, 1, 1}, new double[] {6, 5, 4, 3, 9, 2})
                                        .in(Colour.BACKGROUND),
                                line("validation", 5, 4, 4, 3, 3, 3).withDots()))
                .withSpans(List.of(new Span(0, 3, "build", false), new Span(1, 2, "build.features", false)));
        return Picture.grid("a run", "tag · host", List.of(panel, panel.withNote("none")), 2);
    }

    static Line line(String label, double... values) {
        return Line.of(
                label, IntStream.range(0, values.length).mapToDouble(i -> i).toArray(), values);
    }

    private static List<double[]> points(String svg) throws Exception {
        parse(svg);
        Matcher trace = TRACE.matcher(svg);
        assertThat(trace.find()).isTrue();
        List<double[]> points = new ArrayList<>();
        Matcher point = Pattern.compile("[ML](-?[\\d.]+) (-?[\\d.]+)").matcher(trace.group(1));
        while (point.find()) {
            points.add(new double[] {Double.parseDouble(point.group(1)), Double.parseDouble(point.group(2))});
        }
        return points;
    }

    private static int occurrences(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private static Document parse(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
