package dev.millrace.kv;

import java.nio.charset.StandardCharsets;

/** {@link Codecs#TEXT}. */
record TextCodec() implements Codec<String> {
    @Override
    public Codecs.Format format() {
        return Codecs.Format.TEXT;
    }

    @Override
    public byte[] encode(String value) {
        int half = Utf8.unpairedSurrogate(value);
        if (half >= 0) {
            throw CodecErrors.notEncodable(
                    format(),
                    "expected Unicode text, found half of a surrogate pair at index " + half
                            + ". Store it as bytes if that is meant.",
                    null);
        }
        return CodecErrors.requireStorable(format(), value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String decode(byte[] bytes) {
        CodecErrors.requireReadable(format(), bytes);
        requireUtf8(format(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static void requireUtf8(Codecs.Format format, byte[] bytes) {
        int malformed = Utf8.malformedAt(bytes, 0, bytes.length);
        if (malformed >= 0) {
            throw CodecErrors.notDecodable(
                    format, "expected UTF-8, found other bytes at offset " + malformed + ".", null);
        }
    }
}
