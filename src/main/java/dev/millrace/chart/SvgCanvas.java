package dev.millrace.chart;

import java.util.Locale;

/** Writes SVG elements. Colours are classes of {@link SvgRenderer#styleSheet}. */
final class SvgCanvas implements Canvas {
    private static final double BOLD = 1.07;

    private final StringBuilder svg;

    SvgCanvas(StringBuilder svg) {
        this.svg = svg;
    }

    @Override
    public void beginClip(Box frame, String name) {
        // An inner drawing cuts off what is outside of it, without an id that must be unique in its document.
        svg.append("<svg");
        place(frame);
        svg.append(" viewBox=\"")
                .append(at(frame.left()))
                .append(' ')
                .append(at(frame.top()))
                .append(' ');
        svg.append(at(frame.width())).append(' ').append(at(frame.height())).append("\" aria-label=\"");
        svg.append(PlainText.markup(name)).append("\">\n");
    }

    @Override
    public void endClip() {
        svg.append("</svg>\n");
    }

    @Override
    public void box(Box place, Paint paint, double opacity, String hint) {
        svg.append("<rect");
        place(place);
        fill(paint, opacity);
        end("rect", hint);
    }

    @Override
    public void line(double x1, double y1, double x2, double y2, Stroke stroke) {
        svg.append("<line x1=\"").append(at(x1)).append("\" y1=\"").append(at(y1));
        svg.append("\" x2=\"").append(at(x2)).append("\" y2=\"").append(at(y2)).append('"');
        stroke(stroke);
        end("line", "");
    }

    @Override
    public void trace(Trace trace, Stroke stroke) {
        if (trace.size() == 0) {
            return;
        }
        svg.append("<path d=\"");
        boolean pen = false;
        for (int point = 0; point < trace.size(); point++) {
            if (trace.isGap(point)) {
                pen = false;
            } else {
                point(pen ? 'L' : 'M', trace, point);
                pen = true;
            }
        }
        svg.append('"');
        stroke(stroke);
        end("path", "");
    }

    @Override
    public void band(Trace upper, Trace lower, Paint paint, double opacity) {
        svg.append("<path d=\"");
        int from = 0;
        for (int point = 0; point <= upper.size(); point++) {
            if (point == upper.size() || upper.isGap(point)) {
                for (int i = from; i < point; i++) {
                    point(i == from ? 'M' : 'L', upper, i);
                }
                for (int i = point - 1; i >= from; i--) {
                    point('L', lower, i);
                }
                svg.append(point > from ? "Z" : "");
                from = point + 1;
            }
        }
        svg.append('"');
        fill(paint, opacity);
        end("path", "");
    }

    @Override
    public void dot(double x, double y, double radius, Paint paint, String hint) {
        svg.append("<circle cx=\"").append(at(x)).append("\" cy=\"").append(at(y));
        svg.append("\" r=\"").append(at(radius)).append('"');
        fill(paint, 1);
        end("circle", hint);
    }

    @Override
    public void cross(double x, double y, String hint) {
        svg.append("<path d=\"M")
                .append(at(x - 4))
                .append(' ')
                .append(at(y - 4))
                .append("l8 8m0-8l-8 8\"");
        stroke(Stroke.of(Ink.WARNING, 2));
        end("path", hint);
    }

    @Override
    public void text(double x, double y, Anchor anchor, String text, Lettering lettering) {
        if (text.isEmpty()) {
            return;
        }
        svg.append("<text x=\"").append(at(x)).append("\" y=\"").append(at(y)).append("\" font-size=\"");
        svg.append(at(lettering.size())).append('"');
        if (anchor != Anchor.START) {
            svg.append(" text-anchor=\"")
                    .append(anchor.name().toLowerCase(Locale.ROOT))
                    .append('"');
        }
        svg.append(lettering.bold() ? " font-weight=\"600\"" : "");
        fill(lettering.paint(), 1);
        svg.append('>').append(PlainText.markup(text)).append("</text>\n");
    }

    @Override
    public double width(String text, Lettering lettering) {
        double width = 0;
        for (int i = 0; i < text.length(); i++) {
            width += width(text.charAt(i));
        }
        return width * lettering.size() * (lettering.bold() ? BOLD : 1);
    }

    /** In parts of the letter size, of a usual sans serif font, rather too wide than too narrow. */
    private static double width(char letter) {
        if ("iljI.,:;'|!".indexOf(letter) >= 0) {
            return 0.31;
        }
        if ("ftr()[]{}/- ".indexOf(letter) >= 0) {
            return 0.4;
        }
        if ("mwMW%@…".indexOf(letter) >= 0) {
            return 0.92;
        }
        if (Character.isDigit(letter) || Character.isLowerCase(letter)) {
            return 0.58;
        }
        return letter >= 0x2E80 ? 1 : 0.7;
    }

    private void point(char command, Trace trace, int point) {
        svg.append(command).append(at(trace.x(point))).append(' ').append(at(trace.y(point)));
    }

    private void place(Box box) {
        svg.append(" x=\"").append(at(box.left())).append("\" y=\"").append(at(box.top()));
        svg.append("\" width=\"").append(at(box.width())).append("\" height=\"");
        svg.append(at(box.height())).append('"');
    }

    private void fill(Paint paint, double opacity) {
        svg.append(" class=\"f-").append(paint.css()).append('"');
        svg.append(opacity == 1 ? "" : String.format(Locale.ROOT, " fill-opacity=\"%.2f\"", opacity));
    }

    private void stroke(Stroke stroke) {
        svg.append(" class=\"s-").append(stroke.paint().css()).append("\" stroke-width=\"");
        svg.append(at(stroke.width())).append('"');
        svg.append(
                stroke.opacity() == 1 ? "" : String.format(Locale.ROOT, " stroke-opacity=\"%.2f\"", stroke.opacity()));
        svg.append(stroke.dashed() ? " stroke-dasharray=\"6 4\"" : "");
    }

    private void end(String element, String hint) {
        if (hint.isEmpty()) {
            svg.append("/>\n");
        } else {
            svg.append("><title>")
                    .append(PlainText.markup(hint))
                    .append("</title></")
                    .append(element)
                    .append(">\n");
        }
    }

    private static String at(double place) {
        return Notation.place(place);
    }
}
