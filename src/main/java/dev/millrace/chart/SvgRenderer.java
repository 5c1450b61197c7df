package dev.millrace.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Draws pictures as SVG. Thread-safe. */
public final class SvgRenderer {
    private static final String FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

    private SvgRenderer() {}

    /** A picture as a file of its own, on white. {@code width} and {@code height} in units of 1/96 inch. */
    public static String file(Picture picture, int width, int height) {
        StringBuilder svg = new StringBuilder(1 << 16);
        svg.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        begin(svg, picture, width, height);
        svg.append("<style>").append(rules(Paint::light)).append("</style>\n");
        SvgCanvas canvas = new SvgCanvas(svg);
        canvas.box(new Canvas.Box(0, 0, width, height), Ink.GROUND, 1, "");
        PicturePainter.paint(canvas, picture, width, height);
        return svg.append("</svg>\n").toString();
    }

    /**
     * A picture for a page that has {@link #styleSheet} in its head: it scales with the page and follows its ground.
     */
    public static String embedded(Picture picture, int width, int height) {
        StringBuilder svg = new StringBuilder(1 << 15);
        begin(svg, picture, width, height);
        PicturePainter.paint(new SvgCanvas(svg), picture, width, height);
        return svg.append("</svg>").toString();
    }

    /** The colours of embedded pictures, dark ones where the reader prefers that. For a {@code style} element. */
    public static String styleSheet() {
        return rules(paint -> "var(--chart-" + paint.css() + ")")
                + ":root { color-scheme: light dark; " + variables(Paint::light) + "}\n"
                + "@media screen and (prefers-color-scheme: dark) { :root { " + variables(Paint::dark) + "} }\n";
    }

    private static void begin(StringBuilder svg, Picture picture, int width, int height) {
        String name = picture.title().isEmpty() && !picture.panels().isEmpty()
                ? picture.panels().get(0).title()
                : picture.title();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"").append(width);
        svg.append("\" height=\"")
                .append(height)
                .append("\" viewBox=\"0 0 ")
                .append(width)
                .append(' ');
        svg.append(height).append("\" role=\"img\" aria-label=\"").append(PlainText.markup(name));
        svg.append("\" font-family=\"").append(FONT).append("\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n");
    }

    private static List<Paint> paints() {
        List<Paint> paints = new ArrayList<>(List.of(Ink.values()));
        paints.addAll(List.of(Colour.values()));
        return paints;
    }

    private static String rules(Function<Paint, String> colour) {
        StringBuilder css = new StringBuilder();
        for (Paint paint : paints()) {
            css.append(".f-")
                    .append(paint.css())
                    .append("{fill:")
                    .append(colour.apply(paint))
                    .append("} .s-");
            css.append(paint.css())
                    .append("{fill:none;stroke:")
                    .append(colour.apply(paint))
                    .append("}\n");
        }
        return css.toString();
    }

    private static String variables(Function<Paint, String> colour) {
        StringBuilder css = new StringBuilder();
        for (Paint paint : paints()) {
            css.append("--chart-")
                    .append(paint.css())
                    .append(": ")
                    .append(colour.apply(paint))
                    .append("; ");
        }
        return css.toString();
    }
}
