package dev.millrace.exafs;

import java.util.Arrays;

/**
 * Carries columns from the rows of one k grid to other places. What depends on the grid and the places alone is worked out once;
 * the result never depends on what was asked before. One thread at a time.
 */
abstract sealed class Interpolation permits CubicSpline, PiecewiseLinear {
    /** The grid, strictly increasing. */
    final double[] knots;
    /** For each place, the piece it is read from. */
    final int[] pieces;
    /** For each place, how far it is from the left end of its piece. */
    final double[] offsets;

    Interpolation(double[] knots, double[] places) {
        this.knots = knots.clone();
        pieces = new int[places.length];
        offsets = new double[places.length];
        int last = knots.length - 2;
        for (int i = 0; i < places.length; i++) {
            int found = Arrays.binarySearch(knots, places[i]);
            int piece = found >= 0 ? found : -found - 2;
            pieces[i] = Math.max(0, Math.min(last, piece));
            offsets[i] = places[i] - knots[pieces[i]];
        }
    }

    /** Whether the grid is this one. */
    final boolean isOver(double[] otherKnots) {
        return Arrays.equals(knots, otherKnots);
    }

    /** Reads a column, one value per knot, at all places. */
    abstract void evaluate(double[] column, double[] into);
}
