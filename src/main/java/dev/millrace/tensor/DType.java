package dev.millrace.tensor;

import org.jspecify.annotations.Nullable;

/**
 * Element type of a stored array. The code is the byte written into a blob header; it never changes. Values are
 * little-endian; {@code UINT16} and the narrow integers exist for storage only and are widened on the way to an engine.
 */
public enum DType {
    UINT8(1, 1),
    INT8(2, 1),
    /** One byte, 0 or 1. */
    BOOLEAN(3, 1),
    UINT16(4, 2),
    INT32(5, 4),
    INT64(6, 8),
    /** IEEE 754 binary16. */
    FLOAT16(7, 2),
    FLOAT32(8, 4),
    FLOAT64(9, 8);

    private static final @Nullable DType[] BY_CODE = new @Nullable DType[10];

    static {
        for (DType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;
    private final int sizeBytes;

    DType(int code, int sizeBytes) {
        this.code = code;
        this.sizeBytes = sizeBytes;
    }

    /** Bytes of one element. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the values are IEEE 754 numbers. */
    public boolean isFloating() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64;
    }

    int code() {
        return code;
    }

    static @Nullable DType byCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
