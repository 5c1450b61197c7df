package dev.millrace.exafs;

import java.nio.file.Path;
import java.util.Arrays;

/** Carries χ from one k grid to another. Stateless. */
public final class Regrid {
    /** A place beyond an end by so much, Å⁻¹, is at that end: grids are computed by different sums of steps. */
    private static final double NEAR = 1e-9;

    private Regrid() {}

    /**
     * χ on another grid, by a cubic spline with not-a-knot ends; on the same grid, a copy, bit for bit.
     *
     * @param k at least four values, strictly increasing
     * @param chi one finite value for each
     * @throws IllegalArgumentException if the grid reaches beyond k, or the input has no such form
     */
    public static double[] onto(double[] k, double[] chi, KGrid grid) {
        if (k.length != chi.length) {
            throw new IllegalArgumentException(
                    "χ(k): expected one value for each k, found " + chi.length + " for " + k.length + ".");
        }
        KGrid own = KGrid.of(k);
        for (int i = 0; i < chi.length; i++) {
            if (!Double.isFinite(chi[i])) {
                throw new IllegalArgumentException(
                        "χ(k): expected finite values, found " + chi[i] + " at k " + k[i] + ".");
            }
        }
        if (own.equals(grid)) {
            return chi.clone();
        }
        double[] places = grid.toArray();
        double first = k[0];
        double last = k[k.length - 1];
        if (!isWithin(own, grid)) {
            throw new IllegalArgumentException("χ(k): expected a grid within k " + first + " … " + last
                    + " Å⁻¹, where χ is given, found " + grid + ".");
        }
        double[] values = new double[places.length];
        new CubicSpline(k, places).evaluate(chi, values);
        // A knot has its own value, not one that went through a polynomial.
        for (int i = 0; i < places.length; i++) {
            int knot = Arrays.binarySearch(k, places[i]);
            if (knot >= 0) {
                values[i] = chi[knot];
            }
        }
        return values;
    }

    /**
     * Says early, and as what it is, that a database has no χ for a grid.
     *
     * @throws UnavailableChiException if the grid reaches beyond the one that is stored
     */
    static void requireWithin(KGrid stored, KGrid grid, Path file) {
        if (!isWithin(stored, grid)) {
            throw new UnavailableChiException("Cannot interpolate χ: expected a grid within " + stored
                    + ", where χ is stored, found " + grid + " (" + file
                    + "). Build the database with FEFF's columns, or read the files with --input-dir.");
        }
    }

    private static boolean isWithin(KGrid own, KGrid grid) {
        return grid.get(0) >= own.get(0) - NEAR && grid.get(grid.size() - 1) <= own.get(own.size() - 1) + NEAR;
    }
}
