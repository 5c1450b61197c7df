package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Compares back-propagated gradients with central differences of fourth order, in float64. */
final class GradientCheck {
    private static final double STEP = 2e-5;

    private GradientCheck() {}

    /**
     * The largest error of up to {@code perArray} random entries of every variable, relative to the larger of both
     * gradients and 1e-3 of the largest entry of all (a difference quotient has an absolute error, and some gradients are
     * 0: that of a bias before a batch normalization).
     */
    static double worstRelativeError(Supplier<NDArray> loss, List<NDArray> variables, int perArray, Random random) {
        for (NDArray variable : variables) {
            variable.setRequiresGradient(true);
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray value = loss.get();
            collector.backward(value);
        }
        List<double[]> gradients = new ArrayList<>();
        double largest = 0;
        for (NDArray variable : variables) {
            try (NDArray array = variable.getGradient()) {
                gradients.add(array.toDoubleArray());
            }
            variable.setRequiresGradient(false);
        }
        for (double[] gradient : gradients) {
            for (double entry : gradient) {
                largest = Math.max(largest, Math.abs(entry));
            }
        }
        assertThat(largest).as("largest gradient entry").isPositive();
        double worst = 0;
        for (int i = 0; i < variables.size(); i++) {
            double[] gradient = gradients.get(i);
            for (int n = 0; n < Math.min(perArray, gradient.length); n++) {
                int at = perArray >= gradient.length ? n : random.nextInt(gradient.length);
                double expected = difference(loss, variables.get(i), at);
                double scale = Math.max(Math.max(Math.abs(expected), Math.abs(gradient[at])), 1e-3 * largest);
                worst = Math.max(worst, Math.abs(expected - gradient[at]) / scale);
            }
        }
        return worst;
    }

    private static double difference(Supplier<NDArray> loss, NDArray variable, int at) {
        ByteBuffer window = Arrays64.window(variable);
        double before = window.getDouble(at * Double.BYTES);
        double[] values = new double[4];
        int[] steps = {-2, -1, 1, 2};
        for (int i = 0; i < 4; i++) {
            window.putDouble(at * Double.BYTES, before + steps[i] * STEP);
            values[i] = loss.get().getDouble();
        }
        window.putDouble(at * Double.BYTES, before);
        return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * STEP);
    }
}
