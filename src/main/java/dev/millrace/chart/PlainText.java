package dev.millrace.chart;

import dev.millrace.Internal;

/** Text of somebody else, made harmless. */
@Internal
public final class PlainText {
    private static final int REPLACEMENT = 0xFFFD;

    private PlainText() {}

    /**
     * Text for one line of a terminal or a picture: line ends and tabs become spaces; other control characters, halves of
     * surrogates and invisible format characters, which could move the cursor or turn the text around, become U+FFFD.
     */
    public static String visible(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(point -> safe.appendCodePoint(visible(point)));
        return safe.toString();
    }

    /** As {@link #visible(String)}, and cut with an ellipsis after {@code longest} characters. */
    public static String visible(String text, int longest) {
        String safe = visible(text);
        if (safe.codePointCount(0, safe.length()) <= longest) {
            return safe;
        }
        return longest < 1 ? "" : safe.substring(0, safe.offsetByCodePoints(0, longest - 1)) + "…";
    }

    /** Text for HTML and SVG, between tags and inside quoted attributes. */
    public static String markup(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(visible(point));
            }
        });
        return safe.toString();
    }

    private static int visible(int point) {
        if (point == '\n' || point == '\t' || point == '\r' || point == 0x2028 || point == 0x2029) {
            return ' ';
        }
        int type = Character.getType(point);
        boolean harmless = type != Character.CONTROL
                && type != Character.SURROGATE
                && type != Character.FORMAT
                && type != Character.UNASSIGNED;
        return harmless ? point : REPLACEMENT;
    }
}
