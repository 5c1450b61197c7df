package dev.millrace.kv;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.util.JsonGeneratorDelegate;
import tools.jackson.databind.ObjectMapper;

/**
 * Refuses what could be written but not be read back as what it was: NaN in JSON, which Jackson writes as a text or as
 * something that is no JSON, numbers that are longer than its parsers accept, and text that is put in unread.
 */
final class StrictGenerator extends JsonGeneratorDelegate {
    /** No number with more bits has as few digits as are accepted. */
    private static final int MAX_NUMBER_BITS = StrictMappers.MAX_NUMBER_LENGTH * 10 / 3;

    private final boolean json;

    private StrictGenerator(JsonGenerator delegate, boolean json) {
        super(delegate, false);
        this.json = json;
    }

    /** The bytes that {@code content} writes. */
    static byte[] write(Codecs.Format format, ObjectMapper mapper, Consumer<JsonGenerator> content) {
        Limited bytes = new Limited(format);
        try (JsonGenerator out = new StrictGenerator(mapper.createGenerator(bytes), format == Codecs.Format.JSON)) {
            content.accept(out);
        }
        return bytes.toByteArray();
    }

    /** Ends before memory does. */
    private static final class Limited extends ByteArrayOutputStream {
        private final Codecs.Format format;

        Limited(Codecs.Format format) {
            super(256);
            this.format = format;
        }

        @Override
        public synchronized void write(int octet) {
            requireRoom(1);
            super.write(octet);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            requireRoom(length);
            super.write(bytes, offset, length);
        }

        private void requireRoom(int more) {
            if (more > KvStore.LARGEST_VALUE_BYTES - count) {
                throw CodecErrors.notEncodable(
                        format,
                        "expected at most " + KvStore.LARGEST_VALUE_BYTES + " bytes, found more. Divide the value.",
                        null);
            }
        }
    }

    @Override
    public JsonGenerator writeNumber(double value) {
        requireFinite(value);
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(float value) {
        requireFinite(value);
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeArray(double[] values, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, values.length);
        for (int i = offset; i < offset + length; i++) {
            requireFinite(values[i]);
        }
        return super.writeArray(values, offset, length);
    }

    private void requireFinite(double value) {
        if (json && !Double.isFinite(value)) {
            throw new StreamWriteException(
                    this, "expected a finite number, found " + value + ", which JSON does not have. CBOR has it");
        }
    }

    @Override
    public JsonGenerator writeNumber(BigInteger value) {
        requireShort(value, value);
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(BigDecimal value) {
        requireShort(value.unscaledValue(), value);
        return super.writeNumber(value);
    }

    private void requireShort(BigInteger digits, Number value) {
        if (digits.bitLength() > MAX_NUMBER_BITS || value.toString().length() > StrictMappers.MAX_NUMBER_LENGTH) {
            throw new StreamWriteException(
                    this,
                    "expected a number of at most " + StrictMappers.MAX_NUMBER_LENGTH + " digits, found a longer one");
        }
    }

    @Override
    public JsonGenerator writeName(String name) {
        requireUnicode(name);
        return super.writeName(name);
    }

    @Override
    public JsonGenerator writeName(SerializableString name) {
        requireUnicode(name.getValue());
        return super.writeName(name);
    }

    @Override
    public JsonGenerator writeString(@Nullable String text) {
        if (text != null) {
            requireUnicode(text);
        }
        return super.writeString(text);
    }

    @Override
    public JsonGenerator writeString(SerializableString text) {
        requireUnicode(text.getValue());
        return super.writeString(text);
    }

    @Override
    public JsonGenerator writeString(char[] text, int offset, int length) {
        return writeString(new String(text, offset, length));
    }

    /* Jackson would write an escape, which it does not read again in a name. */
    private void requireUnicode(String text) {
        int half = Utf8.unpairedSurrogate(text);
        if (half >= 0) {
            throw new StreamWriteException(
                    this, "expected Unicode text, found half of a surrogate pair at index " + half);
        }
    }

    /* JSON would give back text. What is bound to types knows better; trees do not. */
    @Override
    public JsonGenerator writeEmbeddedObject(Object value) {
        if (!(value instanceof byte[] bytes) || json) {
            throw new StreamWriteException(
                    this,
                    "expected values that JSON has, found "
                            + (value instanceof byte[] ? "bytes. CBOR has them" : String.valueOf(value)));
        }
        return super.writeBinary(bytes);
    }

    @Override
    public JsonGenerator writeRaw(String text) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRaw(String text, int offset, int length) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRaw(SerializableString text) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRaw(char[] text, int offset, int length) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRaw(char c) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRawValue(String text) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRawValue(String text, int offset, int length) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRawValue(char[] text, int offset, int length) {
        throw unread();
    }

    @Override
    public JsonGenerator writeRawValue(SerializableString text) {
        throw unread();
    }

    private StreamWriteException unread() {
        return new StreamWriteException(this, "expected values, found raw text, which nobody has checked");
    }
}
