package dev.millrace.tensor;

/** Element type of a stored array. The code is the byte written into a blob header; it never changes. */
public enum DType {
    UINT8(1, 1),
    INT8(2, 1),
    BOOLEAN(3, 1),
    UINT16(4, 2),
    INT32(5, 4),
    INT64(6, 8),
    FLOAT16(7, 2),
    FLOAT32(8, 4),
    FLOAT64(9, 8);

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

    int code() {
        return code;
    }
}
