package dev.millrace.exafs;

import org.jspecify.annotations.Nullable;

/**
 * What χ(k) of a path depends on beside its file. Immutable.
 *
 * @param s02 amplitude reduction S₀²
 * @param e0 energy shift, eV
 * @param deltar change of the half path length, Å
 * @param sigma2 mean square displacement σ², Å²
 * @param third third cumulant, Å³
 * @param fourth fourth cumulant, Å⁴
 * @param ei imaginary energy, eV
 * @param degeneracy in place of the file's; null takes the file's
 * @param interpolation between the rows of the file
 * @param extrapolatesFirst whether the first value of χ is extrapolated from the next two, whatever its k is, as larch does
 */
public record ChiParameters(
        double s02,
        double e0,
        double deltar,
        double sigma2,
        double third,
        double fourth,
        double ei,
        @Nullable Double degeneracy,
        Interpolation interpolation,
        boolean extrapolatesFirst) {
    /** S₀² = 1, the file's degeneracy, cubic, all else 0. */
    public static final ChiParameters DEFAULT = new ChiParameters(1, 0, 0, 0, 0, 0, 0, null, Interpolation.CUBIC, true);

    /** How a file's columns are read between its rows. */
    public enum Interpolation {
        /** Cubic spline with not-a-knot ends, extrapolated by its end pieces. */
        CUBIC,
        /** Piecewise linear, clamped at both ends. */
        LINEAR
    }

    public ChiParameters {
        requireFinite("s02", s02);
        requireFinite("e0", e0);
        requireFinite("deltar", deltar);
        requireFinite("sigma2", sigma2);
        requireFinite("third", third);
        requireFinite("fourth", fourth);
        requireFinite("ei", ei);
        if (degeneracy != null) {
            requireFinite("degeneracy", degeneracy);
        }
    }

    /** As a JSON object, in the order of the record; what a database keeps. */
    public String toJson() {
        return ParameterText.of(this);
    }

    private static void requireFinite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("χ(k): expected a finite " + name + ", found " + value + ".");
        }
    }
}
