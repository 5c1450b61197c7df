package dev.millrace.tensor;

/** Reads a header field by field, checking each before the next one is used. */
final class BlobHeaderParser {
    private final byte[] bytes;
    private final int start;
    private final int limit;
    private int at;

    BlobHeaderParser(byte[] bytes, int start, int limit) {
        this.bytes = bytes;
        this.start = start;
        this.limit = limit;
        this.at = start;
    }

    TensorBlob parse() {
        int version = next("version");
        if (version != TensorCodec.VERSION_1) {
            throw fault("expected version byte 0xa1, found 0x" + Integer.toHexString(version));
        }
        int typeCode = next("dtype");
        DType type = DType.byCode(typeCode);
        if (type == null) {
            throw fault("expected a dtype code 1..9, found " + typeCode);
        }
        Compression compression = compression(next("compression"));
        int rank = next("rank");
        if (rank > TensorCodec.MAX_RANK) {
            throw fault("expected at most " + TensorCodec.MAX_RANK + " dimensions, found " + rank);
        }
        int[] shape = new int[rank];
        long count = 1;
        for (int axis = 0; axis < rank; axis++) {
            shape[axis] = varint();
            count = count * shape[axis];
            // Checked each time, so that the product of 31-bit factors cannot overflow; a later 0 does not excuse
            // it.
            if (count > TensorCodec.MAX_RAW_BYTES) {
                throw fault("expected at most " + TensorCodec.MAX_RAW_BYTES + " bytes, found " + count + " elements");
            }
        }
        return body(type, compression, shape, (int) count);
    }

    private TensorBlob body(DType type, Compression compression, int[] shape, int count) {
        long rawLength = (long) count * type.sizeBytes();
        if (rawLength > TensorCodec.MAX_RAW_BYTES) {
            throw fault("expected at most " + TensorCodec.MAX_RAW_BYTES + " bytes, found " + rawLength);
        }
        long length = compression == Compression.NONE ? rawLength : varint();
        if (length > limit - at) {
            throw fault("expected a payload of " + length + " bytes, found " + (limit - at));
        }
        if (rawLength > compression.largestRawLength((int) length)) {
            throw fault(length + " compressed bytes cannot hold the declared " + rawLength);
        }
        return new TensorBlob(bytes, start, at, at + (int) length, type, compression, shape, count);
    }

    private Compression compression(int code) {
        return switch (code) {
            case 0 -> Compression.NONE;
            case 1 -> Compression.LZ4;
            default -> throw fault("expected a compression code 0..1, found " + code);
        };
    }

    private int next(String field) {
        if (at >= limit) {
            throw fault("the header ends before its " + field);
        }
        return bytes[at++] & 0xFF;
    }

    private int varint() {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int part = next("dimensions");
            value |= (long) (part & 0x7F) << shift;
            if (part < 0x80) {
                if (value > Integer.MAX_VALUE || (part == 0 && shift > 0)) {
                    throw fault("malformed dimension");
                }
                return (int) value;
            }
        }
        throw fault("malformed dimension");
    }

    private CorruptTensorException fault(String reason) {
        return new CorruptTensorException(reason, at - start);
    }
}
