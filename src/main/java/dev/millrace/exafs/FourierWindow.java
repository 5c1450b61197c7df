package dev.millrace.exafs;

import java.util.Arrays;
import java.util.Locale;

/** The shapes of a window of a Fourier transform, as larch and ifeffit define them. */
public enum FourierWindow {
    KAISER,
    HANNING,
    PARZEN,
    WELCH,
    GAUSSIAN,
    SINE;

    /** So many letters tell windows apart. */
    private static final int LETTERS = 3;

    private static final double LEAST_SCALE = 1e-10;

    /**
     * Where a window is, in Å⁻¹ for a transform of χ(k) and in Å for one of χ(R). Immutable.
     *
     * @param shape of the window
     * @param min middle of its rise
     * @param max middle of its fall
     * @param rise width of its rise (dk, dr); what the Kaiser and Gaussian windows take as their parameter
     * @param fall width of its fall (dk2, dr2)
     */
    public record Range(FourierWindow shape, double min, double max, double rise, double fall) {
        public Range {
            if (!(Double.isFinite(min) && Double.isFinite(max) && min < max)) {
                throw new IllegalArgumentException(
                        "Window: expected a finite start below its end, found " + min + " and " + max + ".");
            }
            if (!(rise >= 0 && fall >= 0 && Double.isFinite(rise) && Double.isFinite(fall))) {
                throw new IllegalArgumentException(
                        "Window: expected edges of a width of 0 or more, found " + rise + " and " + fall + ".");
            }
        }
    }

    /**
     * The window of that name, or of its first three letters, in any case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static FourierWindow parse(String name) {
        String wanted = name.trim().toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(window -> wanted.length() >= LETTERS
                        && wanted.startsWith(window.label().substring(0, LETTERS)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Window: expected "
                        + String.join(
                                ", ",
                                Arrays.stream(values())
                                        .map(FourierWindow::label)
                                        .toList())
                        + ", found '" + FeffLines.visible(name) + "'."));
    }

    /** Its name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The window at {@code 0, step, 2·step, …}.
     *
     * @param range as given; its ends are moved to the nearest places below
     * @param count places, at least 2
     */
    static double[] values(Range range, double step, int count) {
        return new Places(range, step, count).window(range.shape);
    }

    /** The places where the window begins to rise, has risen, begins to fall, and has fallen. */
    private static final class Places {
        private final double step;
        private final int count;
        private final double rise;
        private final int i1;
        private final int i2;
        private final int i3;
        private final int i4;
        private final double x1;
        private final double x2;
        private final double x3;
        private final double x4;

        Places(Range range, double step, int count) {
            this.step = step;
            this.count = count;
            double little = 1e-4 * step;
            rise = range.shape == GAUSSIAN ? Math.max(range.rise, little) : range.rise;
            double last = step * (count - 1);
            int first = index(Math.max(0, range.min - range.rise / 2));
            int risen = index(range.min + range.rise / 2 + little);
            int falls = index(range.max - range.fall / 2 - little);
            int fallen = index(Math.min(last, range.max + range.fall / 2));
            i1 = risen == first ? Math.max(0, risen - 1) : first;
            i2 = risen;
            i3 = fallen == falls ? Math.max(risen, fallen - 1) : falls;
            i4 = fallen;
            x1 = step * i1;
            x2 = i1 == i2 ? step * i2 + little : step * i2;
            x3 = step * i3;
            x4 = i3 == i4 ? step * i4 + little : step * i4;
        }

        private int index(double x) {
            return (int) Math.max(0, Math.min(count - 1, (x + 1e-4 * step) / step));
        }

        double[] window(FourierWindow shape) {
            double[] window = new double[count];
            if (shape == KAISER || shape == GAUSSIAN) {
                double centre = (x4 + x1) / 2;
                double half = (x4 - x1) / 2;
                double scale = Math.max(LEAST_SCALE, besselI0(rise) - 1);
                for (int i = 0; i < count; i++) {
                    double away = step * i - centre;
                    window[i] = shape == GAUSSIAN
                            ? StrictMath.exp(-(away * away) / (2 * rise * rise))
                            : (besselI0(rise * Math.sqrt(Math.max(0, 1 - away * away / (half * half)))) - 1) / scale;
                }
                return window;
            }
            if (i3 > i2) {
                Arrays.fill(window, i2, i3, 1);
            }
            if (shape == SINE) {
                for (int i = i1; i <= i4; i++) {
                    window[i] = StrictMath.sin(Math.PI * (x4 - step * i) / (x4 - x1));
                }
                return window;
            }
            for (int i = i1; i <= i2; i++) {
                window[i] = rising(shape, step * i);
            }
            for (int i = i3; i <= i4; i++) {
                window[i] = falling(shape, step * i);
            }
            return window;
        }

        private double rising(FourierWindow shape, double x) {
            double part = (x - x1) / (x2 - x1);
            return switch (shape) {
                case HANNING -> square(StrictMath.sin(Math.PI / 2 * (x - x1) / (x2 - x1)));
                case WELCH -> 1 - square((x - x2) / (x2 - x1));
                default -> part;
            };
        }

        private double falling(FourierWindow shape, double x) {
            double part = (x - x3) / (x4 - x3);
            return switch (shape) {
                case HANNING -> square(StrictMath.cos(Math.PI / 2 * (x - x3) / (x4 - x3)));
                case WELCH -> 1 - square(part);
                default -> 1 - part;
            };
        }

        private static double square(double x) {
            return x * x;
        }
    }

    /** The modified Bessel function of the first kind and order zero, by its power series: all terms are positive, so nothing is lost. */
    static double besselI0(double x) {
        double quarter = x * x / 4;
        double term = 1;
        double sum = 1;
        for (int n = 1; term > sum * 1e-18 && n < 2_000; n++) {
            term *= quarter / ((double) n * n);
            sum += term;
        }
        return sum;
    }
}
