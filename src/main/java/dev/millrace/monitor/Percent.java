package dev.millrace.monitor;

/** Shares as people read them. */
final class Percent {
    private static final double WHOLE = 100;

    private Percent() {}

    /** A share in percent; clocks that tick apart may put it a little outside, which is cut. NaN stays. */
    static double of(double share) {
        return Math.max(0, Math.min(WHOLE, WHOLE * share));
    }
}
