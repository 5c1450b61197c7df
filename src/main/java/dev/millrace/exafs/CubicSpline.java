package dev.millrace.exafs;

/**
 * The interpolating cubic spline with not-a-knot ends: the first two pieces are one polynomial, and so are the last two. Beyond its
 * ends it is continued by those. One thread at a time.
 */
final class CubicSpline extends Interpolation {
    static final int LEAST_KNOTS = 4;

    private final double[] widths;
    /** Of the elimination of the tridiagonal system for the second derivatives at the inner knots: above the diagonal, and 1 / pivot. */
    private final double[] upper;

    private final double[] inversePivot;
    private final double[] curvature;
    private final double[] slope;
    private final double[] third;

    /** @param knots at least four, strictly increasing */
    CubicSpline(double[] knots, double[] places) {
        super(knots, places);
        int n = knots.length;
        if (n < LEAST_KNOTS) {
            throw new IllegalArgumentException("Cubic spline: expected at least 4 rows, found " + n + ".");
        }
        widths = new double[n - 1];
        for (int i = 0; i < n - 1; i++) {
            widths[i] = knots[i + 1] - knots[i];
        }
        upper = new double[n];
        inversePivot = new double[n];
        curvature = new double[n];
        slope = new double[n - 1];
        third = new double[n - 1];
        for (int i = 1; i < n - 1; i++) {
            double pivot = diagonal(i) - (i > 1 ? below(i) * upper[i - 1] : 0);
            inversePivot[i] = 1 / pivot;
            upper[i] = i < n - 2 ? above(i) * inversePivot[i] : 0;
        }
    }

    /** Row i of the system, the curvatures at both ends replaced by what not-a-knot makes of them. */
    private double diagonal(int i) {
        double sum = 2 * (widths[i - 1] + widths[i]);
        int last = widths.length - 1;
        if (i == 1) {
            sum += widths[0] * (1 + widths[0] / widths[1]);
        }
        if (i == last) {
            sum += widths[last] * (1 + widths[last] / widths[last - 1]);
        }
        return sum;
    }

    private double above(int i) {
        return i == 1 ? widths[1] - widths[0] * widths[0] / widths[1] : widths[i];
    }

    private double below(int i) {
        int last = widths.length - 1;
        return i == last ? widths[last - 1] - widths[last] * widths[last] / widths[last - 1] : widths[i - 1];
    }

    @Override
    void evaluate(double[] column, double[] into) {
        fit(column);
        for (int i = 0; i < pieces.length; i++) {
            int piece = pieces[i];
            double t = offsets[i];
            into[i] = column[piece] + t * (slope[piece] + t * (0.5 * curvature[piece] + t * third[piece]));
        }
    }

    private void fit(double[] y) {
        int n = y.length;
        double before = (y[1] - y[0]) / widths[0];
        for (int i = 1; i < n - 1; i++) {
            double next = (y[i + 1] - y[i]) / widths[i];
            double right = 6 * (next - before) - (i > 1 ? below(i) * curvature[i - 1] : 0);
            curvature[i] = right * inversePivot[i];
            before = next;
        }
        for (int i = n - 3; i >= 1; i--) {
            curvature[i] -= upper[i] * curvature[i + 1];
        }
        int last = widths.length - 1;
        curvature[0] = curvature[1] - widths[0] / widths[1] * (curvature[2] - curvature[1]);
        curvature[n - 1] = curvature[n - 2] + widths[last] / widths[last - 1] * (curvature[n - 2] - curvature[n - 3]);
        for (int i = 0; i < n - 1; i++) {
            double width = widths[i];
            slope[i] = (y[i + 1] - y[i]) / width - width * (2 * curvature[i] + curvature[i + 1]) / 6;
            third[i] = (curvature[i + 1] - curvature[i]) / (6 * width);
        }
    }
}
