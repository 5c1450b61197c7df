package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Compares back-propagated gradients with central differences, in float64. */
final class GradientCheck {
    private static final double STEP = 1e-6;

    private GradientCheck() {}

    /**
     * The largest error of up to {@code perArray} random entries of every variable, relative to the larger of both
     * gradients and 1e-3 of the largest gradient entry (a difference quotient has an absolute error).
     */
    static double worstRelativeError(Supplier<NDArray> loss, List<NDArray> variables, int perArray, Random random) {
        for (NDArray variable : variables) {
            variable.setRequiresGradient(true);
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray value = loss.get();
            collector.backward(value);
        }
        double worst = 0;
        int checked = 0;
        for (NDArray variable : variables) {
            double[] gradient;
            try (NDArray array = variable.getGradient()) {
                gradient = array.toDoubleArray();
            }
            double largest = 0;
            for (double entry : gradient) {
                largest = Math.max(largest, Math.abs(entry));
            }
            variable.setRequiresGradient(false);
            for (int i = 0; i < Math.min(perArray, gradient.length); i++) {
                int at = perArray >= gradient.length ? i : random.nextInt(gradient.length);
                double expected = difference(loss, variable, at);
                double scale = Math.max(Math.max(Math.abs(expected), Math.abs(gradient[at])), 1e-3 * largest);
                if (scale > 1e-12) {
                    worst = Math.max(worst, Math.abs(expected - gradient[at]) / scale);
                    checked++;
                }
            }
            variable.setRequiresGradient(true);
        }
        for (NDArray variable : variables) {
            variable.setRequiresGradient(false);
        }
        assertThat(checked).as("entries with a gradient").isPositive();
        return worst;
    }

    private static double difference(Supplier<NDArray> loss, NDArray variable, int at) {
        ByteBuffer window = Arrays64.window(variable);
        double before = window.getDouble(at * Double.BYTES);
        window.putDouble(at * Double.BYTES, before + STEP);
        double above = loss.get().getDouble();
        window.putDouble(at * Double.BYTES, before - STEP);
        double below = loss.get().getDouble();
        window.putDouble(at * Double.BYTES, before);
        return (above - below) / (2 * STEP);
    }
}
