package dev.millrace.metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Text and numbers as they may stand in HTML and SVG. */
final class Markup {
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private Markup() {}

    /** Makes any text harmless between tags and inside quoted attributes. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\n', '\t' -> safe.append(' ');
                default -> safe.appendCodePoint(isVisible(point) ? point : 0xFFFD);
            }
        });
        return safe.toString();
    }

    /** Four significant digits, plain where that is short. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
        }
        if (value == 0) {
            return "0";
        }
        double magnitude = Math.abs(value);
        if (magnitude >= 1e7 || magnitude < 1e-4) {
            return minus(String.format(Locale.ROOT, "%.3e", value).replaceFirst("\\.?0*e", "e"))
                    .replaceFirst("e([-+])0", "e$1")
                    .replace("e+", "e")
                    .replace("e-", "e−");
        }
        BigDecimal rounded = magnitude >= 1_000
                ? new BigDecimal(Math.rint(value))
                : new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros();
        return minus(rounded.toPlainString());
    }

    /** A number on an axis, with as many decimals as tell it from its neighbours. */
    static String tick(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        if (decimals > 4 || Math.abs(value) >= 1e7) {
            return number(value);
        }
        return minus(BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_EVEN)
                .toPlainString());
    }

    /** A place in a drawing: two decimals. */
    static String place(double value) {
        long hundredths = Math.round(value * 100);
        long fraction = Math.abs(hundredths % 100);
        String sign = hundredths < 0 && hundredths > -100 ? "-" : "";
        return sign + hundredths / 100 + (fraction == 0 ? "" : fraction < 10 ? ".0" + fraction : "." + fraction);
    }

    private static String minus(String number) {
        return number.startsWith("-") ? "−" + number.substring(1) : number;
    }

    /** Control characters and half surrogates are not allowed; format characters could turn the text around. */
    private static boolean isVisible(int point) {
        int type = Character.getType(point);
        return type != Character.CONTROL && type != Character.SURROGATE && type != Character.FORMAT;
    }
}
