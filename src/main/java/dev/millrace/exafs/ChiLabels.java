package dev.millrace.exafs;

import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;

/**
 * Writes kⁿ χ(k) of one row after the other. Immutable, thread-safe.
 *
 * @param weights kⁿ for each k; empty for n = 0
 * @param wide whether as float64
 */
record ChiLabels(double[] weights, boolean wide) {
    static ChiLabels of(KGrid grid, int weight, boolean wide) {
        double[] weights = weight == 0 ? new double[0] : grid.toArray();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.pow(weights[i], weight);
        }
        return new ChiLabels(weights, wide);
    }

    void put(TensorBlob chi, ByteBuffer out) {
        if (weights.length == 0 && (!wide || chi.type() == DType.FLOAT64)) {
            if (wide) {
                chi.putRaw(out);
            } else {
                chi.putFloats(out);
            }
            return;
        }
        double[] values = chi.toDoubles();
        for (int i = 0; i < values.length; i++) {
            double value = weights.length == 0 ? values[i] : weights[i] * values[i];
            if (wide) {
                out.putDouble(value);
            } else {
                out.putFloat((float) value);
            }
        }
    }
}
