package dev.millrace.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis laid over an extent: where each value is, between 0 and 1, and where its ticks are. Immutable.
 *
 * @param low the scaled value at 0
 * @param high the scaled value at 1
 * @param factor what a value is multiplied with first, so that differences of the largest doubles do not overflow
 * @param logarithm whether the decimal logarithm is taken
 * @param ticks in ascending order
 */
record Ruler(double low, double high, double factor, boolean logarithm, List<Tick> ticks) {
    /** Beyond it differences of doubles overflow. */
    private static final double LARGEST = 1e300;

    private static final double SHRINK = 1e-12;
    /** Below it parts of numbers are 0. */
    private static final double SMALLEST = 1e-300;

    /** A mark on the axis. */
    record Tick(double value, String label) {}

    /**
     * Lays an axis over what is drawn.
     *
     * @param wanted about how many ticks there is room for
     * @param roomy whether free ends are moved outwards to the next ticks
     */
    static Ruler over(ChartAxis axis, Extent drawn, int wanted, boolean roomy) {
        Double fixedLow = axis.low();
        Double fixedHigh = axis.high();
        Extent extent = drawn.isEmpty() ? emptyExtent(axis) : drawn;
        double low = fixedLow != null ? fixedLow : extent.low();
        double high = fixedHigh != null ? fixedHigh : Math.max(extent.high(), low);
        low = Math.min(low, high);
        if (axis.kind() == ChartAxis.Kind.LOGARITHM) {
            return Logarithm.over(low, high, wanted, roomy);
        }
        double factor = Math.max(Math.abs(low), Math.abs(high)) > LARGEST ? SHRINK : 1;
        low *= factor;
        high *= factor;
        // A flat curve is drawn in the middle; where doubles are coarse, the margin must still be one.
        if (high - low <= Math.ulp(Math.max(Math.abs(low), Math.abs(high))) * 64) {
            double margin = axis.kind() == ChartAxis.Kind.CLOCK
                    ? 1_000
                    : low == 0 ? 1 : Math.max(SMALLEST, Math.abs(low) * (roomy ? 0.1 : 0.5));
            low = fixedLow != null ? low : low - margin;
            high = fixedHigh != null && fixedLow == null ? high : high + margin;
        }
        return switch (axis.kind()) {
            case DURATION -> new Ruler(low, high, factor, false, TimeTicks.durations(low, high, wanted));
            case CLOCK -> new Ruler(low, high, factor, false, TimeTicks.clock(low, high, wanted));
            case BLANK -> new Ruler(low, high, factor, false, List.of());
            default -> numbers(low, high, factor, wanted, roomy && fixedLow == null, roomy && fixedHigh == null);
        };
    }

    /** The place of a value between 0 and 1, or beyond; NaN if it has none. */
    double place(double value) {
        if (!Double.isFinite(value) || (logarithm && value <= 0)) {
            return Double.NaN;
        }
        double scaled = logarithm ? Math.log10(value) : value * factor;
        return (scaled - low) / (high - low);
    }

    private static Extent emptyExtent(ChartAxis axis) {
        return axis.kind() == ChartAxis.Kind.LOGARITHM ? new Extent(0.1, 10) : new Extent(0, 1);
    }

    private static Ruler numbers(
            double low, double high, double factor, int wanted, boolean roomyBelow, boolean roomyAbove) {
        double step = roundStep((high - low) / Math.max(1, wanted));
        // Not for the largest numbers: the next tick may be no number any more.
        double lowest = roomyBelow && factor == 1 ? Math.floor(low / step + 1e-9) * step : low;
        double highest = roomyAbove && factor == 1 ? Math.ceil(high / step - 1e-9) * step : high;
        List<Tick> ticks = new ArrayList<>();
        double first = Math.ceil(lowest / step - 1e-9);
        for (int i = 0; i <= 3 * wanted + 3; i++) {
            double tick = (first + i) * step;
            if (tick > highest + step * 1e-9) {
                break;
            }
            ticks.add(new Tick(tick / factor, Notation.tick(tick / factor, step / factor)));
        }
        return new Ruler(lowest, highest, factor, false, ticks);
    }

    /** 1, 2 or 5 times a power of ten, not below {@code step}. */
    static double roundStep(double step) {
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        double factor = step / power;
        return power * (factor <= 1 + 1e-9 ? 1 : factor <= 2 + 1e-9 ? 2 : factor <= 5 + 1e-9 ? 5 : 10);
    }

    /** Powers of ten, with 2 and 5 times between them where there is room. */
    private static final class Logarithm {
        private Logarithm() {}

        static Ruler over(double lowest, double highest, int wanted, boolean roomy) {
            double least = Math.max(lowest, Double.MIN_NORMAL);
            double low = Math.log10(least);
            double high = Math.log10(Math.max(highest, least));
            if (high - low < 1e-9) {
                low -= 0.5;
                high += 0.5;
            }
            if (high - low < 0.7) {
                return narrow(low, high, wanted, roomy);
            }
            if (roomy && high - low > 1.5) {
                low = Math.floor(low + 1e-9);
                high = Math.ceil(high - 1e-9);
            }
            int stride = (int) Math.max(1, Math.ceil((high - low) / Math.max(1, wanted)));
            boolean between = (high - low) * 3 <= wanted + 1 || high - low < 1.5;
            List<Tick> ticks = new ArrayList<>();
            for (int power = (int) Math.floor(low); power <= Math.ceil(high); power++) {
                if (Math.floorMod(power, stride) == 0) {
                    for (int factor : between ? new int[] {1, 2, 5} : new int[] {1}) {
                        double at = power + Math.log10(factor);
                        if (at >= low - 1e-9 && at <= high + 1e-9) {
                            double value = factor * Math.pow(10, power);
                            ticks.add(
                                    new Tick(value, factor == 1 ? Notation.powerOfTen(power) : Notation.number(value)));
                        }
                    }
                }
            }
            return new Ruler(low, high, 1, true, ticks);
        }

        /** Less than a decade: ticks as on an even axis, at their logarithms. */
        private static Ruler narrow(double low, double high, int wanted, boolean roomy) {
            Ruler even = numbers(Math.pow(10, low), Math.pow(10, high), 1, wanted, false, roomy);
            return new Ruler(low, Math.log10(even.high), 1, true, even.ticks);
        }
    }
}
