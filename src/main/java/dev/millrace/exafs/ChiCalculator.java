package dev.millrace.exafs;

import org.jspecify.annotations.Nullable;

/**
 * χ(k) of single paths by the EXAFS equation, on one k grid and with one set of parameters.
 *
 * <p>With R the half length, p the complex momentum, Φ the phase and A the amplitude of the file, read at q = √(k² − E₀·2mₑ/ħ²):
 *
 * <pre>
 *   p² = (Re p + i/λ)² + i·Eᵢ·2mₑ/ħ²
 *   χ̃  = N·S₀²·A / (q·(R + ΔR)²) · exp(−2R·Im p − 2p²·(σ² − p²·C₄/3) + i·[2qR + Φ + 2p·(ΔR − 2σ²/R − 2p²·C₃/3)])
 *   χ  = Im χ̃
 * </pre>
 *
 * <p>Where q would be zero, q² is 10⁻⁶. q is negative where k² &lt; E₀·2mₑ/ħ². Beyond the rows of the file a cubic spline goes on by
 * its last piece, which soon means nothing: ask {@link #covers}. The first value is extrapolated from the next two.
 *
 * <p>The same input gives the same bits on every machine. Make it once and use it for many paths: what depends on the grid alone is
 * kept. One thread at a time.
 */
public final class ChiCalculator {
    /** ħ²/2mₑ in eV·Å² (CODATA 2018): E = k² · this. */
    public static final double ENERGY_OF_K_SQUARED = 3.8099821161548597;

    /** 2mₑ/ħ² in 1/(eV·Å²). */
    static final double K_SQUARED_OF_ENERGY = 0.2624684236075176;

    private static final double SMALL = 1e-6;

    private final ChiParameters parameters;
    private final KGrid grid;
    /** What the columns of a file are read at. */
    private final double[] q;

    private final double[] phase;
    private final double[] amplitude;
    private final double[] momentum;
    private final double[] meanFreePath;
    private @Nullable Interpolation interpolation;

    public ChiCalculator(ChiParameters parameters, KGrid grid) {
        this.parameters = parameters;
        this.grid = grid;
        int n = grid.size();
        q = q(grid, parameters.e0());
        phase = new double[n];
        amplitude = new double[n];
        momentum = new double[n];
        meanFreePath = new double[n];
    }

    public ChiParameters parameters() {
        return parameters;
    }

    public KGrid grid() {
        return grid;
    }

    /** Whether the rows of a file reach over all of the grid, so that nothing is extrapolated. */
    public boolean covers(FeffArrays arrays) {
        double[] k = arrays.k();
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double place : q) {
            least = Math.min(least, place);
            most = Math.max(most, place);
        }
        // The first place is q = 10⁻³ at k = 0; the last may miss the last row by rounding.
        return least >= k[0] - SMALL && most <= k[k.length - 1] + SMALL;
    }

    /**
     * χ of a path with the degeneracy of its file, unless the parameters give another.
     *
     * @throws ArithmeticException if a value is not finite, which only columns that no FEFF printed lead to
     */
    public PathChi calculate(FeffPath path) {
        return calculate(path.arrays(), path.degeneracy(), path.halfLength());
    }

    /**
     * χ of a path from its columns.
     *
     * @param degeneracy N, unless the parameters give another
     * @param halfLength reff, Å
     * @throws IllegalArgumentException if the half length is below 0.05 Å
     * @throws ArithmeticException if a value is not finite, which only columns that no FEFF printed lead to
     */
    public PathChi calculate(FeffArrays arrays, double degeneracy, double halfLength) {
        if (!(halfLength >= FeffFile.LEAST_HALF_LENGTH)) {
            throw new IllegalArgumentException("χ(k): expected a half length of at least " + FeffFile.LEAST_HALF_LENGTH
                    + " Å, found " + halfLength + ".");
        }
        interpolate(arrays);
        Double given = parameters.degeneracy();
        double[] chi = new double[q.length];
        double[] imaginary = new double[q.length];
        equation(given == null ? degeneracy : given, halfLength, chi, imaginary);
        if (parameters.extrapolatesFirst() && q.length > 2) {
            chi[0] = 2 * chi[1] - chi[2];
            imaginary[0] = 2 * imaginary[1] - imaginary[2];
        }
        requireFinite(chi);
        requireFinite(imaginary);
        return new PathChi(chi, imaginary);
    }

    private void equation(double degeneracy, double halfLength, double[] chi, double[] imaginary) {
        double longer = halfLength + parameters.deltar();
        double scale = degeneracy * parameters.s02();
        double square = longer * longer;
        double sigma2 = parameters.sigma2();
        double third = parameters.third() * 2 / 3;
        double fourth = parameters.fourth() / 3;
        double shift = parameters.deltar() - 2 * sigma2 / halfLength;
        double loss = parameters.ei() * K_SQUARED_OF_ENERGY;
        for (int i = 0; i < q.length; i++) {
            double width = 1 / meanFreePath[i];
            // p² and p, its root in the right half plane.
            double a = momentum[i] * momentum[i] - width * width;
            double b = 2 * momentum[i] * width + loss;
            double root = Math.sqrt((Math.abs(a) + Math.sqrt(a * a + b * b)) / 2);
            double other = root == 0 ? 0 : b / (2 * root);
            double c = a >= 0 ? root : Math.abs(other);
            double d = a >= 0 ? other : Math.copySign(root, b);
            // p²·(σ² − p²·C₄/3)
            double u = sigma2 - a * fourth;
            double v = -b * fourth;
            double damping = a * u - b * v;
            double turning = a * v + b * u;
            // p·(ΔR − 2σ²/R − 2p²·C₃/3)
            u = shift - a * third;
            v = -b * third;
            double real = 2 * q[i] * halfLength + phase[i] + 2 * (c * u - d * v);
            double exponent = -2 * halfLength * d - 2 * damping - 2 * (c * v + d * u);
            double angle = real - 2 * turning;
            // StrictMath: the same bits on every machine and at every stage of compilation.
            double size = scale * amplitude[i] * StrictMath.exp(exponent) / (q[i] * square);
            chi[i] = size * StrictMath.sin(angle);
            imaginary[i] = -size * StrictMath.cos(angle);
        }
    }

    /** Reads the columns at q. */
    private void interpolate(FeffArrays arrays) {
        Interpolation read = interpolation;
        if (read == null || !read.isOver(arrays.k())) {
            read = parameters.interpolation() == ChiParameters.Interpolation.CUBIC
                    ? new CubicSpline(arrays.k(), q)
                    : new PiecewiseLinear(arrays.k(), q);
            interpolation = read;
        }
        int rows = arrays.size();
        double[] column = new double[rows];
        for (int i = 0; i < rows; i++) {
            column[i] = arrays.realPhase()[i] + arrays.phase()[i];
        }
        read.evaluate(column, phase);
        for (int i = 0; i < rows; i++) {
            column[i] = arrays.magnitude()[i] * arrays.reduction()[i];
        }
        read.evaluate(column, amplitude);
        read.evaluate(arrays.realMomentum(), momentum);
        read.evaluate(arrays.meanFreePath(), meanFreePath);
    }

    private static double[] q(KGrid grid, double e0) {
        double[] squares = new double[grid.size()];
        boolean small = false;
        for (int i = 0; i < squares.length; i++) {
            squares[i] = grid.get(i) * grid.get(i) - e0 * K_SQUARED_OF_ENERGY;
            small |= Math.abs(squares[i]) < SMALL;
        }
        for (int i = 0; i < squares.length; i++) {
            if (small && Math.abs(squares[i]) < 1.5 * SMALL) {
                squares[i] = SMALL;
            }
            squares[i] = Math.signum(squares[i]) * Math.sqrt(Math.abs(squares[i]));
        }
        return squares;
    }

    private static void requireFinite(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new ArithmeticException("χ(k): expected finite values, found " + values[i] + " at position " + i
                        + ": the columns of the path are not FEFF's, or the parameters are beyond all sense.");
            }
        }
    }

    /** Places and columns of the path computed last, in this order: q, phase, amplitude, Re p, λ. For tests. */
    double[][] columns() {
        return new double[][] {q.clone(), phase.clone(), amplitude.clone(), momentum.clone(), meanFreePath.clone()};
    }
}
