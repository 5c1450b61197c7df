package dev.millrace.exafs;

import java.util.Arrays;

/**
 * The values of k at which χ is given, Å⁻¹. Immutable.
 *
 * <p>Two grids are equal if all their values are, bit for bit.
 */
public final class KGrid {
    /** 0, 0.05, … 20: 401 values, {@code 0.05 · i}. */
    public static final KGrid DEFAULT = of(0, 20, 0.05);

    private final double[] values;

    private KGrid(double[] values) {
        this.values = values;
    }

    /**
     * {@code kmin + i · kstep} for all i ≥ 0 up to kmax, which counts as reached within a hundredth of a step (as larch counts its
     * points).
     *
     * @throws IllegalArgumentException unless 0 ≤ kmin ≤ kmax and kstep > 0, or for more than 1,000,000 values
     */
    public static KGrid of(double kmin, double kmax, double kstep) {
        if (!(kmin >= 0 && kmin <= kmax && kstep > 0) || !((kmax - kmin) / kstep < 1e6)) {
            throw new IllegalArgumentException(
                    "k grid: expected 0 ≤ kmin ≤ kmax, kstep > 0 and at most 1,000,000 values," + " found kmin " + kmin
                            + ", kmax " + kmax + ", kstep " + kstep + ".");
        }
        double[] values = new double[(int) (1.01 + (kmax - kmin) / kstep)];
        for (int i = 0; i < values.length; i++) {
            values[i] = kmin + kstep * i;
        }
        return new KGrid(values);
    }

    /**
     * Any values.
     *
     * @throws IllegalArgumentException if there are none, or they are not finite and strictly increasing
     */
    public static KGrid of(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i]) || (i > 0 && values[i] <= values[i - 1])) {
                throw new IllegalArgumentException("k grid: expected finite, increasing values, found "
                        + (i > 0 ? values[i - 1] + " before " : "") + values[i] + " at position " + i + ".");
            }
        }
        if (values.length == 0) {
            throw new IllegalArgumentException("k grid: expected values, found none.");
        }
        return new KGrid(values.clone());
    }

    public int size() {
        return values.length;
    }

    public double get(int i) {
        return values[i];
    }

    /** A copy. */
    public double[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KGrid grid && Arrays.equals(values, grid.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "k " + values[0] + " … " + values[values.length - 1] + " Å⁻¹, " + values.length + " values";
    }
}
