package dev.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.chart.Canvas.Lettering;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class PngRendererTest {
    private static final Lettering LETTERING = new Lettering(Ink.TEXT, 20, false);

    @Test
    void png_samePicture_givesTheSameBytes() {
        Picture picture = SvgRendererTest.sample();

        assertThat(PngRenderer.png(picture, 800, 500, 96)).isEqualTo(PngRenderer.png(picture, 800, 500, 96));
    }

    @Test
    void png_anySize_isReadByOthersWithItsResolution() throws IOException {
        byte[] png = PngRenderer.png(SvgRendererTest.sample(), 640, 480, 150);

        BufferedImage image = read(png);
        assertThat(image.getWidth()).isEqualTo(640);
        assertThat(image.getHeight()).isEqualTo(480);
        int resolution = new String(png, StandardCharsets.ISO_8859_1).indexOf("pHYs") + 4;
        assertThat(ByteBuffer.wrap(png).getInt(resolution))
                .as("pixels per metre")
                .isEqualTo(5_906);
    }

    @Test
    void png_lines_haveTheirColours() throws IOException {
        Picture picture = Picture.of(Panel.of(
                "t",
                ChartAxis.number(""),
                ChartAxis.number(""),
                List.of(SvgRendererTest.line("a", 1, 1, 1), SvgRendererTest.line("b", 2, 2, 2))));

        Set<Integer> colours = colours(read(PngRenderer.png(picture, 640, 480, 192)));

        assertThat(colours)
                .contains(
                        Color.decode(Colour.BLUE.light()).getRGB(),
                        Color.decode(Colour.VERMILION.light()).getRGB(),
                        Color.WHITE.getRGB());
    }

    @Test
    void png_withoutFonts_hasLettersAllTheSame() throws IOException {
        Picture picture = SvgRendererTest.sample();
        Picture silent = picture.untitled();

        byte[] drawn = PngRenderer.png(picture, 800, 500, 96, new StrokeLetters());

        assertThat(drawn).isEqualTo(PngRenderer.png(picture, 800, 500, 96, new StrokeLetters()));
        assertThat(dark(read(drawn)))
                .isGreaterThan(dark(read(PngRenderer.png(silent, 800, 500, 96, new StrokeLetters()))));
    }

    @Test
    void probe_fontsThatFail_givesOurOwnLetters() {
        for (Error failure : List.of(new InternalError("Fontconfig head is null"), new NoClassDefFoundError("fonts"))) {
            assertThat(Letters.Available.probe(width -> {
                        throw failure;
                    }))
                    .isInstanceOf(StrokeLetters.class);
        }
        assertThat(Letters.Available.probe(width -> {
                    throw new NullPointerException("head");
                }))
                .isInstanceOf(StrokeLetters.class);
        assertThat(Letters.Available.probe(width -> 0)).isInstanceOf(StrokeLetters.class);
    }

    @Test
    void strokeLetters_everyPrintableCharacter_isDrawnInItsWidth() {
        StrokeLetters letters = new StrokeLetters();
        String printable = IntStream.rangeClosed(33, 126)
                        .mapToObj(Character::toString)
                        .collect(java.util.stream.Collectors.joining())
                + "−°·…×∞±µΔ";
        Set<String> shapes = new HashSet<>();
        for (int letter : printable.codePoints().toArray()) {
            String text = Character.toString(letter);
            BufferedImage image = drawn(letters, text);
            double width = letters.width(text, LETTERING);
            assertThat(dark(image)).as(text).isPositive();
            for (int x = 30 + (int) Math.ceil(width) + 1; x < image.getWidth(); x++) {
                for (int y = 0; y < image.getHeight(); y++) {
                    assertThat(image.getRGB(x, y)).as("beyond %s", text).isEqualTo(Color.WHITE.getRGB());
                }
            }
            shapes.add(java.util.Arrays.toString(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, 80)));
        }
        assertThat(shapes)
                .as("no two characters look the same, but the two dashes")
                .hasSizeGreaterThanOrEqualTo(printable.codePointCount(0, printable.length()) - 1);
    }

    @Test
    void strokeLetters_marksAndOtherScripts_areLeftOutOrBoxes() {
        StrokeLetters letters = new StrokeLetters();

        assertThat(letters.width("é", LETTERING)).isEqualTo(letters.width("e", LETTERING));
        assertThat(pixels(drawn(letters, "é"))).isEqualTo(pixels(drawn(letters, "e")));
        assertThat(pixels(drawn(letters, "中"))).isEqualTo(pixels(drawn(letters, "文")));
        assertThat(letters.width("", LETTERING)).isZero();
    }

    @Test
    void png_impossibleSize_isRefused() {
        Picture picture = SvgRendererTest.sample();

        assertThatThrownBy(() -> PngRenderer.png(picture, 0, 100, 96)).hasMessageContaining("found 0 x 100");
        assertThatThrownBy(() -> PngRenderer.png(picture, 20_000, 20_000, 96)).hasMessageContaining("at most");
        assertThatThrownBy(() -> PngRenderer.png(picture, 100, 100, 5)).hasMessageContaining("found 5");
    }

    @Test
    void png_tinySize_isDrawnWithoutFailing() throws IOException {
        assertThat(read(PngRenderer.png(SvgRendererTest.sample(), 10, 10, 300)).getWidth())
                .isEqualTo(10);
    }

    private static BufferedImage drawn(Letters letters, String text) {
        BufferedImage image = new BufferedImage(80, 50, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 80, 50);
        graphics.setColor(Color.BLACK);
        letters.draw(graphics, 30, 30, text, LETTERING);
        graphics.dispose();
        return image;
    }

    private static List<Integer> pixels(BufferedImage image) {
        return IntStream.of(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .boxed()
                .toList();
    }

    private static long dark(BufferedImage image) {
        return pixels(image).stream().filter(pixel -> (pixel & 0xFF) < 100).count();
    }

    private static Set<Integer> colours(BufferedImage image) {
        return new HashSet<>(pixels(image));
    }

    private static BufferedImage read(byte[] png) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(png));
    }
}
