package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.millrace.exafs.KGrid;

/**
 * χ(k) by the EXAFS equation, with amplitude and phase that are smooth functions of k.
 *
 * <pre>
 *   χ(k) = s · N / (R² √(k² + 1)) · ( a(k) sin 2kR + b(k) cos 2kR )      a, b = Σ c_j B_j(k)
 * </pre>
 *
 * <p>a and b are amplitude and phase in one, so that neither has to be unwrapped; they change slowly where χ turns 2R times as fast.
 * B_j are bells that add up to 1, closer together at small k, where the phase bends most. Immutable, thread-safe.
 */
final class ChiSeries {
    /** How much closer bells are at small k. */
    private static final double CROWDING = 1.5;
    /** Of nothing nearer than this, in Å, does χ know. */
    private static final double NEAREST = 0.5;

    private final double[] k;
    private final double[] bells;
    private final int count;
    private final double amplitude;

    ChiSeries(KGrid grid, int count, double amplitude) {
        this.k = grid.toArray();
        this.count = count;
        this.amplitude = amplitude;
        this.bells = bells(k, count);
    }

    /** Numbers that {@link #of} takes for each path. */
    int coefficients() {
        return 2 * count;
    }

    private static double[] bells(double[] k, int count) {
        double first = k[0];
        double span = Math.max(k[k.length - 1] - first, 1e-6);
        double[] values = new double[count * k.length];
        for (int i = 0; i < k.length; i++) {
            double total = 0;
            for (int j = 0; j < count; j++) {
                double centre = first + span * Math.pow((double) j / (count - 1), CROWDING);
                double next = first + span * Math.pow((j + 1.0) / (count - 1), CROWDING);
                double distance = (k[i] - centre) / (next - centre);
                values[j * k.length + i] = Math.exp(-distance * distance);
                total += values[j * k.length + i];
            }
            for (int j = 0; j < count; j++) {
                values[j * k.length + i] /= total;
            }
        }
        return values;
    }

    /**
     * Coefficients {@code [N, 2 · functions]}, half lengths in Å {@code [N, 1]} and degeneracies {@code [N, 1]} → χ {@code [N, n_k]}.
     */
    NDArray of(NDArray coefficients, NDArray halfLength, NDArray degeneracy) {
        NDArray functions = constant(coefficients, bells, count, k.length);
        NDArray sines = coefficients.get(new NDIndex(":, :" + count)).matMul(functions);
        NDArray cosines = coefficients.get(new NDIndex(":, " + count + ":")).matMul(functions);
        double[] doubled = new double[k.length];
        double[] envelope = new double[k.length];
        for (int i = 0; i < k.length; i++) {
            doubled[i] = 2 * k[i];
            envelope[i] = amplitude / Math.sqrt(k[i] * k[i] + 1);
        }
        NDArray turn = halfLength.matMul(constant(coefficients, doubled, 1, k.length));
        NDArray strength = degeneracy
                .div(halfLength.maximum(NEAREST).square())
                .matMul(constant(coefficients, envelope, 1, k.length));
        return sines.mul(turn.sin()).add(cosines.mul(turn.cos())).mul(strength);
    }

    /** A matrix in memory of the engine, of the type, on the device and the manager of another array. */
    static NDArray constant(NDArray like, double[] values, int rows, int columns) {
        return Constants.column(like.getManager(), like.getDevice(), like.getDataType(), values)
                .reshape(rows, columns);
    }
}
