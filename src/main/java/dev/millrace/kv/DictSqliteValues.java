package dev.millrace.kv;

import dev.millrace.kv.Codecs.Format;
import java.nio.charset.StandardCharsets;

/** Decides what a value of a DictSQLite file is; its bytes stay as they are. */
final class DictSqliteValues {
    private static final TreeCodec JSON = new TreeCodec(Format.JSON, StrictMappers.JSON);
    private static final String FIRST_OF_JSON = "{[\"-0123456789tfn \t\r\n";

    private DictSqliteValues() {}

    /**
     * The format of a value.
     *
     * @throws IllegalArgumentException if it is refused, with the reason
     */
    static Format formatOf(byte[] value, DictSqliteMigration.Values kind) {
        if (kind == DictSqliteMigration.Values.BYTES) {
            return Format.BYTES;
        }
        int protocol = Pickles.protocol(value);
        if (protocol != Pickles.NONE) {
            throw new IllegalArgumentException("pickled by Python ("
                    + (protocol == Pickles.UNMARKED ? "protocol 0 or 1" : "protocol " + protocol)
                    + "), which nothing but Python reads, by running it");
        }
        return switch (kind) {
            case AUTO -> guess(value);
            case JSON -> {
                JSON.check(value);
                yield Format.JSON;
            }
            case TEXT -> {
                TextCodec.requireUtf8(Format.TEXT, value);
                yield Format.TEXT;
            }
            case BYTES -> Format.BYTES;
        };
    }

    private static Format guess(byte[] value) {
        if (value.length == 0 || Utf8.malformedAt(value, 0, value.length) >= 0) {
            return Format.BYTES;
        }
        return isJson(value) ? Format.JSON : isPrintable(value) ? Format.TEXT : Format.BYTES;
    }

    private static boolean isJson(byte[] value) {
        if (FIRST_OF_JSON.indexOf(value[0]) < 0) {
            return false;
        }
        try {
            JSON.check(value);
            return true;
        } catch (IllegalArgumentException other) {
            return false;
        }
    }

    private static boolean isPrintable(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8)
                .chars()
                .noneMatch(c -> Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r');
    }
}
