package dev.millrace.chart;

import java.util.Arrays;

/** The characters of one plot. One thread at a time. */
final class TextPlot {
    private static final String ASCII_MARKS = "*o+x#@%&";
    private static final int BRAILLE = 0x2800;
    /** Bits of the dots of a pattern, by row and column. */
    private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private static final char BROKEN = '!';
    private static final char EMPTY = ' ';

    private final TextStyle style;
    private final int width;
    /** How many places there are in a character, across and down. */
    private final int across;

    private final int down;
    private final char[][] cells;
    private final Colour[][] colours;
    private final char[] letters;

    TextPlot(TextStyle style, int width) {
        this.style = style;
        this.width = width;
        this.across = style.unicode() ? 2 : 1;
        this.down = style.unicode() ? 4 : 1;
        this.cells = new char[style.rows()][width];
        this.colours = new Colour[style.rows()][width];
        this.letters = new char[style.rows()];
        for (char[] row : cells) {
            Arrays.fill(row, EMPTY);
        }
        Arrays.fill(letters, EMPTY);
    }

    /** Whether Braille lines need letters to be told apart. */
    static boolean isLettered(Panel panel, TextStyle style) {
        return style.unicode() && !style.colour() && panel.lines().size() > 1;
    }

    /** What stands for a line in the legend. */
    static String mark(int place, TextStyle style) {
        if (!style.unicode()) {
            return String.valueOf(ascii(place));
        }
        return style.colour() ? "━" : String.valueOf(letter(place));
    }

    /** Draws a line over what is there. */
    void draw(Line line, int place, Ruler x, Ruler y) {
        Colour colour = line.colour(place);
        int beforeX = -1;
        int beforeY = -1;
        for (int point = 0; point < line.size(); point++) {
            int atX = at(x.place(line.x(point)), width * across);
            if (atX < 0) {
                beforeX = -1;
                continue;
            }
            int atY = fromTop(y.place(line.y(point)));
            if (Double.isNaN(y.place(line.y(point)))) {
                cells[style.rows() - 1][atX / across] = BROKEN;
                beforeX = -1;
                continue;
            }
            if (line.hasEnvelope()) {
                double low = y.place(line.low(point));
                double high = y.place(line.high(point));
                set(atX, Double.isNaN(low) ? atY : fromTop(low), place, colour);
                set(atX, Double.isNaN(high) ? atY : fromTop(high), place, colour);
            }
            switch (line.shape()) {
                case CURVE ->
                    connect(beforeX < 0 ? atX : beforeX, beforeX < 0 ? atY : beforeY, atX, atY, place, colour);
                case POINTS -> set(atX, atY, place, colour);
                case STICKS, BARS ->
                    connect(atX, Double.isNaN(y.place(0)) ? fromTop(0) : fromTop(y.place(0)), atX, atY, place, colour);
            }
            beforeX = atX;
            beforeY = atY;
        }
        letter(line, place, y);
    }

    /** One row of characters, colours included. */
    String row(int row, boolean lettered) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int column = 1; column <= width; column++) {
            if (column == width || colours[row][column] != colours[row][from] || isBroken(row, column, from)) {
                String run = new String(cells[row], from, column - from);
                Colour colour = colours[row][from];
                boolean broken = cells[row][from] == BROKEN;
                text.append(broken ? style.warning(run) : colour == null ? run : style.painted(colour, run));
                from = column;
            }
        }
        return lettered ? text.append(' ').append(letters[row]).toString() : text.toString();
    }

    private boolean isBroken(int row, int column, int from) {
        return (cells[row][column] == BROKEN) != (cells[row][from] == BROKEN);
    }

    /** By Bresenham's way. Both ends are within the plot sideways, and not far out of it up and down. */
    private void connect(int fromX, int fromY, int toX, int toY, int place, Colour colour) {
        int stepsX = Math.abs(toX - fromX);
        int stepsY = Math.abs(toY - fromY);
        int steps = Math.max(stepsX, stepsY);
        for (int step = 0; step <= steps; step++) {
            double part = steps == 0 ? 0 : (double) step / steps;
            set(
                    (int) Math.round(fromX + part * (toX - fromX)),
                    (int) Math.round(fromY + part * (toY - fromY)),
                    place,
                    colour);
        }
    }

    private void set(int atX, int atY, int place, Colour colour) {
        if (atX < 0 || atX >= width * across || atY < 0 || atY >= style.rows() * down) {
            return;
        }
        int row = atY / down;
        int column = atX / across;
        if (cells[row][column] == BROKEN) {
            return;
        }
        if (style.unicode()) {
            int before = cells[row][column] == EMPTY ? BRAILLE : cells[row][column];
            cells[row][column] = (char) (before | DOTS[atY % down][atX % across]);
        } else {
            cells[row][column] = ascii(place);
        }
        colours[row][column] = colour;
    }

    /** Beside the last value; in the nearest free row if another line ends there. */
    private void letter(Line line, int place, Ruler y) {
        double last = y.place(line.lastValue());
        if (Double.isNaN(last)) {
            return;
        }
        int wanted = Math.max(0, Math.min(style.rows() - 1, fromTop(last) / down));
        for (int away = 0; away < style.rows(); away++) {
            for (int row : new int[] {wanted - away, wanted + away}) {
                if (row >= 0 && row < style.rows() && letters[row] == EMPTY) {
                    letters[row] = letter(place);
                    return;
                }
            }
        }
    }

    private int fromTop(double part) {
        int places = style.rows() * down;
        double clamped = Math.max(-1, Math.min(2, part));
        return (int) Math.round((1 - clamped) * (places - 1));
    }

    /** A place counted from the left; negative outside. */
    private static int at(double part, int places) {
        return part >= -1e-9 && part <= 1 + 1e-9 ? (int) Math.round(part * (places - 1)) : -1;
    }

    private static char letter(int place) {
        return (char) ('A' + place % 26);
    }

    private static char ascii(int place) {
        return ASCII_MARKS.charAt(place % ASCII_MARKS.length());
    }
}
