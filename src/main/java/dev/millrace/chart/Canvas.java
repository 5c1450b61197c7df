package dev.millrace.chart;

/** What a picture is drawn on. Units are 1/96 inch from the top left. One thread at a time. */
interface Canvas {
    /** Where a text is held. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    /**
     * How lines look.
     *
     * @param width in units
     * @param opacity 0 to 1
     */
    record Stroke(Paint paint, double width, double opacity, boolean dashed) {
        static Stroke of(Paint paint, double width) {
            return new Stroke(paint, width, 1, false);
        }
    }

    /** How letters look; {@code size} in units. */
    record Lettering(Paint paint, double size, boolean bold) {}

    /** Begins what belongs together and is drawn within a frame only; {@code name} tells what it is. */
    void beginClip(Box frame, String name);

    void endClip();

    /** A filled area; {@code hint} shows up when pointed at, where the medium can do that, unless it is empty. */
    void box(Box place, Paint paint, double opacity, String hint);

    void line(double x1, double y1, double x2, double y2, Stroke stroke);

    void trace(Trace trace, Stroke stroke);

    /** Fills between two edges, separately in each run of points without a gap. */
    void band(Trace upper, Trace lower, Paint paint, double opacity);

    void dot(double x, double y, double radius, Paint paint, String hint);

    /** The mark of a value that cannot be drawn. */
    void cross(double x, double y, String hint);

    /** One line of text on a base line. Made harmless already. */
    void text(double x, double y, Anchor anchor, String text, Lettering lettering);

    /** About how wide a text is. */
    double width(String text, Lettering lettering);

    /** A text cut with an ellipsis so that it fits; empty if not even one letter does. */
    default String fit(String text, Lettering lettering, double room) {
        // Nothing is that wide, and measuring a huge text takes long.
        String shown = text.length() > 1_000 ? PlainText.visible(text, 1_000) : text;
        if (width(shown, lettering) <= room) {
            return shown;
        }
        int low = 0;
        int high = shown.codePointCount(0, shown.length());
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (width(PlainText.visible(shown, middle), lettering) <= room) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low < 2 ? "" : PlainText.visible(shown, low);
    }

    /** A rectangle. */
    record Box(double left, double top, double right, double bottom) {
        double width() {
            return right - left;
        }

        double height() {
            return bottom - top;
        }

        double middle() {
            return (left + right) / 2;
        }
    }
}
