package dev.millrace.exafs;

/**
 * Sum, mean and spread of curves that come one after another, in memory that does not grow with their number. The sum is added up
 * in their order; the spread by Welford's method, which does not cancel. One thread at a time.
 */
final class RunningMean {
    private final double[] sum;
    private final double[] mean;
    private final double[] squares;
    private long count;

    RunningMean(int size) {
        sum = new double[size];
        mean = new double[size];
        squares = new double[size];
    }

    void add(double[] curve) {
        count++;
        for (int i = 0; i < sum.length; i++) {
            double value = curve[i];
            sum[i] += value;
            double delta = value - mean[i];
            mean[i] += delta / count;
            squares[i] += delta * (value - mean[i]);
        }
    }

    long count() {
        return count;
    }

    double[] sum() {
        return sum.clone();
    }

    /** The mean over {@code total ≥ count} curves of which those not added are zero everywhere. */
    double[] mean(long total) {
        double[] result = sum.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] /= total;
        }
        return result;
    }

    /** The standard error of {@link #mean}, s/√total with total − 1 degrees of freedom; NaN for less than two curves. */
    double[] standardError(long total) {
        double[] result = new double[sum.length];
        double zeros = (double) total - count;
        for (int i = 0; i < result.length; i++) {
            // Squares around the mean of all: those around the own mean, and what the zeros move it by.
            double all = squares[i] + mean[i] * mean[i] * count * zeros / total;
            result[i] = total < 2 ? Double.NaN : Math.sqrt(all / (total - 1.0) / total);
        }
        return result;
    }
}
