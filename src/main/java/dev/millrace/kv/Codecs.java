package dev.millrace.kv;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The codecs there are. */
public final class Codecs {
    /** TEMP */
    public static final Codec<byte[]> BYTES = new Codec<>() {
        @Override
        public Format format() {
            return Format.BYTES;
        }

        @Override
        public byte[] encode(byte[] value) {
            return value.clone();
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes.clone();
        }
    };

    private Codecs() {}

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
