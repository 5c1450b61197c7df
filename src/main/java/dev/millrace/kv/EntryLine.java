package dev.millrace.kv;

import dev.millrace.kv.Codecs.Format;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * An entry as one line of JSON, without loss: the value has the same bytes when it comes back.
 *
 * <pre>
 *   {"namespace":N,"key":K,"format":"text","value":"…"}
 *   {"namespace":N,"key":K,"format":"json","value":…}           the document as it is stored, character by character
 *   {"namespace":N,"key":K,"format":"json","json_text":"…"}     a document with line breaks, or with blanks around it
 *   {"namespace":N,"key":K,"format":"bytes|cbor|tensor","base64":"…"}
 * </pre>
 */
record EntryLine(String namespace, String key, StoredValue value) {
    /** Most bytes of a line: text of control characters only, each of which takes six bytes, and its name. */
    static final int MAX_BYTES = 6 * KvStore.LARGEST_VALUE_BYTES + (1 << 20);

    private static final int MAX_STRING = KvStore.LARGEST_VALUE_BYTES / 3 * 4 + 4;
    private static final String EXPECTED =
            "expected an object of namespace, key, format, and one of value, json_text and base64";

    private static final JsonMapper LINES = JsonMapper.builder(JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(StrictMappers.constraints(StrictMappers.MAX_DEPTH + 1, MAX_STRING))
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET, StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    private static final TreeCodec JSON = new TreeCodec(Format.JSON, StrictMappers.JSON);
    private static final TreeCodec CBOR = new TreeCodec(Format.CBOR, StrictMappers.CBOR);

    /**
     * Writes the line with its end. Nothing is written if the value is not of its format.
     *
     * @throws IllegalArgumentException if the value is not of its format
     */
    void writeTo(OutputStream out) {
        byte[] bytes = value.bytes();
        check(value);
        try (JsonGenerator line = LINES.createGenerator(out)) {
            line.writeStartObject();
            line.writeStringProperty("namespace", namespace);
            line.writeStringProperty("key", key);
            line.writeStringProperty("format", value.format().toString());
            switch (value.format()) {
                case TEXT -> line.writeStringProperty("value", Codecs.TEXT.decode(bytes));
                case JSON -> {
                    String document = new String(bytes, StandardCharsets.UTF_8);
                    if (fitsIntoLine(bytes)) {
                        line.writeName("value");
                        line.writeRawValue(document);
                    } else {
                        line.writeStringProperty("json_text", document);
                    }
                }
                case BYTES, CBOR, TENSOR -> {
                    line.writeName("base64");
                    line.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, bytes, 0, bytes.length);
                }
            }
            line.writeEndObject();
            line.writeRaw('\n');
        }
    }

    private static boolean fitsIntoLine(byte[] document) {
        for (byte octet : document) {
            if (octet == '\n' || octet == '\r') {
                return false;
            }
        }
        // Blanks around a document would be those of the line.
        return !isBlank(document[0]) && !isBlank(document[document.length - 1]);
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    /**
     * Reads a line.
     *
     * @param line its bytes are the first {@code length}
     * @throws IllegalArgumentException if it is not such a line, saying what was expected
     */
    static EntryLine parse(byte[] line, int length) {
        int malformed = Utf8.malformedAt(line, 0, length);
        if (malformed >= 0) {
            throw new IllegalArgumentException("expected UTF-8, found other bytes at column " + (malformed + 1));
        }
        try (JsonParser parser = LINES.createParser(line, 0, length)) {
            Fields fields = new Fields();
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException(EXPECTED);
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                fields.read(parser, line);
            }
            JsonTree.requireEnd(parser);
            return fields.entry();
        } catch (JacksonException e) {
            String place =
                    e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException(
                    EXPECTED + ", found other JSON (" + CodecErrors.reason(e) + place + ")", e);
        }
    }

    /** What has been read of a line: its properties may come in any order. */
    private static final class Fields {
        private @Nullable String namespace;
        private @Nullable String key;
        private @Nullable Format format;
        /** Of a document, and of the text that may be one. */
        private byte @Nullable [] value;

        private boolean isString;
        private byte @Nullable [] jsonText;
        private byte @Nullable [] base64;

        void read(JsonParser parser, byte[] line) {
            String name = parser.currentName();
            JsonToken token = JsonTree.next(parser);
            if (name.equals("value")) {
                isString = token == JsonToken.VALUE_STRING;
                int from = offset(parser.currentTokenLocation().getByteOffset());
                parser.skipChildren();
                parser.finishToken();
                value = Arrays.copyOfRange(
                        line, from, offset(parser.currentLocation().getByteOffset()));
                return;
            }
            if (token != JsonToken.VALUE_STRING) {
                throw new IllegalArgumentException("expected a text as " + name + ", found " + token);
            }
            switch (name) {
                case "namespace" -> namespace = Keys.checked(name, parser.getString());
                case "key" -> key = Keys.checked(name, parser.getString());
                case "format" -> format = format(parser.getString());
                case "json_text" -> jsonText = Codecs.TEXT.encode(parser.getString());
                case "base64" -> base64 = parser.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS);
                default -> throw new IllegalArgumentException(EXPECTED + ", found '" + name + "'");
            }
        }

        private static int offset(long bytes) {
            return Math.toIntExact(bytes);
        }

        private static Format format(String name) {
            return Arrays.stream(Format.values())
                    .filter(each -> each.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "expected a format of " + Arrays.toString(Format.values()) + ", found '" + name + "'"));
        }

        EntryLine entry() {
            if (namespace == null || key == null || format == null) {
                throw new IllegalArgumentException(EXPECTED + ", found none of the name "
                        + (namespace == null ? "namespace" : key == null ? "key" : "format"));
            }
            StoredValue stored = new StoredValue(format, bytes(format));
            check(stored);
            return new EntryLine(namespace, key, stored);
        }

        private byte[] bytes(Format of) {
            byte[] plain = of == Format.JSON && jsonText != null ? jsonText : value;
            boolean isPlain = of == Format.TEXT || of == Format.JSON;
            int given = (value == null ? 0 : 1) + (jsonText == null ? 0 : 1) + (base64 == null ? 0 : 1);
            if (given != 1 || (isPlain ? plain : base64) == null) {
                throw new IllegalArgumentException("expected a value of format " + of + " as "
                        + (of == Format.TEXT ? "value" : of == Format.JSON ? "value or json_text" : "base64")
                        + " only, found " + (given == 0 ? "none" : "others"));
            }
            if (of == Format.TEXT) {
                return text(Objects.requireNonNull(value));
            }
            return Objects.requireNonNull(isPlain ? plain : base64);
        }

        private byte[] text(byte[] quoted) {
            if (!isString) {
                throw new IllegalArgumentException("expected a text as value of format text, found other JSON");
            }
            try (JsonParser parser = LINES.createParser(quoted)) {
                JsonTree.next(parser);
                return Codecs.TEXT.encode(parser.getString());
            }
        }
    }

    /** @throws IllegalArgumentException if the bytes of a value are not of its format */
    static void check(StoredValue value) {
        byte[] bytes = value.bytes();
        switch (value.format()) {
            case BYTES -> CodecErrors.requireReadable(Format.BYTES, bytes);
            case TEXT -> {
                CodecErrors.requireReadable(Format.TEXT, bytes);
                TextCodec.requireUtf8(Format.TEXT, bytes);
            }
            case JSON -> JSON.check(bytes);
            case CBOR -> CBOR.check(bytes);
            case TENSOR -> checkTensor(bytes);
        }
    }

    private static void checkTensor(byte[] bytes) {
        CodecErrors.requireReadable(Format.TENSOR, bytes);
        try {
            TensorBlob blob = TensorBlob.parse(bytes);
            if (blob.compression() != Compression.NONE) {
                blob.putRaw(
                        ByteBuffer.allocate(blob.elementCount() * blob.type().sizeBytes()));
            }
        } catch (CorruptTensorException e) {
            throw CodecErrors.notDecodable(Format.TENSOR, e.reason() + " (offset " + e.offset() + ").", e);
        }
    }
}
