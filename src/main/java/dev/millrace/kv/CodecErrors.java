package dev.millrace.kv;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** What codecs refuse, in the same words. */
final class CodecErrors {
    private static final int LONGEST_REASON = 300;

    private CodecErrors() {}

    static IllegalArgumentException notEncodable(Codecs.Format format, String detail, @Nullable Throwable cause) {
        return new IllegalArgumentException("Cannot store a value as " + format + ": " + detail, cause);
    }

    static IllegalArgumentException notDecodable(Codecs.Format format, String detail, @Nullable Throwable cause) {
        return new IllegalArgumentException("Cannot read a value as " + format + ": " + detail, cause);
    }

    /** @throws IllegalArgumentException if a value takes more bytes than one may */
    static byte[] requireStorable(Codecs.Format format, byte[] bytes) {
        if (bytes.length > KvStore.LARGEST_VALUE_BYTES) {
            throw notEncodable(format, tooLarge(bytes.length), null);
        }
        return bytes;
    }

    /** @throws IllegalArgumentException if there are more bytes than a value may have */
    static void requireReadable(Codecs.Format format, byte[] bytes) {
        if (bytes.length > KvStore.LARGEST_VALUE_BYTES) {
            throw notDecodable(format, tooLarge(bytes.length), null);
        }
    }

    private static String tooLarge(long bytes) {
        return String.format(
                Locale.ROOT,
                "expected at most %,d bytes, found %,d. Divide the value.",
                KvStore.LARGEST_VALUE_BYTES,
                bytes);
    }

    /** What Jackson found, in one line and without the source. */
    static String reason(RuntimeException e) {
        String message = e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e.getMessage();
        String reason = message == null
                ? e.getClass().getSimpleName()
                : message.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        // Where that is it says in no useful words.
        reason = reason.replaceAll(" \\(start marker at \\[Source: .*\\]\\)", "");
        return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
    }
}
