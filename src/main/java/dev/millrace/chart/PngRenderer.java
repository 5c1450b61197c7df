package dev.millrace.chart;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/**
 * Draws pictures as PNG, on white. Thread-safe. Needs no display, and no fonts either: where Java finds none, letters are drawn
 * with strokes of our own. On one machine the same picture gives the same bytes.
 */
public final class PngRenderer {
    /** In each direction; beyond it an image does not fit into memory. */
    public static final int MOST_PIXELS = 20_000;

    private static final double UNITS_PER_INCH = 96;
    private static final long MOST_PIXELS_IN_ALL = 100_000_000L;

    private PngRenderer() {}

    /** A picture as an image of its natural size, a pixel for each unit: what a notebook or a window shows. */
    public static BufferedImage image(Picture picture) {
        return image(
                picture, picture.naturalWidth(), picture.naturalHeight(), (int) UNITS_PER_INCH, Letters.available());
    }

    /**
     * A picture as the bytes of a PNG file.
     *
     * @param width in pixels
     * @param height in pixels
     * @param dpi pixels per inch: with more of them letters and lines are larger
     * @throws IllegalArgumentException if there are no pixels, or too many
     */
    public static byte[] png(Picture picture, int width, int height, int dpi) {
        return png(picture, width, height, dpi, Letters.available());
    }

    static byte[] png(Picture picture, int width, int height, int dpi, Letters letters) {
        return PngFile.encode(image(picture, width, height, dpi, letters), dpi);
    }

    private static BufferedImage image(Picture picture, int width, int height, int dpi, Letters letters) {
        if (width < 1 || height < 1 || width > MOST_PIXELS || height > MOST_PIXELS) {
            throw new IllegalArgumentException("Size of a picture: expected 1.." + MOST_PIXELS
                    + " pixels in each direction, found " + width + " x " + height + ".");
        }
        if ((long) width * height > MOST_PIXELS_IN_ALL) {
            throw new IllegalArgumentException("Size of a picture: expected at most " + MOST_PIXELS_IN_ALL
                    + " pixels, found " + width + " x " + height + ".");
        }
        if (dpi < 10 || dpi > 2_400) {
            throw new IllegalArgumentException("Expected 10..2400 dots per inch, found " + dpi + ".");
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.decode(Ink.GROUND.light()));
            graphics.fillRect(0, 0, width, height);
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            double scale = dpi / UNITS_PER_INCH;
            graphics.scale(scale, scale);
            PicturePainter.paint(new ImageCanvas(graphics, letters), picture, width / scale, height / scale);
        } finally {
            graphics.dispose();
        }
        return image;
    }
}
