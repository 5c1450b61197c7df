package dev.millrace.kv;

import dev.millrace.tensor.TensorBlob;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * The codecs there are. What one of them encodes, it also decodes, at most {@value KvStore#LARGEST_VALUE_BYTES} bytes of it; whatever
 * else is refused with an {@link IllegalArgumentException}, on either way.
 */
public final class Codecs {
    /** Any bytes. Copied on both ways. */
    public static final Codec<byte[]> BYTES = new BytesCodec();

    /** Text in UTF-8. A half of a surrogate pair has no place in it and is refused, as are bytes that are no UTF-8. */
    public static final Codec<String> TEXT = new TextCodec();

    /**
     * One JSON document (RFC 8259) in UTF-8, without duplicate names, at most 1,000 levels deep. Numbers keep their values:
     * one that a double does not hold is read as a {@link java.math.BigDecimal}. The kind of a number is not stored, so that a
     * long 5 comes back as an int 5 and a float as a double of the same digits. Refused are NaN and the infinities, which JSON
     * does not have, nodes of binary data, which {@link #CBOR} has, nodes of other Java objects, and text that {@link #TEXT}
     * refuses.
     */
    public static final Codec<JsonNode> JSON = new TreeCodec(Format.JSON, StrictMappers.JSON);

    /** One CBOR item (RFC 8949): as {@link #JSON}, with NaN, infinities, floats and binary data. */
    public static final Codec<JsonNode> CBOR = new TreeCodec(Format.CBOR, StrictMappers.CBOR);

    /**
     * Tensors. The blob that is read views bytes of its own and is not changed by anybody who leaves
     * {@link TensorBlob#backingArray()} alone. Its header is checked here; a compressed payload when it is read.
     */
    public static final Codec<TensorBlob> TENSOR = new TensorBlobCodec();

    private Codecs() {}

    /**
     * Objects as JSON, by Jackson's data binding: records, lists, maps, numbers. The file says nothing of Java types; unknown
     * names are refused, and so are types whose annotations would store the names of classes. {@code null} is no value.
     */
    public static <T> Codec<T> json(Class<T> type) {
        return new BoundCodec<>(Format.JSON, StrictMappers.JSON, StrictMappers.JSON.constructType(type));
    }

    /** As {@link #json(Class)}, for types with parameters: {@code new TypeReference<List<String>>() {}}. */
    public static <T> Codec<T> json(TypeReference<T> type) {
        return new BoundCodec<>(Format.JSON, StrictMappers.JSON, StrictMappers.JSON.constructType(type));
    }

    /** As {@link #json(Class)}, in CBOR: smaller for numbers and bytes, and with NaN and the infinities. */
    public static <T> Codec<T> cbor(Class<T> type) {
        return new BoundCodec<>(Format.CBOR, StrictMappers.CBOR, StrictMappers.CBOR.constructType(type));
    }

    /** The codec that reads any value of a format. */
    static Codec<?> of(Format format) {
        return switch (format) {
            case BYTES -> BYTES;
            case TEXT -> TEXT;
            case JSON -> JSON;
            case CBOR -> CBOR;
            case TENSOR -> TENSOR;
        };
    }

    /** What the bytes of a value are. The codes are part of the file format and never change their meaning. */
    public enum Format {
        /** Any bytes. */
        BYTES(0),
        /** Text in UTF-8. */
        TEXT(1),
        /** One JSON document in UTF-8. */
        JSON(2),
        /** One CBOR item. */
        CBOR(3),
        /** One tensor blob of {@link dev.millrace.tensor.TensorCodec}. */
        TENSOR(4);

        private final int code;

        Format(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** Null for a code that this version does not know. */
        static @Nullable Format byCode(int code) {
            return code >= 0 && code < values().length ? values()[code] : null;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
