package dev.millrace.chart;

/**
 * What a terminal can show. Immutable.
 *
 * @param columns characters in a line, at least 20
 * @param rows lines of the plot of one panel, at least 3
 * @param unicode whether it shows Braille patterns and line drawing characters; else plain ASCII
 * @param colour whether it understands colours
 */
public record TextStyle(int columns, int rows, boolean unicode, boolean colour) {
    private static final int LEAST_COLUMNS = 20;
    private static final int LEAST_ROWS = 3;
    private static final int MOST = 1_000;

    public TextStyle {
        if (columns < LEAST_COLUMNS || columns > MOST) {
            throw new IllegalArgumentException(
                    "Expected " + LEAST_COLUMNS + ".." + MOST + " columns, found " + columns + ".");
        }
        if (rows < LEAST_ROWS || rows > MOST) {
            throw new IllegalArgumentException("Expected " + LEAST_ROWS + ".." + MOST + " rows, found " + rows + ".");
        }
    }

    /** 80 columns, 12 rows, plain characters without colour: what every terminal shows. */
    public static TextStyle plain() {
        return new TextStyle(80, 12, false, false);
    }

    /** The same with another height. */
    public TextStyle withRows(int newRows) {
        return new TextStyle(columns, newRows, unicode, colour);
    }

    String painted(Colour ink, String text) {
        return colour && !text.isBlank() ? "\u001b[38;5;" + ink.terminal() + "m" + text + "\u001b[0m" : text;
    }

    String strong(String text) {
        return colour && !text.isBlank() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    String faint(String text) {
        return colour && !text.isBlank() ? "\u001b[2m" + text + "\u001b[0m" : text;
    }

    String warning(String text) {
        return colour ? "\u001b[31m" + text + "\u001b[0m" : text;
    }
}
