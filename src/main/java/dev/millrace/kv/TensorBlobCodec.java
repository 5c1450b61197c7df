package dev.millrace.kv;

import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.util.Arrays;

/** {@link Codecs#TENSOR}. */
record TensorBlobCodec() implements Codec<TensorBlob> {
    @Override
    public Codecs.Format format() {
        return Codecs.Format.TENSOR;
    }

    @Override
    public byte[] encode(TensorBlob value) {
        int from = value.offset();
        return CodecErrors.requireStorable(
                format(), Arrays.copyOfRange(value.backingArray(), from, from + value.encodedLength()));
    }

    @Override
    public TensorBlob decode(byte[] bytes) {
        CodecErrors.requireReadable(format(), bytes);
        try {
            return TensorBlob.parse(bytes.clone());
        } catch (CorruptTensorException e) {
            throw CodecErrors.notDecodable(format(), e.reason() + " (offset " + e.offset() + ").", e);
        }
    }
}
