package dev.millrace.exafs;

/** Straight lines between the rows; beyond the ends, the value there. One thread at a time. */
final class PiecewiseLinear extends Interpolation {
    PiecewiseLinear(double[] knots, double[] places) {
        super(knots, places);
    }

    @Override
    void evaluate(double[] column, double[] into) {
        for (int i = 0; i < pieces.length; i++) {
            int piece = pieces[i];
            double t = offsets[i];
            double width = knots[piece + 1] - knots[piece];
            if (t <= 0) {
                into[i] = column[piece];
            } else if (t >= width) {
                into[i] = column[piece + 1];
            } else {
                into[i] = column[piece] + (column[piece + 1] - column[piece]) / width * t;
            }
        }
    }
}
