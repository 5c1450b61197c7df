package dev.millrace.chart;

import java.util.Arrays;

/** Points to connect; NaN lifts the pen. One thread at a time. */
final class Trace {
    private double[] x = new double[64];
    private double[] y = new double[64];
    private int size;

    void add(double placeX, double placeY) {
        if (size == x.length) {
            x = Arrays.copyOf(x, size * 2);
            y = Arrays.copyOf(y, size * 2);
        }
        x[size] = placeX;
        y[size++] = placeY;
    }

    void lift() {
        add(Double.NaN, Double.NaN);
    }

    int size() {
        return size;
    }

    double x(int point) {
        return x[point];
    }

    double y(int point) {
        return y[point];
    }

    boolean isGap(int point) {
        return Double.isNaN(y[point]);
    }
}
