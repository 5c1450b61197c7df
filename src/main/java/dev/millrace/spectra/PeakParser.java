package dev.millrace.spectra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the peak lines of one record: pairs of numbers, divided by blanks, tabs, {@code ;}, {@code :} or {@code ,}, any
 * number of pairs on a line, each of them perhaps followed by a quoted annotation.
 *
 * <p>A comma between digits may also be a decimal mark. The announced number of peaks decides: read as divider the text has
 * more numbers than read as decimal mark, so that at most one reading fits.
 */
final class PeakParser {
    /** One line of text after the peak count. */
    record Line(String text, long number) {}

    /** Why the lines are no spectrum. */
    static final class Fault extends Exception {
        private final transient MspReject.Reason reason;
        private final long line;

        Fault(MspReject.Reason reason, long line, String detail) {
            super(detail, null, false, false);
            this.reason = reason;
            this.line = line;
        }

        MspReject.Reason reason() {
            return reason;
        }

        long line() {
            return line;
        }

        String detail() {
            return String.valueOf(getMessage());
        }
    }

    private final boolean commaIsDecimal;
    private double[] numbers = new double[128];
    private int count;
    private boolean commaSeen;

    private PeakParser(boolean commaIsDecimal) {
        this.commaIsDecimal = commaIsDecimal;
    }

    /**
     * Parses the peaks of one record.
     *
     * @param announced number of peaks that must come out
     * @param countLine line that announced them
     */
    static Peaks parse(List<Line> lines, long announced, long countLine) throws Fault {
        PeakParser parser = new PeakParser(false);
        try {
            return parser.peaks(lines, announced, countLine);
        } catch (Fault fault) {
            if (!parser.commaSeen) {
                throw fault;
            }
            try {
                return new PeakParser(true).peaks(lines, announced, countLine);
            } catch (Fault alsoNot) {
                throw fault;
            }
        }
    }

    private Peaks peaks(List<Line> lines, long announced, long countLine) throws Fault {
        for (Line line : lines) {
            int before = count;
            parseLine(line);
            if ((count - before) % 2 != 0) {
                throw new Fault(
                        MspReject.Reason.MALFORMED_PEAK,
                        line.number(),
                        "expected pairs of numbers, found " + shown(line.text()));
            }
        }
        if (count / 2 != announced) {
            throw new Fault(
                    MspReject.Reason.PEAK_COUNT,
                    countLine,
                    "expected " + announced + " peaks as announced, found " + count / 2);
        }
        double[] masses = new double[count / 2];
        double[] intensities = new double[count / 2];
        boolean positive = false;
        for (int i = 0; i < masses.length; i++) {
            masses[i] = numbers[2 * i];
            intensities[i] = numbers[2 * i + 1];
            positive |= intensities[i] > 0;
        }
        if (!positive) {
            throw new Fault(
                    MspReject.Reason.NO_PEAKS,
                    countLine,
                    "expected a peak of positive intensity, found none in " + announced + " peaks");
        }
        return Peaks.of(masses, intensities);
    }

    private void parseLine(Line line) throws Fault {
        String text = line.text();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                int close = text.indexOf('"', at + 1);
                if (close < 0) {
                    throw new Fault(
                            MspReject.Reason.MALFORMED_PEAK,
                            line.number(),
                            "expected a closing quote, found " + shown(text.substring(at)));
                }
                at = close + 1;
            } else if (isDivider(text, at)) {
                at++;
            } else {
                int end = at;
                while (end < text.length() && text.charAt(end) != '"' && !isDivider(text, end)) {
                    end++;
                }
                add(text.substring(at, end), line);
                at = end;
            }
        }
    }

    private boolean isDivider(String text, int at) {
        char c = text.charAt(at);
        if (c == ',') {
            commaSeen = true;
            boolean betweenDigits =
                    at > 0 && at + 1 < text.length() && isDigit(text.charAt(at - 1)) && isDigit(text.charAt(at + 1));
            return !(commaIsDecimal && betweenDigits);
        }
        return c == ' ' || c == '\t' || c == ';' || c == ':';
    }

    private void add(String token, Line line) throws Fault {
        double value;
        try {
            value = number(commaIsDecimal ? token.replace(',', '.') : token);
        } catch (NumberFormatException e) {
            throw new Fault(MspReject.Reason.MALFORMED_PEAK, line.number(), "expected a number, found " + shown(token));
        }
        if (!Peaks.valid(value)) {
            throw new Fault(
                    MspReject.Reason.PEAK_VALUE,
                    line.number(),
                    "expected a finite m/z or intensity ≥ 0, found " + shown(token));
        }
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
        }
        // Adding 0 turns a negative zero into zero.
        numbers[count++] = value + 0.0;
    }

    /** A decimal number in ASCII, without the suffixes and hexadecimal forms that Java would take too. */
    static double number(String token) {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (!isDigit(c) && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                if ("nan".equalsIgnoreCase(token)) {
                    return Double.NaN;
                }
                throw new NumberFormatException(token);
            }
        }
        return Double.parseDouble(token);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Text of a file as it may stand in a message: short and without control characters. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder("'");
        List<Integer> points = new ArrayList<>();
        text.codePoints().limit(40).forEach(points::add);
        for (int point : points) {
            shown.appendCodePoint(Character.isISOControl(point) ? '?' : point);
        }
        return shown.append(text.length() > 40 ? "…'" : "'").toString();
    }
}
