package dev.millrace.chart;

/** Lowest and highest of some finite numbers; NaN when there are none. Immutable. */
record Extent(double low, double high) {
    static final Extent NONE = new Extent(Double.NaN, Double.NaN);

    /** Over one more number, unless it is not finite. */
    Extent with(double number) {
        if (!Double.isFinite(number)) {
            return this;
        }
        if (isEmpty()) {
            return new Extent(number, number);
        }
        return number >= low && number <= high ? this : new Extent(Math.min(low, number), Math.max(high, number));
    }

    Extent with(Extent other) {
        return with(other.low).with(other.high);
    }

    boolean isEmpty() {
        return Double.isNaN(low);
    }
}
