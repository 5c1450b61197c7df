package dev.millrace.chart;

import dev.millrace.Internal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
@Internal
public final class Notation {
    private static final MathContext FOUR_DIGITS = new MathContext(4);
    /** From there on a power of ten is shorter. */
    private static final double LARGE = 1e7;

    private static final double SMALL = 1e-4;

    private Notation() {}

    /** Four significant digits, plain where that is short: {@code 0.2513}, {@code 12,345}, {@code 1.2e−5}, {@code NaN}. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
        }
        double magnitude = Math.abs(value);
        if (value == 0) {
            return "0";
        }
        if (magnitude >= LARGE || magnitude < SMALL) {
            return minus(power(value));
        }
        return magnitude >= 1_000
                ? minus(String.format(Locale.ROOT, "%,d", Math.round(value)))
                : minus(new BigDecimal(value)
                        .round(FOUR_DIGITS)
                        .stripTrailingZeros()
                        .toPlainString());
    }

    /** A whole number with its thousands apart: {@code 12,345}. */
    public static String count(long count) {
        return minus(String.format(Locale.ROOT, "%,d", count));
    }

    /** A length of time: {@code 850 ms}, {@code 12.5 s}, {@code 3 min 20 s}, {@code 5 h 2 min}, {@code 2 d 4 h}. */
    public static String duration(double seconds) {
        if (!Double.isFinite(seconds) || seconds < 0) {
            return "–";
        }
        if (seconds < 1) {
            return Math.round(seconds * 1_000) + " ms";
        }
        if (seconds < 59.95) {
            String text = String.format(Locale.ROOT, "%.1f", seconds);
            return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < 3_600) {
            return two(whole / 60, "min", whole % 60, "s");
        }
        return whole < 86_400
                ? two(whole / 3_600, "h", whole % 3_600 / 60, "min")
                : two(whole / 86_400, "d", whole % 86_400 / 3_600, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    /** A number on an axis, with as many decimals as tell it from its neighbours. */
    static String tick(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        if (decimals > 4 || Math.abs(value) >= LARGE) {
            return number(value);
        }
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0
                ? decimals == 0 ? "0" : rounded.abs().toPlainString()
                : minus(String.format(Locale.ROOT, "%,." + decimals + "f", rounded));
    }

    /** A whole power of ten: plain up to five digits, else {@code 1e6}. */
    static String powerOfTen(int exponent) {
        return exponent >= -4 && exponent <= 5
                ? minus(
                        exponent >= 0
                                ? String.format(Locale.ROOT, "%,d", (long) Math.pow(10, exponent))
                                : BigDecimal.ONE.scaleByPowerOfTen(exponent).toPlainString())
                : "1e" + minus(String.valueOf(exponent));
    }

    /** A place in a drawing: one decimal, which is a tenth of a pixel. */
    static String place(double value) {
        long tenths = Math.round(value * 10);
        long fraction = Math.abs(tenths % 10);
        String sign = tenths < 0 && tenths > -10 ? "-" : "";
        return sign + tenths / 10 + (fraction == 0 ? "" : "." + fraction);
    }

    private static String power(double value) {
        return String.format(Locale.ROOT, "%.3e", value)
                .replaceFirst("\\.?0*e", "e")
                .replaceFirst("e([-+])0(?=.)", "e$1")
                .replace("e+", "e")
                .replace("e-", "e−");
    }

    private static String minus(String number) {
        return number.startsWith("-") ? "−" + number.substring(1) : number;
    }
}
