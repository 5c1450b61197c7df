package dev.millrace.kv;

/** {@link Codecs#BYTES}. */
record BytesCodec() implements Codec<byte[]> {
    @Override
    public Codecs.Format format() {
        return Codecs.Format.BYTES;
    }

    @Override
    public byte[] encode(byte[] value) {
        return CodecErrors.requireStorable(format(), value).clone();
    }

    @Override
    public byte[] decode(byte[] bytes) {
        CodecErrors.requireReadable(format(), bytes);
        return bytes.clone();
    }
}
