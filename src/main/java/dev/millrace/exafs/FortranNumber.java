package dev.millrace.exafs;

import java.nio.charset.StandardCharsets;

/** Reads numbers as Fortran prints them, from bytes and without making objects. */
final class FortranNumber {
    /** Powers of ten that a double holds exactly: with at most 15 digits, one multiplication or division is correctly rounded. */
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final int EXACT_DIGITS = 15;
    /** Beyond that every double is zero or infinite. */
    private static final int MOST_EXPONENT = 100_000;

    private FortranNumber() {}

    /**
     * The number that fills the bytes from {@code from} to {@code to}, without blanks: {@code -.5}, {@code 1.009E+00}, {@code 1D3},
     * and {@code 1.0-100}, which Fortran prints where an exponent needs three digits. Minus zero becomes zero.
     *
     * @return NaN if it is no number in digits, an infinity if it is too large for a double
     */
    static double parse(byte[] bytes, int from, int to) {
        int at = from;
        boolean negative = at < to && bytes[at] == '-';
        if (at < to && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        long digits = 0;
        int digitCount = 0;
        int scale = 0;
        boolean pointSeen = false;
        boolean any = false;
        for (; at < to; at++) {
            byte c = bytes[at];
            if (c >= '0' && c <= '9') {
                any = true;
                if (digitCount < EXACT_DIGITS + 3) {
                    digits = 10 * digits + (c - '0');
                    digitCount += digits == 0 ? 0 : 1;
                    scale -= pointSeen ? 1 : 0;
                } else {
                    return slowly(bytes, from, to);
                }
            } else if (c == '.' && !pointSeen) {
                pointSeen = true;
            } else {
                break;
            }
        }
        if (!any) {
            return Double.NaN;
        }
        int exponent = 0;
        if (at < to) {
            exponent = exponent(bytes, at, to);
            if (exponent == Integer.MIN_VALUE) {
                return Double.NaN;
            }
        }
        int power = exponent + scale;
        if (digitCount > EXACT_DIGITS || Math.abs(power) >= POWERS.length) {
            return digits == 0 ? 0 : slowly(bytes, from, to);
        }
        double value = power < 0 ? digits / POWERS[-power] : digits * POWERS[power];
        return digits == 0 ? 0 : negative ? -value : value;
    }

    /** Whether the text says in words, or by asterisks, that there was no number to print. */
    static boolean saysNone(byte[] bytes, int from, int to) {
        int start = from < to && (bytes[from] == '-' || bytes[from] == '+') ? from + 1 : from;
        String text = new String(bytes, start, to - start, StandardCharsets.ISO_8859_1);
        return text.startsWith("*")
                || text.regionMatches(true, 0, "nan", 0, 3)
                || text.equalsIgnoreCase("inf")
                || text.equalsIgnoreCase("infinity");
    }

    /** {@link Integer#MIN_VALUE} if it is none. */
    private static int exponent(byte[] bytes, int from, int to) {
        int at = from;
        boolean letter = "EeDdQq".indexOf(bytes[at]) >= 0;
        if (letter) {
            at++;
        }
        boolean sign = at < to && (bytes[at] == '-' || bytes[at] == '+');
        boolean negative = sign && bytes[at] == '-';
        if (sign) {
            at++;
        }
        if (at == to || !(letter || sign)) {
            return Integer.MIN_VALUE;
        }
        int value = 0;
        for (; at < to; at++) {
            byte c = bytes[at];
            if (c < '0' || c > '9') {
                return Integer.MIN_VALUE;
            }
            value = Math.min(10 * value + (c - '0'), MOST_EXPONENT);
        }
        return negative ? -value : value;
    }

    private static double slowly(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)
                .replaceFirst("[DdQqe]", "E")
                .replaceFirst("(?<=[0-9.])([+-])", "E$1");
        if (!text.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(E[+-]?[0-9]+)?")) {
            return Double.NaN;
        }
        return Double.parseDouble(text) + 0.0;
    }
}
