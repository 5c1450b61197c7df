package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Arrays owned by the engine and filled in place, as the loaders make them. */
final class Arrays64 {
    private Arrays64() {}

    static NDArray doubles(NDManager manager, Shape shape, double... values) {
        NDArray array = manager.create(shape, DataType.FLOAT64);
        if (values.length > 0) {
            window(array).asDoubleBuffer().put(values);
        }
        return array;
    }

    static NDArray floats(NDManager manager, Shape shape, float... values) {
        NDArray array = manager.create(shape, DataType.FLOAT32);
        if (values.length > 0) {
            window(array).asFloatBuffer().put(values);
        }
        return array;
    }

    static NDArray longs(NDManager manager, Shape shape, long... values) {
        NDArray array = manager.create(shape, DataType.INT64);
        if (values.length > 0) {
            window(array).asLongBuffer().put(values);
        }
        return array;
    }

    static NDArray random(NDManager manager, Random random, DataType type, long... shape) {
        Shape of = new Shape(shape);
        double[] values = random.doubles(of.size(), -1, 1).toArray();
        if (type == DataType.FLOAT64) {
            return doubles(manager, of, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return floats(manager, of, narrow);
    }

    static ByteBuffer window(NDArray array) {
        return array.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }
}
