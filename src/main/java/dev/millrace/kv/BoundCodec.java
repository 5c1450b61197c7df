package dev.millrace.kv;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/** {@link Codecs#json(Class)} and {@link Codecs#cbor(Class)}. */
final class BoundCodec<T> implements Codec<T> {
    private final Codecs.Format format;
    private final ObjectMapper mapper;
    private final JavaType type;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    BoundCodec(Codecs.Format format, ObjectMapper mapper, JavaType type) {
        this.format = format;
        this.mapper = mapper;
        this.type = type;
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    @Override
    public Codecs.Format format() {
        return format;
    }

    @Override
    public byte[] encode(T value) {
        try {
            return StrictGenerator.write(format, mapper, out -> writer.writeValue(out, value));
        } catch (JacksonException e) {
            throw CodecErrors.notEncodable(format, value.getClass().getName() + ": " + CodecErrors.reason(e) + ".", e);
        }
    }

    @Override
    public T decode(byte[] bytes) {
        TreeCodec.requireCharacters(format, bytes);
        T value;
        try {
            value = reader.readValue(bytes);
        } catch (JacksonException | ArithmeticException | NumberFormatException e) {
            throw CodecErrors.notDecodable(format, type.toCanonical() + ": " + CodecErrors.reason(e) + ".", e);
        }
        if (value == null) {
            throw CodecErrors.notDecodable(format, "expected a " + type.toCanonical() + ", found null.", null);
        }
        return value;
    }
}
