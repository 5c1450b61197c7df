package dev.millrace.model;

/** A linear function fitted by least squares to samples whose last feature is 1. One thread at a time. */
final class LeastSquares {
    /** Keeps the equations solvable where a feature never occurs. */
    private static final double RIDGE = 1e-6;

    private final int size;
    private final double ridge;
    private final double[][] products;
    private final double[] moments;
    private long count;

    /** @param size number of features, the constant 1 included */
    LeastSquares(int size) {
        this(size, RIDGE);
    }

    /** @param ridge penalty of squared weights, as a share of the number of samples */
    LeastSquares(int size, double ridge) {
        this.size = size;
        this.ridge = ridge;
        products = new double[size][size];
        moments = new double[size];
    }

    void add(double[] features, double label) {
        for (int i = 0; i < size; i++) {
            if (features[i] == 0) {
                continue;
            }
            moments[i] += features[i] * label;
            for (int j = 0; j <= i; j++) {
                products[i][j] += features[i] * features[j];
            }
        }
        count++;
    }

    /** Samples so far. */
    long count() {
        return count;
    }

    /** Mean of the labels. */
    double mean() {
        return moments[size - 1] / count;
    }

    /** The weights, by Cholesky's decomposition of the lower triangle. */
    double[] solve() {
        double[][] lower = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = products[i][j] + (i == j ? ridge * Math.max(count, 1) : 0);
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
        double[] solution = moments.clone();
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < i; k++) {
                solution[i] -= lower[i][k] * solution[k];
            }
            solution[i] /= lower[i][i];
        }
        for (int i = size - 1; i >= 0; i--) {
            for (int k = i + 1; k < size; k++) {
                solution[i] -= lower[k][i] * solution[k];
            }
            solution[i] /= lower[i][i];
        }
        return solution;
    }

    static double dot(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += one[i] * other[i];
        }
        return sum;
    }
}
