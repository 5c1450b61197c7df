package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteOrder;

/** Small constant arrays in memory of the engine, which a view may safely outlive. */
final class Constants {
    private Constants() {}

    static NDArray longs(NDManager manager, Device device, long... values) {
        NDArray array = manager.create(new Shape(values.length), DataType.INT64, Device.cpu());
        array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asLongBuffer().put(values);
        return onDevice(array, manager, device);
    }

    /** A column {@code [values.length, 1]} of float32 or float64. */
    static NDArray column(NDManager manager, Device device, DataType type, double... values) {
        NDArray array = manager.create(new Shape(values.length, 1), DataType.FLOAT64, Device.cpu());
        array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asDoubleBuffer().put(values);
        if (type != DataType.FLOAT64) {
            NDArray narrow = array.toType(type, false);
            array.close();
            array = narrow;
        }
        return onDevice(array, manager, device);
    }

    private static NDArray onDevice(NDArray array, NDManager manager, Device device) {
        if (array.getDevice().equals(device)) {
            return array;
        }
        NDArray moved = array.toDevice(device, true);
        moved.attach(manager);
        array.close();
        return moved;
    }
}
