package dev.millrace.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the tests of this package share. */
final class Blobs {
    private Blobs() {}

    static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The elements in their stored type. */
    static byte[] rawBytes(TensorBlob blob) {
        ByteBuffer target = little(blob.elementCount() * blob.type().sizeBytes());
        blob.putRaw(target);
        return target.array();
    }
}
