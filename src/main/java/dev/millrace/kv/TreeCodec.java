package dev.millrace.kv;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@link Codecs#JSON} and {@link Codecs#CBOR}. */
record TreeCodec(Codecs.Format format, ObjectMapper mapper) implements Codec<JsonNode> {
    @Override
    public byte[] encode(JsonNode value) {
        try {
            return StrictGenerator.write(format, mapper, out -> JsonTree.write(value, out));
        } catch (JacksonException e) {
            throw CodecErrors.notEncodable(format, CodecErrors.reason(e) + ".", e);
        }
    }

    @Override
    public JsonNode decode(byte[] bytes) {
        requireCharacters(format, bytes);
        try (JsonParser parser = mapper.createParser(bytes)) {
            JsonTree.next(parser);
            JsonNode value = JsonTree.read(parser);
            JsonTree.requireEnd(parser);
            return value;
        } catch (JacksonException | ArithmeticException | NumberFormatException e) {
            throw CodecErrors.notDecodable(format, CodecErrors.reason(e) + ".", e);
        }
    }

    /**
     * Accepts exactly one document, without keeping it.
     *
     * @throws IllegalArgumentException for all that {@link #decode} refuses
     */
    void check(byte[] bytes) {
        requireCharacters(format, bytes);
        try {
            StrictMappers.requireOneDocument(mapper, bytes);
        } catch (JacksonException | ArithmeticException | NumberFormatException e) {
            throw CodecErrors.notDecodable(format, CodecErrors.reason(e) + ".", e);
        }
    }

    /** Jackson takes many sequences of bytes for UTF-8 that are none. */
    static void requireCharacters(Codecs.Format format, byte[] bytes) {
        CodecErrors.requireReadable(format, bytes);
        if (format == Codecs.Format.JSON) {
            TextCodec.requireUtf8(format, bytes);
            if (bytes.length > 2 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
                throw CodecErrors.notDecodable(format, "expected a document, found a byte order mark.", null);
            }
        }
    }
}
