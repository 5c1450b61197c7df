package dev.millrace.exafs;

import java.util.Arrays;
import java.util.List;

/**
 * The mean of several chi.dat files at the values of k that all of them have: never of rows that happen to have the same number, as
 * one file may begin at k 0 and another at 0.05. Immutable by agreement: arrays are not copied.
 *
 * @param k Å⁻¹
 * @param chi the mean at each
 * @param standardError of the mean at each: s/√n; zeros for one file
 * @param files how many
 * @param rowsLeftOut rows in all files that other files lack
 */
public record ChiDatAverage(double[] k, double[] chi, double[] standardError, int files, long rowsLeftOut) {
    /** Values of k no further apart, Å⁻¹, are one: FEFF prints four decimals. */
    private static final double NEAR = 1e-6;

    /**
     * The mean at the common values of k.
     *
     * @throws IllegalArgumentException without files, or without a common k
     */
    public static ChiDatAverage of(List<ChiDat> files) {
        requireFiles(files);
        double[] k = files.get(0).k();
        for (ChiDat file : files) {
            k = common(k, file.k());
        }
        if (k.length == 0) {
            throw new IllegalArgumentException("Mean of chi.dat: expected values of k that all " + files.size()
                    + " files have, found none. Average on a grid instead.");
        }
        double[][] values = new double[files.size()][];
        long left = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = at(k, files.get(i));
            left += files.get(i).k().length - k.length;
        }
        return mean(k, values, left);
    }

    /**
     * The mean on a grid of choice, each file carried there by {@link Regrid}.
     *
     * @throws IllegalArgumentException without files, or if the grid reaches beyond one of them
     */
    public static ChiDatAverage onto(List<ChiDat> files, KGrid grid) {
        requireFiles(files);
        double[][] values = new double[files.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = Regrid.onto(files.get(i).k(), files.get(i).chi(), grid);
        }
        return mean(grid.toArray(), values, 0);
    }

    private static void requireFiles(List<ChiDat> files) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("Mean of chi.dat: expected a file or more, found none.");
        }
    }

    private static ChiDatAverage mean(double[] k, double[][] values, long left) {
        int n = values.length;
        double[] mean = new double[k.length];
        double[] error = new double[k.length];
        for (int i = 0; i < k.length; i++) {
            double sum = 0;
            for (double[] one : values) {
                sum += one[i];
            }
            mean[i] = sum / n;
            double squares = 0;
            for (double[] one : values) {
                squares += (one[i] - mean[i]) * (one[i] - mean[i]);
            }
            error[i] = n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
        }
        return new ChiDatAverage(k, mean, error, n, left);
    }

    private static double[] common(double[] left, double[] right) {
        return Arrays.stream(left).filter(k -> place(right, k) >= 0).toArray();
    }

    private static double[] at(double[] k, ChiDat file) {
        return Arrays.stream(k).map(one -> file.chi()[place(file.k(), one)]).toArray();
    }

    /** Where k is among increasing values; −1 if it is not. */
    private static int place(double[] values, double k) {
        int found = Arrays.binarySearch(values, k - NEAR);
        int place = found >= 0 ? found : -found - 1;
        return place < values.length && values[place] <= k + NEAR ? place : -1;
    }
}
