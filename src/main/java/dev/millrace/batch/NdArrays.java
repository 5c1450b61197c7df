package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.Internal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Makes arrays in the engine's own memory and fills them in place. Arrays made from Java buffers or Java arrays are not
 * used: a view of one that outlives it reads freed memory and ends the JVM.
 */
@Internal
public final class NdArrays {
    private NdArrays() {}

    /**
     * Makes an array whose window {@code fill} writes.
     *
     * @param fill gets exactly the bytes of the array, little-endian, from position 0; must not keep the buffer
     */
    public static NDArray filled(NDManager manager, Shape shape, DataType type, Consumer<ByteBuffer> fill) {
        NDArray array = empty(manager, shape, type);
        if (shape.size() > 0) {
            fill.accept(bytes(array));
        }
        return array;
    }

    /** Makes an array of undefined contents, for who fills several together through {@link #bytes}. */
    public static NDArray empty(NDManager manager, Shape shape, DataType type) {
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, UINT8, INT8, INT32, INT64, BOOLEAN -> manager.create(shape, type);
            default ->
                throw new IllegalArgumentException("Expected a dtype that the engine knows, found " + type + ".");
        };
    }

    /** The bytes of an array, little-endian, from position 0; valid as long as the array is open. */
    public static ByteBuffer bytes(NDArray array) {
        ByteBuffer bytes = array.size() == 0 ? ByteBuffer.allocate(0) : array.toByteBuffer(true);
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Gives an array the name that others know it by; returns it. */
    public static NDArray named(String name, NDArray array) {
        array.setName(name);
        return array;
    }
}
