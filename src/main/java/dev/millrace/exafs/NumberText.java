package dev.millrace.exafs;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as C's {@code printf} writes them, whatever the language of the machine. */
public final class NumberText {
    private static final int DIGITS = 17;
    private static final MathContext EXACT = new MathContext(DIGITS, RoundingMode.HALF_EVEN);

    private NumberText() {}

    /** As {@code %.17g}: reads back as the same double; {@code nan}, {@code inf} and {@code -inf} else. */
    public static String exact(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal rounded = new BigDecimal(value).round(EXACT).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= -4 && exponent < DIGITS) {
            return rounded.toPlainString();
        }
        StringBuilder text = new StringBuilder(24);
        String digits = rounded.unscaledValue().abs().toString();
        text.append(value < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        int size = Math.abs(exponent);
        return text.append(exponent < 0 ? "e-" : "e+")
                .append(size < 10 ? "0" : "")
                .append(size)
                .toString();
    }
}
